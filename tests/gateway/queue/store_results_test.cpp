#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

TEST(DeriveState, FollowsFromTheRecipients) {
  struct Row {
    State before;
    Tally tally;
    State after;
  };
  const std::vector<Row> table{
      {State::recording, {.waiting = 1}, State::recording},
      {State::held, {.waiting = 1}, State::held},
      {State::held, {}, State::held},
      {State::ready, {.waiting = 1}, State::ready},
      {State::ready, {.waiting = 1, .failed = 1}, State::ready},
      {State::ready, {}, State::delivered},
      {State::ready, {.failed = 1}, State::failed},
      {State::ready, {.failed = 1, .fallbacks_delivered = 1}, State::delivered},
      {State::ready, {.waiting = 1, .failed = 1, .fallbacks_delivered = 1}, State::ready},
      {State::failed, {.waiting = 1}, State::ready},
      {State::delivered, {.waiting = 1}, State::ready},
  };
  for (const auto& [before, tally, after] : table) EXPECT_EQ(derive_state(before, tally), after);
}

class StoreResults : public QueueTest {
 protected:
  State done(const RecipientId& id) {
    return commit([&](Store& store) { return store.done(id, kTaken, kNoon + 1min); });
  }
  State defer(const RecipientId& id, Timestamp now) {
    return commit([&](Store& store) { return store.defer(id, kLater, 5min, now); });
  }
  State fail(const RecipientId& id, std::optional<std::string> fallback = std::nullopt) {
    return commit([&](Store& store) { return store.fail(id, kNever, fallback, kNoon + 1min); });
  }
};

TEST_F(StoreResults, DeliversWhenTheLastRecipientHasIt) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "b@example.com"}));
  EXPECT_EQ(done({id, 2}), State::ready);
  EXPECT_FALSE(show(id).settled);
  EXPECT_EQ(done({id, 1}), State::delivered);
  const Item item = show(id);
  EXPECT_EQ(item.state, State::delivered);
  EXPECT_EQ(item.settled, kNoon + 1min);
  EXPECT_EQ(item.recipients[0].code, 250);
  EXPECT_EQ(item.recipients[0].reply, kTaken.text);
  EXPECT_EQ(item.recipients[0].relay, "default");
  EXPECT_EQ(item.recipients[0].tries, 1);
  EXPECT_FALSE(item.recipients[0].not_before);
  EXPECT_EQ(changes_.at(0).state, State::delivered);
  // Told twice, done once.
  EXPECT_EQ(done({id, 1}), State::delivered);
  EXPECT_EQ(show(id).recipients[0].tries, 1);
}

TEST_F(StoreResults, DefersOneRecipientAndRemembersTheFirstRefusal) {
  const ItemId id = put(envelope());
  EXPECT_EQ(defer({id, 1}, kNoon), State::ready);
  EXPECT_EQ(defer({id, 1}, kNoon + 10min), State::ready);
  const Recipient recipient = show(id).recipients.at(0);
  EXPECT_EQ(recipient.tries, 2);
  EXPECT_EQ(recipient.not_before, kNoon + 15min);
  EXPECT_EQ(recipient.first_refusal, kNoon);
  EXPECT_EQ(recipient.code, 451);
  EXPECT_EQ(count("SELECT count(*) FROM tries WHERE verdict = 'deferred'"), 2);
  EXPECT_EQ(done({id, 1}), State::delivered);
  EXPECT_EQ(count("SELECT count(*) FROM tries"), 2);
  EXPECT_EQ(defer({id, 1}, kNoon + 20min), State::delivered);
  EXPECT_FALSE(show(id).recipients.at(0).not_before);
}

TEST_F(StoreResults, FailsWithoutAFallback) {
  const ItemId id = put(envelope());
  EXPECT_EQ(fail({id, 1}), State::failed);
  EXPECT_EQ(show(id).settled, kNoon + 1min);
  EXPECT_EQ(show(id).recipients.at(0).state, RecipientState::failed);
  EXPECT_EQ(count("SELECT count(*) FROM tries WHERE verdict = 'failed' AND code = 550"), 1);
}

