#include "gateway/sip/library_guard.hpp"

#include <gtest/gtest.h>

#include "gateway/sip/sofia.hpp"
// After it:
#include <sofia-sip/su_addrinfo.h>

namespace sip2mail {
namespace {

// What stands in a packet of a stranger must not make the SIP thread wait for a name server.
TEST(LibraryGuard, TheLibraryLooksUpNoNames) {
  su_addrinfo_t* found = nullptr;
  EXPECT_NE(su_getaddrinfo("localhost", "5060", nullptr, &found), 0);
  ASSERT_EQ(su_getaddrinfo("127.0.0.1", "5060", nullptr, &found), 0);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->ai_family, AF_INET);
  su_freeaddrinfo(found);
}

}  // namespace
}  // namespace sip2mail
