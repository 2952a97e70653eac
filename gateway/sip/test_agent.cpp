#include "gateway/sip/test_agent.hpp"

#include <netdb.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "gateway/base/sockets.hpp"
#include "gateway/sip/endpoint.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

int drop(SipEndpoint*, nta_agent_t*, msg_t* message, sip_t*) {
  msg_destroy(message);
  return 0;
}

Address look_up(const std::string& host) {
  if (const auto address = Address::parse(host)) return *address;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) throw std::runtime_error{host + " is not found: " + ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, Releaser<::freeaddrinfo>> list{found};
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (const auto endpoint = from_sockaddr(entry->ai_addr, entry->ai_addrlen)) return endpoint->address;
  }
  throw std::runtime_error{host + " has no IP address"};
}

}  // namespace

Destination find_destination(const std::string& uri) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  const std::string whole = uri.find(':') == std::string::npos || uri.find('@') < uri.find(':') ? "sip:" + uri : uri;
  const url_t* url = url_make(home, whole.c_str());
  const auto text = [](const char* part) { return part == nullptr ? std::string{} : std::string{part}; };
  if (url == nullptr || url->url_type != url_sip || text(url->url_host).empty()) {
    su_home_deinit(home);
    throw std::runtime_error{printable(uri, 200) + " is no address like sip:2001@192.0.2.1:5060"};
  }
  const std::string host = text(url->url_host);
  const std::string port = text(url->url_port);
  std::string transport = "udp";
  for (const std::string& parameter : split_list(lower(text(url->url_params)), ';')) {
    if (parameter.starts_with("transport=")) transport = parameter.substr(parameter.find('=') + 1);
  }
  su_home_deinit(home);
  if (transport != "udp" && transport != "tcp")
    throw std::runtime_error{"transport=" + printable(transport, 20) + " is neither udp nor tcp"};
  Destination destination{whole, "", {{}, 5060}, transport == "tcp"};
  if (!port.empty()) {
    const unsigned long number = std::strtoul(port.c_str(), nullptr, 10);
    if (number == 0 || number > 65535) throw std::runtime_error{printable(port, 20) + " is no port"};
    destination.peer.port = static_cast<std::uint16_t>(number);
  }
  destination.peer.address = look_up(host);
  destination.route = "sip:" + destination.peer.text() + (destination.tcp ? ";transport=tcp" : ";transport=udp");
  return destination;
}

TestAgent::TestAgent(const Destination& destination) : destination_{destination} {
  quiet_library();
  const auto local = local_address_towards(destination.peer);
  if (!local) throw std::runtime_error{"there is no route to " + destination.peer.address.text()};
  local_ = *local;
  const std::string here =
      "sip:" + local_.uri_host() + ":*;transport=" + (destination.tcp ? std::string{"tcp"} : std::string{"udp"});
  agent_.reset(nta_agent_create(loop_.root(), reinterpret_cast<url_string_t*>(-1), &drop, nullptr, NTATAG_UA(1),
                                NTATAG_UDP_MTU(65535), TAG_END()));
  if (!agent_ || nta_agent_add_tport(agent_.get(), URL_STRING_MAKE(here.c_str()), TPTAG_STUN_SERVER(0), TAG_END()) != 0)
    throw std::runtime_error{"cannot open a SIP port on " + local_.text()};
}

std::string TestAgent::contact() const {
  const tp_name_t* name = tport_name(tport_primaries(nta_agent_tports(agent_.get())));
  return "<sip:test@" + local_.uri_host() + ":" + name->tpn_port + (destination_.tcp ? ";transport=tcp>" : ">");
}

std::string TestAgent::from(const std::string& wanted) const {
  if (wanted.empty()) return "\"sip2mail test\" <sip:test@" + local_.uri_host() + ">";
  return wanted.find('<') == std::string::npos ? "<" + wanted + ">" : wanted;
}

std::string say_status(int status, const sip_t* response) {
  if (response == nullptr || response->sip_status == nullptr) return status == 408 ? "no answer" : "cannot be reached";
  std::string words = std::to_string(status) + " " + printable(response->sip_status->st_phrase, 200);
  for (const sip_warning_t* warning = response->sip_warning; warning != nullptr; warning = warning->w_next) {
    if (warning->w_text != nullptr) words += " (" + printable(warning->w_text, 300) + ")";
  }
  return words;
}

}  // namespace sip2mail
