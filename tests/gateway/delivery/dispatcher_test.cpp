#include "gateway/delivery/dispatcher.hpp"

#include <sys/resource.h>
#include <csignal>

#include "gateway/delivery/dispatcher_thread.hpp"
#include "tests/gateway/delivery/dispatcher_fixture.hpp"

namespace sip2mail {
namespace {

using Script = ScriptedSmtp::Script;

TEST_F(DispatcherTest, DeliversATextAndRecordsIt) {
  ScriptedSmtp server;
  start(server.port());
  const ItemId id = text();
  ASSERT_TRUE(run_until_state(id, State::delivered));
  const Recipient recipient = show(id).recipients.at(0);
  EXPECT_EQ(recipient.state, RecipientState::delivered);
  EXPECT_EQ(recipient.code, 250);
  EXPECT_EQ(recipient.reply, "250 2.0.0 Ok: queued as 4F1A");
  EXPECT_EQ(recipient.relay, "default");
  EXPECT_EQ(recipient.tries, 1);
  ASSERT_EQ(server.mails().size(), 1U);
  EXPECT_NE(server.mails()[0].find("<" + id.text() + ".1@example.com>"), std::string::npos);
  EXPECT_NE(server.mails()[0].find("Hello there"), std::string::npos);
}

TEST_F(DispatcherTest, DeliversARecordingAsMp3) {
  ScriptedSmtp server;
  start(server.port());
  const ItemId id = voicemail();
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_NE(server.mails().at(0).find("audio/mpeg"), std::string::npos);
  EXPECT_NE(server.mails().at(0).find(".mp3"), std::string::npos);
}

TEST_F(DispatcherTest, FindsWhatWaitedBeforeItStarted) {
  ScriptedSmtp server;
  const ItemId one = text();
  const ItemId two = voicemail();
  start(server.port());
  EXPECT_TRUE(run_until_state(one, State::delivered));
  EXPECT_TRUE(run_until_state(two, State::delivered));
}

TEST_F(DispatcherTest, SendsEachRecipientItsOwnMail) {
  ScriptedSmtp server;
  start(server.port());
  const ItemId id = text({"taro@example.com", "office@example.com", "ceo@example.com"});
  ASSERT_TRUE(run_until_state(id, State::delivered));
  ASSERT_EQ(server.mails().size(), 3U);
  for (const std::string& mail : server.mails()) {
    const auto to = mail.find("\r\nTo: ");
    EXPECT_EQ(mail.substr(to + 2, mail.find("\r\n", to + 2) - to - 2).find(','), std::string::npos);
  }
}

TEST_F(DispatcherTest, LosesNothingAndCountsNoTriesWhileTheRelayIsGone) {
  std::uint16_t port = 0;
  {
    const ScriptedSmtp soon_gone;
    port = soon_gone.port();
  }
  start(port);
  std::vector<ItemId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(i % 2 == 0 ? text() : voicemail(1s));
  ASSERT_TRUE(run_until_down());
  for (int i = 0; i < 5; ++i) {
    pass(5min);
    ASSERT_TRUE(run_until([&] { return deadline_ && *deadline_ > clock(); }));
  }
  for (const ItemId& id : ids) {
    const Recipient recipient = show(id).recipients.at(0);
    EXPECT_EQ(recipient.tries, 0);
    EXPECT_EQ(recipient.state, RecipientState::waiting);
    EXPECT_EQ(recipient.first_refusal, std::nullopt);
  }
  const ScriptedSmtp server{Script{}, port};
  pass(5min);
  for (const ItemId& id : ids) ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_TRUE(dispatcher_->relays()->front().up);
  EXPECT_EQ(server.mails().size(), ids.size());
}

TEST_F(DispatcherTest, TriesARefusedRecipientAgainUnderTheSameMessageId) {
  ScriptedSmtp server{[](int) { return Script{{"dot", {"451 4.3.0 later", "250 ok"}}}; }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until([&] { return show(id).recipients[0].tries == 1; }));
  const Recipient refused = show(id).recipients[0];
  EXPECT_EQ(refused.state, RecipientState::waiting);
  EXPECT_EQ(refused.code, 451);
  ASSERT_TRUE(refused.not_before);
  EXPECT_GE(*refused.not_before - utc(), 40s);
  EXPECT_LE(*refused.not_before - utc(), 72s);
  pass(80s);
  // The refusal dropped the connection; the new one refuses its first mail too.
  ASSERT_TRUE(run_until([&] { return show(id).recipients[0].tries == 2; }));
  EXPECT_EQ(show(id).state, State::ready);
  ASSERT_EQ(server.mails().size(), 2U);
  const std::string message_id = "<" + id.text() + ".1@example.com>";
  for (const std::string& mail : server.mails()) EXPECT_NE(mail.find(message_id), std::string::npos);
}

TEST_F(DispatcherTest, FailsARecipientThatIsUnknownAndGoesOn) {
  ScriptedSmtp server{[](int connection) {
    return connection == 1 ? Script{{"rcpt", {"550 5.1.1 No such user"}}} : Script{};
  }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until_state(id, State::failed));
  EXPECT_EQ(show(id).recipients[0].reply, "550 5.1.1 No such user");
  EXPECT_TRUE(run_until_state(text(), State::delivered));
}

TEST_F(DispatcherTest, KeepsWhatTheRelayRefusesForEverybody) {
  ScriptedSmtp server{[](int connection) {
    return connection <= 2 ? Script{{"rcpt", {"554 5.7.1 Relay access denied"}}} : Script{};
  }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until_down());
  EXPECT_TRUE(dispatcher_->relays()->front().configuration);
  EXPECT_EQ(dispatcher_->relays()->front().reply, "554 5.7.1 Relay access denied");
  pass(15min);
  // The second refusal is judged when the next probe stands 15 minutes ahead.
  ASSERT_TRUE(run_until([&] {
    return server.connections() == 2 && deadline_ && *deadline_ > clock() + 14min && *deadline_ < clock() + 16min;
  }));
  pass(15min);
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_EQ(show(id).recipients[0].tries, 1);
}

TEST_F(DispatcherTest, TakesAnUnknownOutcomeForNoDelivery) {
  ScriptedSmtp server{[](int connection) { return connection == 1 ? Script{{"dot", {"CLOSE"}}} : Script{}; }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until([&] { return show(id).recipients[0].tries == 1; }));
  EXPECT_EQ(show(id).recipients[0].state, RecipientState::waiting);
  pass(80s);
  ASSERT_TRUE(run_until_state(id, State::delivered));
}

TEST_F(DispatcherTest, MakesAMailSmallerUntilTheRelayTakesIt) {
  ScriptedSmtp server{[](int connection) {
    return connection <= 2 ? Script{{"mail", {"552 5.3.4 Message size exceeds fixed limit"}}} : Script{};
  }};
  start(server.port(), 1);
  const ItemId id = voicemail();
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_EQ(show(id).recipients[0].form, Form::no_audio);
  EXPECT_EQ(server.mails().at(0).find("audio/mpeg"), std::string::npos);
}

TEST_F(DispatcherTest, DeliversWithoutARecordingThatIsMissing) {
  ScriptedSmtp server;
  const ItemId id = voicemail();
  std::filesystem::remove(directory() / "recordings" / (id.text() + ".wav"));
  start(server.port());
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_EQ(server.mails().at(0).find("audio/"), std::string::npos);
}

TEST_F(DispatcherTest, DeliversARecordingThatCannotBeEncodedAsItIs) {
  ScriptedSmtp server;
  const ItemId id = voicemail();
  const auto file = directory() / "recordings" / (id.text() + ".wav");
  write_all(open_file(file, O_WRONLY | O_TRUNC).get(), "no recording of ours, but somebody's words", file);
  start(server.port());
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_NE(server.mails().at(0).find("audio/"), std::string::npos);
}

TEST_F(DispatcherTest, DefersWhatItCannotReadAndSendsTheOthers) {
  ScriptedSmtp server;
  const ItemId poisoned = voicemail();
  const auto file = directory() / "recordings" / (poisoned.text() + ".wav");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);  // read(2) says EISDIR
  start(server.port());
  const ItemId other = voicemail();
  ASSERT_TRUE(run_until_state(other, State::delivered));
  ASSERT_TRUE(run_until([&] { return show(poisoned).recipients[0].tries == 1; }));
  EXPECT_EQ(show(poisoned).state, State::ready);
  EXPECT_NE(show(poisoned).recipients[0].reply.find("could not be prepared"), std::string::npos);
}

TEST_F(DispatcherTest, CommitsTheMomentOfALateMailBeforeItIsSent) {
  ScriptedSmtp server{[](int connection) { return connection == 1 ? Script{{"dot", {"451 4.3.0 later"}}} : Script{}; }};
  const ItemId id = text({"taro@example.com"}, 4h);
  start(server.port(), 1);
  ASSERT_TRUE(run_until([&] { return show(id).recipients[0].tries == 1; }));
  const auto composed = show(id).recipients[0].composed;
  ASSERT_TRUE(composed);
  pass(80s);
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_EQ(show(id).recipients[0].composed, composed);
  const auto date = [](const std::string& mail) {
    const auto at = mail.find("Date: ");
    return mail.substr(at, mail.find("\r\n", at) - at);
  };
  EXPECT_EQ(date(server.mails().at(0)), date(server.mails().at(1)));
}

TEST_F(DispatcherTest, PutsMailIntoTheMaildirWhileNoRelayIsSet) {
  settings_.relays = {{"builtin", "maildir:Maildir", "", 1, 10s, {1s}}};
  start();
  const ItemId id = voicemail();
  ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_EQ(show(id).recipients[0].relay, "builtin");
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{directory() / "Maildir" / "new"}) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(count, 1);
  pass(240h);
  ASSERT_TRUE(run_until([&] { return deadline_ && *deadline_ > clock(); }));
  EXPECT_TRUE(show(id).content) << "nothing is swept: it may have to be sent again";
}

