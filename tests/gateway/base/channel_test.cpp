#include "gateway/base/channel.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/worker.hpp"

namespace sip2mail {
namespace {

TEST(Channel, HandsOverInOrderInOneBatch) {
  Channel<int> channel;
  channel.push(1);
  channel.push(2);
  EXPECT_EQ(channel.drain(), (std::vector{1, 2}));
  EXPECT_TRUE(channel.drain().empty());
}

TEST(Channel, WakesWhoWaits) {
  Channel<int> channel;
  std::thread sender{[&] { channel.push(7); }};
  EXPECT_EQ(channel.wait(now() + 10s), std::vector{7});
  sender.join();
  EXPECT_TRUE(channel.wait(now()).empty());
}

TEST(NewItemId, RisesWithinAMillisecond) {
  const Timestamp time = utc_now();
  ItemId last = new_item_id(time);
  for (int i = 0; i < 1000; ++i) {
    const ItemId next = new_item_id(time);
    EXPECT_LT(last, next);
    last = next;
  }
}

TEST(Worker, AnswersEachJob) {
  Channel<int> results;
  Worker<int, int> twice{[](int job) { return job * 2; }, results};
  twice.give(4);
  twice.give(5);
  std::vector<int> all;
  while (all.size() < 2) {
    for (const int result : results.wait(now() + 10s)) all.push_back(result);
  }
  EXPECT_EQ(all, (std::vector{8, 10}));
}

}  // namespace
}  // namespace sip2mail
