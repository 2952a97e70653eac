// gateway/media/test_talk.hpp -- the sound of our test caller: hears the greeting out, then speaks in real time.
//
// One thread steps it every few milliseconds and is told the time. The other side has ended its greeting when nothing
// loud came for a while; one that never falls silent is spoken to after kLongestGreeting all the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/base/files.hpp"
#include "gateway/media/media_messages.hpp"
#include "gateway/media/player.hpp"

namespace sip2mail {

class TestTalk {
 public:
  static constexpr Delay kQuiet{800};
  static constexpr Delay kLongestGreeting{60'000};

  // Samples of PCM16 at 8 kHz.
  TestTalk(Fd socket, std::vector<std::int16_t> samples) : socket_{std::move(socket)}, samples_{std::move(samples)} {}

  void begin(const Endpoint& remote, Codec codec, std::uint8_t payload_type, Instant now);
  void step(Instant now);

  [[nodiscard]] bool speaks() const { return speaks_; }
  [[nodiscard]] bool done(Instant now) const { return speaks_ && player_.done(now); }
  [[nodiscard]] Delay heard() const { return heard_; }  // of sound that came
  [[nodiscard]] Delay spoken(Instant now) const;

 private:
  void hear(Instant now);

  Fd socket_;
  std::vector<std::int16_t> samples_;
  Endpoint remote_;
  Codec codec_ = Codec::pcmu;
  std::uint8_t payload_type_ = 0;
  Player player_;
  bool speaks_ = false;
  Instant began_{};
  Instant loud_at_{};
  Instant spoke_at_{};
  Delay heard_{0};
};

}  // namespace sip2mail