TEST_F(DispatcherTest, SweepsWhatIsNotToBeKept) {
  settings_.queue.keep_delivered = 0s;
  ScriptedSmtp server;
  start(server.port());
  const ItemId id = voicemail();
  ASSERT_TRUE(run_until_state(id, State::delivered));
  ASSERT_TRUE(run_until([&] { return !show(id).content; }));
  EXPECT_FALSE(std::filesystem::exists(directory() / "recordings" / (id.text() + ".wav")));
}

TEST_F(DispatcherTest, RefusesAnAddressThatCannotStandInAnEnvelope) {
  ScriptedSmtp server;
  start(server.port());
  const ItemId id = text({"a b@example.com"});
  ASSERT_TRUE(run_until_state(id, State::failed));
  EXPECT_EQ(show(id).recipients[0].code, 501);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DispatcherTest, KeepsResultsThatTheDiskDoesNotTakeAndSendsNothingMeanwhile) {
  ScriptedSmtp server;
  start(server.port(), 1);
  std::vector<ItemId> ids;
  for (int i = 0; i < 70; ++i) ids.push_back(text());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1024, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  // What was sent before the refusal was known is bounded, and one may be under way.
  const auto waits = [&] { return deadline_ && *deadline_ > clock() && *deadline_ <= clock() + 1s; };
  const bool refused = run_until([&] { return health_.has(Health::database_sick) && waits(); });
  const std::size_t sent = server.mails().size();
  for (int i = 0; i < 5; ++i) {
    pass(1s);
    static_cast<void>(run_until(waits));
  }
  const std::size_t sent_later = server.mails().size();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_TRUE(refused);
  EXPECT_LE(sent, 65U);
  EXPECT_LE(sent_later, sent + 1);
  // From here on the writer goes on by itself: how many are delivered already is its affair.
  for (const ItemId& id : ids) {
    EXPECT_TRUE(run_until([&] {
      pass(100ms);
      return show(id).state == State::delivered;
    }));
  }
  EXPECT_EQ(server.mails().size(), ids.size()) << "none was sent twice";
}

