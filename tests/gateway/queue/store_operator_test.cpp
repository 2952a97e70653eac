#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

class StoreOperator : public QueueTest {
 protected:
  int retry(const Selection& selection, int most = 100) {
    return commit([&](Store& store) { return store.retry(selection, kNoon + 1h, most); });
  }
  int redirect(const Selection& selection, const std::vector<std::string>& to, int most = 100) {
    return commit([&](Store& store) { return store.redirect(selection, to, kNoon + 1h, most); });
  }
  int sweep(Store::Keep keep, Timestamp now, int most = 100) {
    return commit([&](Store& store) { return store.sweep(keep, now, most); });
  }
  ItemId deferred() {
    const ItemId id = put(envelope());
    commit([&](Store& store) { return store.defer({id, 1}, kLater, 24h, kNoon); });
    return id;
  }
  ItemId failed() {
    const ItemId id = put(envelope());
    commit([&](Store& store) { return store.fail({id, 1}, kNever, std::nullopt, kNoon); });
    return id;
  }
  ItemId delivered(const Envelope& e) {
    if (e.kind == Kind::voicemail) {
      open(e);
      record(file(e.id), 2s);
      commit([&](Store& store) { return store.ready(e.id, {2s, -20, {}}, kNoon); });
    } else {
      put(e);
    }
    commit([&](Store& store) { return store.done({e.id, 1}, kTaken, kNoon); });
    return e.id;
  }
};

TEST_F(StoreOperator, RetriesAnewWhatWaitsAndWhatFailed) {
  const ItemId waits = deferred();
  const ItemId fails = failed();
  EXPECT_EQ(retry({{waits, fails}, {}}), 2);
  for (const ItemId& id : {waits, fails}) {
    const Item item = show(id);
    EXPECT_EQ(item.state, State::ready);
    EXPECT_FALSE(item.settled);
    EXPECT_EQ(item.recipients.at(0).state, RecipientState::waiting);
    EXPECT_EQ(item.recipients.at(0).not_before, kNoon + 1h);
    EXPECT_EQ(item.recipients.at(0).tries, 0);
    EXPECT_FALSE(item.recipients.at(0).first_refusal);
  }
  EXPECT_EQ(retry({{waits, fails}, {}}), 0);
}

TEST_F(StoreOperator, RetriesOnlyTheUndelivered) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "b@example.com"}));
  commit([&](Store& store) { return store.done({id, 1}, kTaken, kNoon); });
  commit([&](Store& store) { return store.fail({id, 2}, kNever, std::nullopt, kNoon); });
  EXPECT_EQ(retry({{id}, {}}), 1);
  EXPECT_EQ(show(id).recipients[0].state, RecipientState::delivered);
  EXPECT_EQ(show(id).recipients[1].state, RecipientState::waiting);
  const ItemId there = delivered(envelope());
  const ItemId recording = open(envelope(Kind::voicemail));
  EXPECT_EQ(retry({{there, recording, envelope().id}, {}}), 0);
  EXPECT_FALSE(show(recording).recipients.at(0).not_before);
}

TEST_F(StoreOperator, RetriesAllInSmallStepsThatEnd) {
  for (int i = 0; i < 5; ++i) deferred();
  for (int i = 0; i < 5; ++i) failed();
  put(envelope());
  int done = 0;
  int calls = 0;
  for (int now_done = 1; now_done > 0 && calls < 20; ++calls) {
    now_done = retry({{}, {State::ready, State::failed}}, 3);
    EXPECT_LE(now_done, 3);
    done += now_done;
  }
  EXPECT_EQ(done, 10);
  EXPECT_LT(calls, 10);
  EXPECT_EQ(Reader{directory()}.due({}, kNoon + 1h, 100).due.size(), 11U);
}

