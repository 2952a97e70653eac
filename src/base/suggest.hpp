// src/base/suggest.hpp -- "did you mean": the known word nearest to one that somebody typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sip2mail {

// The nearest of `known`, or "" when none is near: at most a third of its letters differ.
[[nodiscard]] std::string nearest(std::string_view typed, const std::vector<std::string>& known);

// " (did you mean NEAREST?)", or "" when none is near.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);

}  // namespace sip2mail