TEST_F(DispatcherTest, GoesOnAfterItHadNoFilesLeft) {
  ScriptedSmtp server;
  const ItemId one = text();
  const ItemId two = voicemail();
  start(server.port());
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  EXPECT_NO_THROW(static_cast<void>(dispatcher_->step(clock(), utc())));
  ::setrlimit(RLIMIT_NOFILE, &before);
  pass(80s);
  EXPECT_TRUE(run_until_state(one, State::delivered));
  EXPECT_TRUE(run_until_state(two, State::delivered));
}

TEST_F(DispatcherTest, HoldsBackWhatTheOperatorTookAway) {
  ScriptedSmtp server{[](int connection) { return connection == 1 ? Script{{"mail", {"421 busy"}}} : Script{}; }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until_down());
  commit([&](Store& store) {
    return store.fail({id, 1}, Reply{Stage::rcpt, 550, "550 by hand", "", false}, {}, utc());
  });
  ASSERT_TRUE(run_until([&] { return show(id).state == State::failed; }));
  pass(10s);
  const ItemId next = text();
  ASSERT_TRUE(run_until_state(next, State::delivered));
  EXPECT_EQ(server.mails().size(), 1U);
}

TEST_F(DispatcherTest, GoesOnWithTheRelaysOfAReload) {
  ScriptedSmtp refuses{[](int) { return Script{{"mail", {"530 5.7.0 Authentication required"}}}; }};
  start(refuses.port(), 1);
  const ItemId one = text();
  const ItemId two = voicemail();
  ASSERT_TRUE(run_until_down());
  ScriptedSmtp takes;
  settings_.relays[0].url = "smtp://127.0.0.1:" + std::to_string(takes.port());
  settings_.relays[0].name = "other";
  board_.publish(settings_);
  dispatcher_->wake();
  ASSERT_TRUE(run_until_state(one, State::delivered));
  ASSERT_TRUE(run_until_state(two, State::delivered));
  EXPECT_EQ(show(one).recipients[0].relay, "other");
  EXPECT_EQ(show(one).recipients[0].tries, 1) << "what the relay before it refused costs nothing";
  EXPECT_EQ(takes.mails().size(), 2U);
}

