// gateway/web/file_answer.hpp -- a file as the answer to a request, whole or the range that is asked for.
//
// On the server's thread that has the request; the file is read as it goes out and stays open until then. One that
// cannot be opened is 404, a range beyond it 416 (RFC 9110 14.2).
#pragma once

#include <filesystem>
#include <string>

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace sip2mail {

void send_file(const httplib::Request& request, httplib::Response& response, const std::filesystem::path& path,
               const std::string& type);

}  // namespace sip2mail