TEST_F(StoreOperator, RetriesAllOnceHoweverFastTheRelayRefuses) {
  const ItemId waits = deferred();
  const ItemId fails = failed();
  const Selection all{{}, {State::ready, State::failed}};
  EXPECT_EQ(retry(all), 2);
  const Timestamp soon = kNoon + 1h + 1ms;
  commit([&](Store& store) { return store.defer({waits, 1}, kLater, 1min, soon); });
  commit([&](Store& store) { return store.fail({fails, 1}, kNever, std::nullopt, soon); });
  EXPECT_EQ(retry(all), 0);
}

TEST_F(StoreOperator, ReplacesTheFailedRecipients) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "b@example.com", "c@example.com"}));
  commit([&](Store& store) { return store.done({id, 1}, kTaken, kNoon); });
  commit([&](Store& store) { return store.fail({id, 2}, kNever, std::nullopt, kNoon); });
  commit([&](Store& store) { return store.fail({id, 3}, kNever, std::nullopt, kNoon); });
  EXPECT_EQ(redirect({{id}, {}}, {"d@example.com", "C@example.com", "d@EXAMPLE.com"}), 1);
  const Item item = show(id);
  EXPECT_EQ(item.state, State::ready);
  ASSERT_EQ(item.recipients.size(), 3U);
  EXPECT_EQ(item.recipients[0].state, RecipientState::delivered);
  EXPECT_EQ(item.recipients[1].address, "c@example.com");
  EXPECT_EQ(item.recipients[1].state, RecipientState::waiting);
  EXPECT_EQ(item.recipients[2].id.n, 4);  // a Message-ID of its own
  EXPECT_EQ(item.recipients[2].address, "d@example.com");
  EXPECT_EQ(item.recipients[2].not_before, kNoon + 1h);
  std::string history;
  for (const PastTry& past : Reader{directory()}.history(id))
    history += past.address + " " + past.verdict + " " + past.reply + "\n";
  EXPECT_EQ(history,
            "b@example.com failed 550 5.1.1 No such user\nc@example.com failed 550 5.1.1 No such user\n"
            "b@example.com replaced \n");
}

TEST_F(StoreOperator, ReplacesNobodyWhereNobodyFailed) {
  const ItemId waits = deferred();
  const ItemId records = open(envelope(Kind::voicemail));
  EXPECT_EQ(redirect({{waits, records, envelope().id}, {}}, {"d@example.com"}), 0);
  EXPECT_EQ(show(waits).recipients.size(), 1U);
}

TEST_F(StoreOperator, IsDeliveredWhenTheNewAddressHasItAlready) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "b@example.com"}));
  commit([&](Store& store) { return store.done({id, 1}, kTaken, kNoon); });
  commit([&](Store& store) { return store.fail({id, 2}, kNever, std::nullopt, kNoon); });
  EXPECT_EQ(redirect({{id}, {}}, {"a@example.com"}), 1);
  EXPECT_EQ(show(id).state, State::delivered);
  EXPECT_EQ(show(id).recipients.size(), 1U);
}

TEST_F(StoreOperator, RedirectsAHeldItemWithoutSendingIt) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "b@example.com"}));
  commit([&](Store& store) { return store.hold({{id}, {}}, 10); });
  commit([&](Store& store) { return store.fail({id, 2}, kNever, std::nullopt, kNoon); });
  EXPECT_EQ(redirect({{id}, {}}, {"d@example.com"}), 1);
  EXPECT_EQ(show(id).state, State::held);
  EXPECT_FALSE(show(id).recipients[1].not_before);
}

TEST_F(StoreOperator, RedirectsAllThatFailedInSmallSteps) {
  for (int i = 0; i < 5; ++i) failed();
  const ItemId waits = deferred();
  EXPECT_EQ(redirect({{}, {State::failed}}, {"d@example.com"}, 3), 3);
  EXPECT_EQ(redirect({{}, {State::failed}}, {"d@example.com"}, 3), 2);
  EXPECT_EQ(redirect({{}, {State::failed}}, {"d@example.com"}, 3), 0);
  EXPECT_EQ(redirect({{}, {State::ready}}, {"d@example.com"}), 0);
  EXPECT_EQ(show(waits).recipients[0].address, "taro@example.com");
}

