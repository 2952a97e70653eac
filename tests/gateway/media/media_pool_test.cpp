#include "gateway/media/media_pool.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "gateway/base/clock.hpp"
#include "gateway/base/sockets.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {
namespace {

const Address kLoopback = *Address::parse("127.0.0.1");

// The real loops: some calls on two threads from the ACK to the sealed file.
TEST(MediaPool, RecordsCallsInItsThreads) {
  const TemporaryDirectory temporary;
  const std::filesystem::path& directory = temporary.path();
  Channel<MediaReport> reports;
  Health health;
  constexpr std::uint64_t calls = 8;
  {
    MediaPool pool{2, {}, reports, health};
    std::vector<Fd> peers;
    const auto beep = std::make_shared<const EncodedPrompt>(EncodedPrompt{{3, std::string(160, 'b')}});
    for (std::uint64_t call = 0; call < calls; ++call) {
      Fd peer = std::move(*bind_udp({kLoopback, 0}));
      SessionPlan plan;
      plan.remote = local_endpoint(peer.get());
      plan.signalling_peer = kLoopback;
      plan.send_at_once = true;
      plan.beep = beep;
      pool.order(OpenSession{CallId{call}, plan, std::move(*bind_udp({kLoopback, 0})),
                             std::move(*bind_udp({kLoopback, 0})), ItemId{},
                             open_file(directory / std::to_string(call), O_CREAT | O_WRONLY)});
      pool.order(PlayPrompts{CallId{call}});
      peers.push_back(std::move(peer));
    }
    std::set<CallId> sealed;
    const Instant bound = now() + 20s;
    while (sealed.size() < calls && now() < bound) {
      for (const MediaReport& report : reports.wait(bound)) {
        if (const auto* done = std::get_if<PromptDone>(&report)) pool.order(SealSession{done->call, false});
        if (const auto* seal = std::get_if<Sealed>(&report)) sealed.insert(seal->call);
      }
    }
    EXPECT_EQ(sealed.size(), calls);
    for (const Fd& peer : peers) {
      std::array<char, 500> buffer{};
      int frames = 0;
      while (::recv(peer.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) == 172) ++frames;
      EXPECT_EQ(frames, 3);
    }
  }
  for (std::uint64_t call = 0; call < calls; ++call)
    EXPECT_TRUE(read_wav_header(read_file(directory / std::to_string(call), kWavHeader), kWavHeader));
  EXPECT_TRUE(health.well());
}

TEST(MediaPool, StopsWithCallsStillOpen) {
  Channel<MediaReport> reports;
  Health health;
  MediaPool pool{1, {}, reports, health};
  pool.order(OpenSession{CallId{1},
                         {},
                         std::move(*bind_udp({kLoopback, 0})),
                         std::move(*bind_udp({kLoopback, 0})),
                         ItemId{},
                         open_file("/dev/null", O_WRONLY)});
  pool.order(PlayPrompts{CallId{1}});
  EXPECT_GE(MediaPool::usual_threads(), 1U);
}

}  // namespace
}  // namespace sip2mail
