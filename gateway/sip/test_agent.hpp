// gateway/sip/test_agent.hpp -- the SIP side of our test caller: an agent of its own that sends to one address.
//
// For one command, on its only thread; throws std::runtime_error with words for a URI that cannot be called.
#pragma once

#include <functional>
#include <string>

#include "gateway/sip/handles.hpp"
#include "gateway/sip/loop.hpp"
#include "src/base/network.hpp"

namespace sip2mail {

// Where a SIP URI leads: names are looked up by the system's resolver (A and AAAA, no SRV).
struct Destination {
  std::string uri;    // "sip:2001@gateway.example"
  std::string route;  // "sip:192.0.2.1:5060;transport=tcp"
  Endpoint peer;
  bool tcp = false;
};
[[nodiscard]] Destination find_destination(const std::string& uri);

class TestAgent {
 public:
  explicit TestAgent(const Destination& destination);
  TestAgent(const TestAgent&) = delete;
  TestAgent& operator=(const TestAgent&) = delete;

  [[nodiscard]] SipLoop& loop() { return loop_; }
  [[nodiscard]] nta_agent_t* agent() const { return agent_.get(); }
  [[nodiscard]] const Address& local() const { return local_; }
  [[nodiscard]] std::string contact() const;                        // "<sip:…>"
  [[nodiscard]] std::string from(const std::string& wanted) const;  // a From header: `wanted`, or one of our own

 private:
  Destination destination_;
  SipLoop loop_;
  Address local_;
  AgentHandle agent_;
};

// A final response in words: "200 OK", "no answer".
[[nodiscard]] std::string say_status(int status, const sip_t* response);

}  // namespace sip2mail
