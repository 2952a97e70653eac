// gateway/sip/handles.hpp -- the library's handles as owners: each is released once, by its own function.
//
// SIP thread only. An incoming transaction that goes away unanswered answers 500 by itself (NTA).
#pragma once

#include <memory>

#include "gateway/sip/sofia.hpp"

namespace sip2mail {

template <auto Release>
struct Releaser {
  template <class T>
  void operator()(T* handle) const {
    Release(handle);
  }
};

using RootHandle = std::unique_ptr<su_root_t, Releaser<su_root_destroy>>;
using AgentHandle = std::unique_ptr<nta_agent_t, Releaser<nta_agent_destroy>>;
using LegHandle = std::unique_ptr<nta_leg_t, Releaser<nta_leg_destroy>>;
using IncomingHandle = std::unique_ptr<nta_incoming_t, Releaser<nta_incoming_destroy>>;
using MessageHandle = std::unique_ptr<msg_t, Releaser<msg_destroy>>;
using TransportHandle = std::unique_ptr<tport_t, Releaser<tport_unref>>;

}  // namespace sip2mail