TEST_F(DispatcherTest, LetsTheTransactionInHandEndBeforeAReload) {
  ScriptedSmtp slow;
  ScriptedSmtp next;
  start(slow.port(), 1);
  std::vector<ItemId> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(text());
  ASSERT_TRUE(run_until([&] { return slow.mails().size() >= 3; }));
  settings_.relays[0].url = "smtp://127.0.0.1:" + std::to_string(next.port());
  board_.publish(settings_);
  dispatcher_->wake();
  for (const ItemId& id : ids) ASSERT_TRUE(run_until_state(id, State::delivered));
  EXPECT_EQ(slow.mails().size() + next.mails().size(), ids.size()) << "none was sent twice, none was left out";
  EXPECT_FALSE(next.mails().empty());
}

TEST_F(DispatcherTest, AReloadThatLeavesTheRelaysAloneDisturbsNothing) {
  ScriptedSmtp server;
  start(server.port(), 1);
  ASSERT_TRUE(run_until_state(text(), State::delivered));
  settings_.mailboxes[0].name = "Another name";
  board_.publish(settings_);
  dispatcher_->wake();
  ASSERT_TRUE(run_until_state(text(), State::delivered));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(DispatcherTest, TellsTheAdministratorWhatFailed) {
  settings_.alert.email = {"admin@example.com"};
  ScriptedSmtp server{[](int connection) {
    return connection == 1 ? Script{{"rcpt", {"550 5.1.1 No such user"}}} : Script{};
  }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until_state(id, State::failed));
  ASSERT_TRUE(run_until_told([&] { return server.mails().size() == 1; }));
  const std::string mail = server.mails()[0];
  EXPECT_NE(mail.find("To: admin@example.com"), std::string::npos);
  EXPECT_NE(mail.find("X-Sip2mail-Kind: alert"), std::string::npos);
  EXPECT_NE(mail.find("Subject: sip2mail: Not delivered: 1"), std::string::npos);
  EXPECT_NE(mail.find(id.text()), std::string::npos);
}

TEST_F(DispatcherTest, TellsOfAFailureAlsoWhereAnotherRecipientEndedTheItem) {
  settings_.alert.email = {"admin@example.com"};
  ScriptedSmtp server{[](int connection) {
    return connection == 1   ? Script{{"rcpt", {"550 5.1.1 No such user"}}}
           : connection == 2 ? Script{{"rcpt", {"450 4.2.0 Greylisted"}}}
                             : Script{};
  }};
  start(server.port(), 1);
  const ItemId id = text({"taro@example.com", "office@example.com"});
  ASSERT_TRUE(run_until([&] { return show(id).recipients[1].tries == 1; }));
  pass(2min);
  ASSERT_TRUE(run_until_state(id, State::failed));
  ASSERT_TRUE(run_until_told([&] { return server.mails().size() == 2; }));
  EXPECT_NE(server.mails()[1].find("Subject: sip2mail: Not delivered: 1"), std::string::npos);
}

TEST_F(DispatcherTest, AnAlertThatFailsMakesNoOther) {
  settings_.alert.email = {"admin@example.com"};
  settings_.mail.fallback = "admin@example.com";
  ScriptedSmtp server{[](int) { return Script{{"rcpt", {"550 5.1.1 No such user"}}}; }};
  start(server.port(), 1);
  const ItemId id = text();
  ASSERT_TRUE(run_until_state(id, State::failed));
  EXPECT_EQ(show(id).recipients.size(), 2U) << "the fallback was tried";
  const auto failed = [&] { return Reader{directory()}.list({.states = {State::failed}}).size(); };
  ASSERT_TRUE(run_until_told([&] { return failed() == 2; }));
  for (int i = 0; i < 5; ++i) {
    pass(1h);
    static_cast<void>(run_until([&] { return deadline_ && *deadline_ > clock(); }));
  }
  const auto items = Reader{directory()}.list({.states = {State::failed, State::ready}});
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1].envelope.kind, Kind::alert);
  EXPECT_EQ(items[1].recipients.size(), 1U) << "and has no fallback";
}

