#include "gateway/sip/request_reader.hpp"

#include <utility>

#include "gateway/base/sockets.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

std::string text(const char* string) {
  return string == nullptr ? std::string{} : std::string{string};
}

// Display names come with their quotes and backslashes (RFC 3261 25.1, quoted-string).
std::string unquoted(const char* display) {
  const std::string_view whole = trim(display == nullptr ? "" : display);
  if (whole.size() < 2 || whole.front() != '"' || whole.back() != '"') return std::string{whole};
  std::string out;
  for (std::size_t i = 1; i + 1 < whole.size(); ++i) {
    if (whole[i] == '\\' && i + 2 < whole.size()) ++i;
    out += whole[i];
  }
  return out;
}

Uri uri(const url_t& url) {
  Uri out{text(url.url_scheme), text(url.url_user), text(url.url_host)};
  if (equal_ignoring_case(out.scheme, "tel")) {  // visual separators mean nothing (RFC 3966 5.1.1)
    if (out.user.empty()) out.user = std::exchange(out.host, {});
    std::erase_if(out.user, [](char c) { return std::string_view{"-.() "}.find(c) != std::string_view::npos; });
  }
  return out;
}

NamedUri named(const char* display, const url_t& url) {
  return {unquoted(display), uri(url)};
}

constexpr std::size_t kMostDiversions = 20;

// The library does not know Diversion, but its values look like Contact's: [display] <uri> ;parameters, in lists.
void read_diversion(const char* value, std::vector<Diverter>& out) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  for (const sip_contact_t* entry = sip_contact_make(home, value); entry != nullptr && out.size() < kMostDiversions;
       entry = entry->m_next) {
    const char* reason = msg_params_find(entry->m_params, "reason=");
    out.push_back({uri(*entry->m_url), text(reason)});
  }
  su_home_deinit(home);
}

}  // namespace

Request read_request(const sip_t& sip, const Endpoint& source) {
  Request request;
  request.source = source;
  request.method = text(sip.sip_request->rq_method_name);
  request.request_uri = uri(*sip.sip_request->rq_url);
  if (sip.sip_from != nullptr) {
    request.from = named(sip.sip_from->a_display, *sip.sip_from->a_url);
    request.from_tag = text(sip.sip_from->a_tag);
  }
  if (sip.sip_to != nullptr) request.to = named(sip.sip_to->a_display, *sip.sip_to->a_url);
  if (const auto* asserted = sip_p_asserted_identity(&sip))
    request.asserted = named(asserted->paid_display, *asserted->paid_url);
  if (const auto* party = sip_remote_party_id(&sip)) {
    request.remote_party = named(party->rpid_display, *party->rpid_url);
    if (party->rpid_privacy != nullptr && lower(party->rpid_privacy) != "off") request.privacy = "id;";
  }
  if (const sip_privacy_t* privacy = sip.sip_privacy; privacy != nullptr && privacy->priv_values != nullptr) {
    for (auto value = privacy->priv_values; *value != nullptr; ++value) request.privacy += text(*value) + ";";
  }
  for (const sip_unknown_t* header = sip.sip_unknown; header != nullptr; header = header->un_next) {
    if (header->un_value != nullptr && equal_ignoring_case(text(header->un_name), "Diversion"))
      read_diversion(header->un_value, request.diversions);
  }
  if (sip.sip_call_id != nullptr) request.call_id = text(sip.sip_call_id->i_id);
  if (sip.sip_cseq != nullptr) request.cseq = sip.sip_cseq->cs_seq;
  if (const auto* type = sip.sip_content_type) {
    request.content_type = text(type->c_type);
    for (auto parameter = type->c_params; parameter != nullptr && *parameter != nullptr; ++parameter)
      request.content_type += ";" + text(*parameter);
  }
  if (const auto* encoding = sip.sip_content_encoding; encoding != nullptr && encoding->k_items != nullptr) {
    for (auto item = encoding->k_items; *item != nullptr; ++item)
      request.content_encoding += (request.content_encoding.empty() ? "" : ",") + text(*item);
  }
  request.body = body_of(sip);
  return request;
}

Endpoint source_of(msg_t* message) {
  const su_sockaddr_t* address = msg_addr(message);
  return from_sockaddr(&address->su_sa, static_cast<socklen_t>(sizeof *address)).value_or(Endpoint{});
}

std::string body_of(const sip_t& sip) {
  const sip_payload_t* payload = sip.sip_payload;
  if (payload == nullptr || payload->pl_data == nullptr) return {};
  return {payload->pl_data, payload->pl_len};
}

bool was_answered_elsewhere(const sip_t& sip) {
  for (const sip_reason_t* reason = sip.sip_reason; reason != nullptr; reason = reason->re_next) {
    const std::string protocol = lower(text(reason->re_protocol));
    const std::string cause = text(reason->re_cause);
    if ((protocol == "sip" && cause == "200") || (protocol == "q.850" && cause == "26")) return true;
  }
  return false;
}

}  // namespace sip2mail
