// gateway/config/named_files.hpp -- options that name a file which must hold something now: certificates.
//
// Any thread; reads the disk. Throws BadValue.
#pragma once

#include <string>

namespace sip2mail {

// The path, if certificates (PEM) lie there.
[[nodiscard]] std::string parse_certificates(const std::string& path);

}  // namespace sip2mail