TEST_F(DispatcherTest, TellsOfAFullDiskAndThatThereIsRoomAgain) {
  settings_.alert.email = {"admin@example.com"};
  ScriptedSmtp server;
  start(server.port(), 1);
  health_.set(Health::disk_low, true);
  ASSERT_TRUE(run_until([&] { return server.mails().size() == 1; }));
  health_.set(Health::disk_low, false);
  ASSERT_TRUE(run_until([&] { return server.mails().size() == 2; }));
  EXPECT_NE(server.mails()[0].find("Subject: sip2mail: The disk is nearly full"), std::string::npos);
  EXPECT_NE(server.mails()[1].find("Subject: sip2mail: There is room on the disk again"), std::string::npos);
}

TEST_F(DispatcherTest, StopsWhenTheTransactionsInHandAreRecorded) {
  ScriptedSmtp server;
  start(server.port());
  std::vector<ItemId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(text());
  {
    DispatcherThread thread{*dispatcher_, log_};
    ASSERT_TRUE(server.wait_for_mails(3));
    thread.stop();
  }
  dispatcher_.reset();
  std::size_t delivered = 0;
  for (const ItemId& id : ids) delivered += show(id).state == State::delivered ? 1 : 0;
  EXPECT_EQ(delivered, server.mails().size()) << "what was sent is known, what was not is due";
}

TEST_F(DispatcherTest, CarriesAFloodOnFewConnections) {
  ScriptedSmtp server;
  start(server.port(), 4);
  std::vector<std::future<void>> stored;
  for (int i = 0; i < 300; ++i) {
    const Envelope one = envelope(Kind::text, {"user" + std::to_string(i % 7) + "@example.com"});
    auto promise = std::make_shared<std::promise<void>>();
    stored.push_back(promise->get_future());
    writer_->submit(
        [one](Store& store) {
          return store.put(one, std::vector<Part>{{"text/plain", "", "x"}}, {}, one.received);
        },
        [promise](const std::variant<Stored, Refused>&) { promise->set_value(); });
  }
  for (auto& one : stored) one.wait();
  ASSERT_TRUE(run_until([&] { return server.mails().size() == 300; }));
  ASSERT_TRUE(run_until([&] { return Reader{directory()}.list({}).empty(); }));
  EXPECT_LE(server.connections(), 4);
}

}  // namespace
}  // namespace sip2mail