TEST_F(StoreOperator, SendsAgainWhatOnlyTheBuiltInMaildirTook) {
  const ItemId builtin = put(envelope());
  commit([&](Store& store) {
    return store.done({builtin, 1}, {Stage::accepted, 250, "250 Ok", "builtin", false}, kNoon);
  });
  const ItemId relayed = delivered(envelope());
  EXPECT_EQ(retry({{builtin}, {}}), 0);  // only when all such are meant
  EXPECT_EQ(retry({{}, {State::delivered}}), 1);
  EXPECT_EQ(retry({{}, {State::delivered}}), 0);
  EXPECT_EQ(show(builtin).state, State::ready);
  EXPECT_EQ(show(builtin).recipients.at(0).not_before, kNoon + 1h);
  EXPECT_EQ(show(relayed).state, State::delivered);
}

TEST_F(StoreOperator, SendsNothingOfAHeldItemUntilItIsReleased) {
  const ItemId id = put(envelope(Kind::text, {"a@example.com", "b@example.com"}));
  EXPECT_EQ(commit([&](Store& store) { return store.hold({{id}, {}}, 10); }), 1);
  EXPECT_EQ(commit([&](Store& store) { return store.hold({{id}, {}}, 10); }), 0);
  EXPECT_EQ(show(id).state, State::held);
  EXPECT_TRUE(Reader{directory()}.due({}, kNoon + 1h, 10).due.empty());
  // The answers of what was under way when it was held.
  EXPECT_EQ(commit([&](Store& store) { return store.defer({id, 1}, kLater, 1min, kNoon); }), State::held);
  EXPECT_EQ(commit([&](Store& store) { return store.fail({id, 2}, kNever, "c@example.com", kNoon); }), State::held);
  EXPECT_EQ(retry({{id}, {}}), 1);
  EXPECT_TRUE(Reader{directory()}.due({}, kNoon + 1h, 10).due.empty());
  EXPECT_EQ(commit([&](Store& store) { return store.release({{}, {State::held}}, kNoon + 1h, 10); }), 1);
  EXPECT_EQ(show(id).state, State::ready);
  EXPECT_EQ(Reader{directory()}.due({}, kNoon + 1h, 10).due.size(), 3U);
}

TEST_F(StoreOperator, ReleasesWhatWasDeliveredMeanwhileAsDelivered) {
  const ItemId id = put(envelope());
  commit([&](Store& store) { return store.hold({{}, {State::ready}}, 10); });
  EXPECT_EQ(commit([&](Store& store) { return store.done({id, 1}, kTaken, kNoon); }), State::held);
  commit([&](Store& store) { return store.release({{id}, {}}, kNoon + 1h, 10); });
  EXPECT_EQ(show(id).state, State::delivered);
  EXPECT_EQ(show(id).settled, kNoon + 1h);
}

