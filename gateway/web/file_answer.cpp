#include "gateway/web/file_answer.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>

#include "gateway/base/files.hpp"

namespace sip2mail {
namespace {

// httplib takes a range as it is asked for, also beyond the end. False: nothing of it is there (RFC 9110 14.1.2).
bool fit_ranges(httplib::Ranges& ranges, ssize_t size) {
  for (auto& [first, last] : ranges) {
    if (first >= size) return false;
    if (first < 0) last = std::min(last, size);  // so many from the end
    if (first >= 0 && last >= size) last = size - 1;
  }
  return true;
}

}  // namespace

void send_file(const httplib::Request& request, httplib::Response& response, const std::filesystem::path& path,
               const std::string& type) {
  std::shared_ptr<const Fd> file;
  struct stat facts {};
  try {
    file = std::make_shared<const Fd>(open_file(path, O_RDONLY | O_NOFOLLOW));
  } catch (const std::system_error&) {
  }
  if (!file || ::fstat(file->get(), &facts) != 0) {
    response.status = 404;
    return;
  }
  // httplib's own object, which it reads once more when the answer goes out.
  auto& ranges = const_cast<httplib::Request&>(request).ranges;
  if (!fit_ranges(ranges, facts.st_size)) {
    ranges.clear();
    response.status = 416;
    response.set_header("Content-Range", "bytes */" + std::to_string(facts.st_size));
    return;
  }
  response.set_header("Accept-Ranges", "bytes");
  response.set_content_provider(static_cast<std::size_t>(facts.st_size), type,
                                [file](std::size_t at, std::size_t length, httplib::DataSink& sink) {
                                  std::array<char, 64 * 1024> bytes;
                                  const ssize_t got = ::pread(file->get(), bytes.data(), std::min(length, bytes.size()),
                                                              static_cast<off_t>(at));
                                  if (got <= 0) return false;
                                  return sink.write(bytes.data(), static_cast<std::size_t>(got));
                                });
}

}  // namespace sip2mail
