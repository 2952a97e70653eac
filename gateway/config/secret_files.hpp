// gateway/config/secret_files.hpp -- secrets that lie in files of their own: KEY-file and SIP2MAIL_…_FILE.
//
// Part of load(): reads small files, on its thread. What cannot be read is an error of the layer, never a throw.
#pragma once

#include <functional>
#include <string_view>

#include "gateway/config/given.hpp"

namespace sip2mail {

// Each KEY-file of a secret becomes KEY with the content of that file, less one line end. `secret_behind` is that of
// options.hpp.
void read_secret_files(Layer& layer,
                       const std::function<std::string_view(std::string_view, std::string_view)>& secret_behind);

}  // namespace sip2mail
