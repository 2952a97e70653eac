// tests/gateway/sip/sip_bench.hpp -- a peer with a raw UDP socket, and a loop that is stepped until it has answered.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/sockets.hpp"
#include "gateway/sip/endpoint.hpp"

namespace sip2mail {

class SipPeer {
 public:
  explicit SipPeer(const char* address = "127.0.0.1") : socket_{*bind_udp({*Address::parse(address), 0})} {}

  [[nodiscard]] Endpoint local() const { return local_endpoint(socket_.get()); }
  void send(const std::string& bytes, const Endpoint& to) {
    const SocketAddress address = to_sockaddr(to);
    ::sendto(socket_.get(), bytes.data(), bytes.size(), 0, address.get(), address.length);
  }
  [[nodiscard]] std::optional<std::string> receive() {
    std::string bytes(65536, '\0');
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

  // A request with our Via; `more` are whole header lines.
  [[nodiscard]] std::string request(const std::string& method, const std::string& uri, const std::string& more = "",
                                    const std::string& body = "", const std::string& version = "SIP/2.0") const {
    const std::string serial = std::to_string(++serial_);
    return method + " " + uri + " " + version + "\r\nVia: SIP/2.0/UDP " + local().text() + ";rport;branch=z9hG4bK" +
           serial + "\r\nMax-Forwards: 70\r\nFrom: \"Taro\" <sip:0312345678@pbx>;tag=f" + serial +
           "\r\nTo: <sip:2001@gateway>\r\nCall-ID: c" + serial + "@pbx\r\nCSeq: 1 " + method +
           "\r\nContact: <sip:pbx@" + local().text() + ">\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  Fd socket_;
  mutable int serial_ = 0;
};

// Turns the loop until `done`, at most so long; false when the time was up.
template <class Done>
bool turn_until(SipLoop& loop, Done done, Delay bound = 5s) {
  const Instant end = now() + bound;
  while (!done()) {
    if (now() >= end) return false;
    su_root_step(loop.root(), 5);
  }
  return true;
}

inline std::string status_line(const std::string& response) {
  return response.substr(0, response.find("\r\n"));
}

}  // namespace sip2mail
