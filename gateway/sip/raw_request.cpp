#include "gateway/sip/raw_request.hpp"

#include <algorithm>

#include "gateway/sip/handles.hpp"
#include "gateway/sip/library_guard.hpp"
#include "gateway/sip/request_reader.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kLargest = 256 * 1024;

// Header lines end with CRLF, as on the wire; the body stays as it is. A copied trace often lost the empty line too.
std::string on_the_wire(std::string_view text) {
  std::string head;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() && head.empty()) continue;
    if (line.empty()) break;
    // What the file holds is the body, whatever the trace said of its length.
    const std::string name = lower(trim(line.substr(0, line.find(':'))));
    if (name != "content-length" && name != "l") head.append(line).append("\r\n");
  }
  return head + "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + std::string{text};
}

tl::unexpected<std::string> wrong(const char* why) {
  return tl::unexpected<std::string>{why};
}

}  // namespace

tl::expected<Request, std::string> read_raw_request(std::string_view bytes) {
  if (trim(bytes).empty()) return wrong("there is nothing in it");
  if (bytes.size() > kLargest) return wrong("it is larger than 256K");
  // P-Asserted-Identity and Remote-Party-ID are known to the extended parser only.
  static const msg_mclass_t* const parser = sip_extend_mclass(nullptr);
  const std::string wire = on_the_wire(bytes);
  const MessageHandle message{msg_make(parser, 0, wire.data(), static_cast<ssize_t>(wire.size()))};
  const sip_t* sip = message ? sip_object(message.get()) : nullptr;
  if (sip == nullptr || (sip->sip_request == nullptr && sip->sip_status == nullptr))
    return wrong("it is no SIP message");
  if (sip->sip_request == nullptr) return wrong("it is an answer, no request");
  if (library_guard::is_foreign_version(sip->sip_request->rq_version)) return wrong("it is not SIP/2.0");
  if (sip->sip_from == nullptr || sip->sip_to == nullptr) return wrong("it has no From or no To");
  return read_request(*sip, {});
}

}  // namespace sip2mail
