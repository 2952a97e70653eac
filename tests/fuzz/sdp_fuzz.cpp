// Reads anything as SDP and answers it: no crash, no growth, and what we answer can be read again.
// CXX=clang++ cmake -DSIP2MAIL_FUZZ=ON -DSIP2MAIL_SANITIZE=address …; build/sdp_fuzz -max_len=4096 tests/data/sdp
#include "tests/fuzz/sdp_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto broken = sip2mail::broken_sdp_property({reinterpret_cast<const char*>(data), size}); !broken.empty()) {
    std::fputs(broken.c_str(), stderr);
    std::abort();
  }
  return 0;
}