TEST_F(StoreOperator, RemovesWhatIsNamedWithItsFile) {
  const ItemId voice = delivered(envelope(Kind::voicemail));
  const ItemId text = put(envelope());
  const ItemId kept = put(envelope());
  const ItemId records = open(envelope(Kind::voicemail));
  EXPECT_EQ(commit([&](Store& store) { return store.remove({{voice, text, records}, {}}, 10); }), 2);
  EXPECT_FALSE(is_there(voice));
  EXPECT_FALSE(is_there(text));
  EXPECT_FALSE(std::filesystem::exists(file(voice)));
  EXPECT_TRUE(is_there(kept));
  EXPECT_TRUE(std::filesystem::exists(file(records)));
  EXPECT_EQ(count("SELECT count(*) FROM recipients"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM parts"), 1);
}

TEST_F(StoreOperator, ErasesWhatIsDeliveredAndNothingElse) {
  const ItemId voice = delivered(envelope(Kind::voicemail));
  const ItemId text = delivered(envelope());
  const ItemId waits = deferred();
  const ItemId fails = failed();
  const ItemId records = open(envelope(Kind::voicemail));
  EXPECT_EQ(sweep({72h, 0s}, kNoon), 0);
  EXPECT_EQ(sweep({72h, 0s}, kNoon + 72h - 1ms), 0);
  EXPECT_EQ(sweep({72h, 0s}, kNoon + 72h), 2);
  EXPECT_FALSE(std::filesystem::exists(file(voice)));
  EXPECT_FALSE(show(voice).content);
  EXPECT_EQ(show(voice).size, 32'044U);
  EXPECT_TRUE(Reader{directory()}.content(text)->parts.empty());
  EXPECT_EQ(sweep({72h, 0s}, kNoon + 24h * 3650), 2);  // the facts of the two
  EXPECT_FALSE(is_there(voice));
  EXPECT_FALSE(is_there(text));
  EXPECT_EQ(show(waits).state, State::ready);
  EXPECT_EQ(show(fails).state, State::failed);
  EXPECT_FALSE(Reader{directory()}.content(fails)->parts.empty());
  EXPECT_EQ(show(records).state, State::recording);
  EXPECT_TRUE(std::filesystem::exists(file(records)));
}

TEST_F(StoreOperator, KeepsWhatWasDeliveredBeforeTheFirstSweepAsLongAsIfThen) {
  const ItemId text = delivered(envelope());
  const Timestamp first = kNoon + 24h * 30;
  EXPECT_EQ(sweep({72h, 0s}, first), 0);
  EXPECT_EQ(sweep({72h, 0s}, first + 72h - 1ms), 0);
  EXPECT_TRUE(show(text).content);
  EXPECT_EQ(sweep({72h, 0s}, first + 72h), 2) << "its content, and its facts, which are 30 days old";
}

TEST_F(StoreOperator, ErasesAtOnceAndFailedOnesOnlyWhenToldSo) {
  const ItemId text = delivered(envelope());
  const ItemId fails = failed();
  EXPECT_EQ(sweep({0s, 48h}, kNoon), 1);
  EXPECT_FALSE(show(text).content);
  EXPECT_EQ(sweep({0s, 48h}, kNoon + 48h), 1);
  EXPECT_FALSE(show(fails).content);
  EXPECT_EQ(retry({{fails}, {}}), 0);  // there is nothing left to send
  EXPECT_EQ(show(fails).state, State::failed);
}

TEST_F(StoreOperator, SweepsInSmallSteps) {
  for (int i = 0; i < 7; ++i) delivered(envelope());
  EXPECT_EQ(sweep({0s, 0s}, kNoon, 3), 3);
  EXPECT_EQ(sweep({0s, 0s}, kNoon, 3), 3);
  EXPECT_EQ(sweep({0s, 0s}, kNoon, 3), 1);
  EXPECT_EQ(sweep({0s, 0s}, kNoon, 3), 0);
}

TEST_F(StoreOperator, ForgetsDuplicatesAfterADay) {
  commit([&](Store& store) { return store.put(envelope(), kHello, key(1), kNoon); });
  commit([&](Store& store) { return store.put(envelope(), kHello, key(2), kNoon + 1h); });
  EXPECT_EQ(sweep({72h, 0s}, kNoon + 24h), 1);
  EXPECT_EQ(count("SELECT count(*) FROM seen"), 1);
}

TEST_F(StoreOperator, KeepsADuplicatesAnswerLongerThanTheItem) {
  const auto e = envelope();
  commit([&](Store& store) { return store.put(e, kHello, key(1), kNoon); });
  execute(*database_, "DELETE FROM items");
  const Stored again = commit([&](Store& store) { return store.put(envelope(), kHello, key(1), kNoon + 1h); });
  EXPECT_TRUE(again.again);
  EXPECT_EQ(again.id, e.id);
}

}  // namespace
}  // namespace sip2mail