TEST_F(StoreResults, IsDeliveredWhenTheFallbackHasIt) {
  const ItemId id = put(envelope());
  EXPECT_EQ(fail({id, 1}, "admin@example.com"), State::ready);
  ASSERT_EQ(show(id).recipients.size(), 2U);
  EXPECT_EQ(show(id).recipients[1].address, "admin@example.com");
  EXPECT_EQ(show(id).recipients[1].not_before, kNoon + 1min);
  EXPECT_EQ(fail({id, 1}, "admin@example.com"), State::ready);
  ASSERT_EQ(show(id).recipients.size(), 2U);
  EXPECT_EQ(done({id, 2}), State::delivered);
}

TEST_F(StoreResults, FailsWhenTheFallbackFailsToo) {
  const ItemId id = put(envelope());
  fail({id, 1}, "admin@example.com");
  EXPECT_EQ(fail({id, 2}, "admin@example.com"), State::failed);
  EXPECT_EQ(show(id).recipients.size(), 2U);
}

TEST_F(StoreResults, SendsTheFallbackNoSecondMail) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "admin@example.com"}));
  EXPECT_EQ(done({id, 2}), State::ready);
  EXPECT_EQ(fail({id, 1}, "Admin@example.com"), State::delivered);
  EXPECT_EQ(show(id).recipients.size(), 2U);
}

TEST_F(StoreResults, AnAlertHasNoFallback) {
  const ItemId id = put(envelope(Kind::alert));
  EXPECT_EQ(fail({id, 1}, "admin@example.com"), State::failed);
  EXPECT_EQ(show(id).recipients.size(), 1U);
}

TEST_F(StoreResults, WhatIsHeldMeanwhileStaysHeld) {
  const ItemId id = put(envelope());
  commit([&](Store& store) { return store.hold({{id}, {}}, 10); });
  EXPECT_EQ(defer({id, 1}, kNoon), State::held);
  EXPECT_FALSE(show(id).recipients[0].not_before) << "it would be due again";
}

// The relay's 250 came after an operator, or another try, had given it up.
TEST_F(StoreResults, WhatFailedAndArrivedAllTheSameIsDelivered) {
  const ItemId id = put(envelope());
  EXPECT_EQ(fail({id, 1}), State::failed);
  EXPECT_EQ(done({id, 1}), State::delivered);
  EXPECT_EQ(show(id).recipients[0].state, RecipientState::delivered);
}

TEST_F(StoreResults, ShrinksAtOnce) {
  const ItemId id = put(envelope());
  commit([&](Store& store) { return store.shrink({id, 1}, kNever, Form::no_audio, kNoon + 3s); });
  EXPECT_EQ(show(id).recipients.at(0).form, Form::no_audio);
  EXPECT_EQ(show(id).recipients.at(0).not_before, kNoon + 3s);
  EXPECT_FALSE(show(id).recipients.at(0).first_refusal);
}

TEST_F(StoreResults, KeepsTheFirstDateOfALateMail) {
  const ItemId id = put(envelope());
  commit([&](Store& store) { store.composing({id, 1}, kNoon + 4h); });
  commit([&](Store& store) { store.composing({id, 1}, kNoon + 5h); });
  EXPECT_EQ(show(id).recipients.at(0).composed, kNoon + 4h);
}

TEST_F(StoreResults, ChangesNothingThatIsGone) {
  const RecipientId gone{envelope().id, 1};
  EXPECT_EQ(done(gone), State::delivered);
  EXPECT_EQ(defer(gone, kNoon), State::delivered);
  EXPECT_EQ(fail(gone, "admin@example.com"), State::delivered);
  const ItemId id = put(envelope());
  EXPECT_EQ(done({id, 7}), State::ready);
  EXPECT_EQ(fail({id, 7}, "admin@example.com"), State::ready);
  EXPECT_EQ(show(id).recipients.size(), 1U);
}

}  // namespace
}  // namespace sip2mail
