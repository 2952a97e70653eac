// gateway/config/named_files.hpp -- options that name a file which must hold something now: a secret, certificates.
//
// Any thread; reads the disk. Throws BadValue; what a secret's file holds is in no error.
#pragma once

#include <string>

namespace sip2mail {

// What stands in the file, one newline at its end dropped.
[[nodiscard]] std::string read_secret(const std::string& path);
// The path, if certificates (PEM) lie there.
[[nodiscard]] std::string parse_certificates(const std::string& path);

}  // namespace sip2mail
