#include "src/delivery/dispatch.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sip2mail {
namespace {

// The machine spoken to in words: items are letters, recipients a1, a2; what it asks comes back as one line.
class DispatchTest : public testing::Test {
 protected:
  static ItemId item(char letter) {
    std::array<std::uint8_t, 10> random{};
    random[9] = static_cast<std::uint8_t>(letter);
    return ItemId::make(from_milliseconds(0), random);
  }
  static RecipientId id(const std::string& name) { return {item(name[0]), name[1] - '0'}; }
  static std::string name(const ItemId& id) {
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      if (item(letter) == id) return std::string{letter};
    }
    return "?";
  }
  static std::string name(const RecipientId& id) { return name(id.item) + std::to_string(id.n); }

  static std::string text(const Prepare& a) { return "prepare " + name(a.item) + form(a.form); }
  static std::string text(const Forget& a) { return "forget " + name(a.item) + form(a.form); }
  static std::string text(const LookAgain& a) { return "look " + name(a.item); }
  static std::string text(const RelayUp& a) { return "up " + std::to_string(a.relay); }
  static std::string text(const RelaySlower& a) {
    return "slower " + std::to_string(a.relay) + " " + std::to_string(a.connections);
  }
  static std::string text(const RelayStillDown&) { return ""; }
  static std::string text(const RelayDown& a) {
    return (a.configuration ? "misconfigured " : "down ") + std::to_string(a.relay);
  }
  static std::string text(const Send& a) {
    return "send " + name(a.id) + form(a.form) + (a.relay == 0 ? "" : " by " + std::to_string(a.relay));
  }
  static std::string text(const Record& a) {
    switch (a.as) {
      case Record::As::done:
        return "done " + name(a.id);
      case Record::As::defer:
        return "defer " + name(a.id) + " " + to_duration(a.delay);
      case Record::As::fail:
        return "fail " + name(a.id);
      case Record::As::shrink:
        return "shrink " + name(a.id) + form(a.form);
    }
    return "?";
  }
  static std::string form(Form form) {
    return form == Form::whole ? "" : form == Form::smaller ? " smaller" : " without audio";
  }

  std::string feed(const DispatchEvent& event) {
    std::string out;
    for (const DispatchAction& action : machine.on(event, now)) {
      const std::string one = std::visit([](const auto& it) { return text(it); }, action);
      if (!out.empty() && !one.empty()) out += ", ";
      out += one;
    }
    return out;
  }
  std::string comes(const std::string& who, const std::string& address = "") {
    return feed(Waiting{id(who), address.empty() ? who + "@example.com" : address, Form::whole, false, true, 0, {}});
  }
  std::string voicemail(const std::string& who, Form form = Form::whole) {
    return feed(Waiting{id(who), who + "@example.com", form, true, true, 0, {}});
  }
  std::string replies(const std::string& who, Stage stage, const std::string& words, bool reused = false) {
    const int code = words.empty() || words[0] < '2' || words[0] > '5' ? 0 : std::stoi(words.substr(0, 3));
    return feed(Replied{id(who), Reply{stage, code, words, "default", reused}, 0.5});
  }
  std::string accepts(const std::string& who) { return replies(who, Stage::accepted, "250 ok"); }
  std::string is_down(const std::string& who) { return replies(who, Stage::connect, "refused"); }
  std::string is_recorded(const std::string& who) { return feed(Recorded{id(who)}); }
  std::string wait(Delay delay) {
    now += delay;
    return feed(Tick{});
  }
  static DispatchLimits limits(int connections, int relays = 1) {
    DispatchLimits out;
    out.schedule = {{1min, 2min, 5min}, 10min};
    out.relays.assign(static_cast<std::size_t>(relays), {connections, {1s, 2s, 5s}});
    return out;
  }
  void with(DispatchLimits some) {
    std::destroy_at(&machine);
    std::construct_at(&machine, std::move(some));
  }

  Instant now{1000h};
  Dispatch machine{limits(2)};
};

TEST_F(DispatchTest, SendsATextAtOnceAndForgetsItOnlyWhenItIsRecorded) {
  EXPECT_EQ(comes("a1"), "send a1");
  EXPECT_EQ(comes("a1"), "") << "known";
  EXPECT_EQ(accepts("a1"), "done a1");
  EXPECT_FALSE(machine.settled());
  EXPECT_EQ(is_recorded("a1"), "");
  EXPECT_TRUE(machine.settled());
  EXPECT_EQ(machine.size(), 0U);
}

TEST_F(DispatchTest, PreparesARecordingOnceForAllItsRecipients) {
  EXPECT_EQ(voicemail("a1"), "prepare a");
  EXPECT_EQ(voicemail("a2"), "");
  EXPECT_EQ(feed(Prepared{item('a')}), "send a1, send a2");
  EXPECT_EQ(accepts("a1"), "done a1");
  EXPECT_EQ(accepts("a2"), "forget a, done a2");
}

TEST_F(DispatchTest, LetsATextPassAVoicemailThatIsBeingPrepared) {
  EXPECT_EQ(voicemail("a1"), "prepare a");
  EXPECT_EQ(comes("b1"), "send b1");
}

TEST_F(DispatchTest, PreparesOnlyAsMuchAsItsConnectionsCanUse) {
  with(limits(1));
  for (char letter = 'a'; letter <= 'd'; ++letter)
    EXPECT_EQ(voicemail({letter, '1'}), std::string{"prepare "} + letter);
  EXPECT_EQ(voicemail("e1"), "");
  EXPECT_EQ(feed(Prepared{item('a')}), "send a1");
  EXPECT_EQ(accepts("a1"), "forget a, done a1, prepare e");
}

TEST_F(DispatchTest, DefersWhatCannotBePreparedAndGoesOn) {
  voicemail("a1");
  voicemail("a2");
  EXPECT_EQ(feed(PrepareFailed{item('a'), Form::whole, "out of memory", 0.5}), "defer a1 1m, defer a2 1m");
  EXPECT_EQ(comes("b1"), "send b1");
}

TEST_F(DispatchTest, DropsWhatWasPreparedForNobody) {
  voicemail("a1");
  EXPECT_EQ(feed(Gone{item('a')}), "");
  EXPECT_EQ(feed(Prepared{item('a')}), "forget a");
  EXPECT_EQ(machine.size(), 0U);
}

TEST_F(DispatchTest, DefersARecipientByItsOwnTries) {
  comes("a1");
  EXPECT_EQ(replies("a1", Stage::rcpt, "450 4.2.0 Greylisted"), "defer a1 1m");
  is_recorded("a1");
  EXPECT_EQ(feed(Waiting{id("a1"), "x", Form::whole, false, false, 2, now - 1min}), "send a1");
  EXPECT_EQ(replies("a1", Stage::unknown, "lost"), "defer a1 5m");
}

TEST_F(DispatchTest, GivesUpWhenLifetimeAndStepsAreUsed) {
  feed(Waiting{id("a1"), "x", Form::whole, false, false, 3, now - 10min});
  EXPECT_EQ(replies("a1", Stage::rcpt, "450 4.2.0 Greylisted"), "fail a1");
}

TEST_F(DispatchTest, FailsARecipientThatIsRefusedForGood) {
  comes("a1");
  EXPECT_EQ(replies("a1", Stage::rcpt, "550 5.1.1 unknown"), "fail a1");
}

TEST_F(DispatchTest, CountsNoTriesWhileTheRelayIsDownAndLosesNothing) {
  EXPECT_EQ(comes("a1"), "send a1");
  EXPECT_EQ(comes("b1"), "send b1");
  EXPECT_EQ(is_down("a1"), "down 0");
  EXPECT_EQ(is_down("b1"), "");
  EXPECT_EQ(comes("c1"), "");
  EXPECT_EQ(machine.deadline(), now + 1s);
  EXPECT_EQ(wait(1s), "send a1");
  EXPECT_EQ(is_down("a1"), "");
  EXPECT_EQ(wait(1s), "");
  EXPECT_EQ(wait(1s), "send b1") << "each probe is another one";
  EXPECT_EQ(accepts("b1"), "up 0, done b1, send c1");
  EXPECT_EQ(accepts("c1"), "done c1, send a1");
  EXPECT_EQ(accepts("a1"), "done a1");
}

TEST_F(DispatchTest, UsesTheNextRelayWhileTheOneBeforeIsDown) {
  with(limits(2, 2));
  EXPECT_EQ(comes("a1"), "send a1");
  EXPECT_EQ(is_down("a1"), "down 0, send a1 by 1");
  EXPECT_EQ(comes("b1"), "send b1 by 1");
  now += 1s;
  EXPECT_EQ(comes("c1"), "send c1") << "the probe";
  EXPECT_EQ(accepts("c1"), "up 0, done c1");
  EXPECT_EQ(comes("d1"), "send d1");
}

TEST_F(DispatchTest, KeepsAllMailOfAMisconfiguredRelayAndAsksWithAnother) {
  comes("a1");
  EXPECT_EQ(replies("a1", Stage::rcpt, "554 5.7.1 Relay access denied"), "misconfigured 0");
  comes("b1");
  EXPECT_EQ(wait(15min - 1ms), "");
  EXPECT_EQ(wait(1ms), "send b1");
  EXPECT_EQ(replies("b1", Stage::rcpt, "554 5.7.1 Relay access denied"), "");
  EXPECT_EQ(wait(15min), "send a1");
  EXPECT_EQ(accepts("a1"), "up 0, done a1, send b1");
}

TEST_F(DispatchTest, JudgesAnItemAloneOnceAnotherHasPassed) {
  comes("a1");
  replies("a1", Stage::dot, "554 5.7.1 URL blocked using dbl.spamhaus.org");
  comes("b1");
  EXPECT_EQ(wait(15min), "send b1");
  EXPECT_EQ(accepts("b1"), "up 0, done b1, send a1");
  EXPECT_EQ(replies("a1", Stage::dot, "554 5.7.1 URL blocked using dbl.spamhaus.org"), "fail a1");
  EXPECT_EQ(machine.standing(0), RelayPace::Standing::up);
}

TEST_F(DispatchTest, BlamesNoItemWhenTheRelayTurnsAgainstAllAgain) {
  with(limits(1));
  comes("a1");
  replies("a1", Stage::dot, "554 5.7.1 blocked using x");
  comes("b1");
  comes("c1");
  EXPECT_EQ(wait(15min), "send b1");
  EXPECT_EQ(accepts("b1"), "up 0, done b1, send a1");
  EXPECT_EQ(is_down("a1"), "down 0");
  EXPECT_EQ(wait(1s), "send c1");
  EXPECT_EQ(replies("c1", Stage::dot, "554 5.7.1 blocked using x"), "misconfigured 0");
  EXPECT_EQ(wait(1s), "send a1");
  EXPECT_EQ(replies("a1", Stage::dot, "554 5.7.1 blocked using x"), "") << "nobody has passed since";
}

TEST_F(DispatchTest, ARefusalOfAnAlertSaysNothingOfTheRelay) {
  const std::string denied = "554 5.7.1 <admin@elsewhere>: Relay access denied";
  const auto alert = [&](const std::string& who) {
    Waiting waiting{id(who), "admin@elsewhere", Form::whole, false, true, 0, {}};
    waiting.alert = true;
    return feed(waiting);
  };
  EXPECT_EQ(alert("a1"), "send a1");
  EXPECT_EQ(replies("a1", Stage::rcpt, denied), "fail a1");
  EXPECT_EQ(machine.standing(0), RelayPace::Standing::up);
  EXPECT_EQ(is_recorded("a1"), "");
  // Nor that it is well again.
  EXPECT_EQ(comes("b1"), "send b1");
  EXPECT_EQ(replies("b1", Stage::rcpt, denied), "misconfigured 0");
  EXPECT_EQ(alert("a2"), "");
  EXPECT_NE(wait(15min).find("send"), std::string::npos);
}

TEST_F(DispatchTest, SlowsDownWithoutCountingTries) {
  comes("a1");
  EXPECT_EQ(replies("a1", Stage::mail, "451 4.3.2 slow down"), "slower 0 1");
  EXPECT_EQ(machine.deadline(), now + 1s);
  EXPECT_EQ(wait(1s), "send a1");
  EXPECT_EQ(accepts("a1"), "done a1");
}

TEST_F(DispatchTest, SendsAgainAtOnceWhenAConnectionHadGrownOld) {
  comes("a1");
  EXPECT_EQ(replies("a1", Stage::mail, "421 4.4.2 idle", true), "send a1");
  EXPECT_EQ(replies("a1", Stage::mail, "421 4.3.0 busy", false), "down 0");
}

TEST_F(DispatchTest, EndsAChainOfOldConnections) {
  comes("a1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(replies("a1", Stage::mail, "421 idle", true), "send a1");
  EXPECT_EQ(replies("a1", Stage::mail, "421 idle", true), "down 0");
}

TEST_F(DispatchTest, MakesAMailSmallerStepByStepAndThenGivesUp) {
  const std::string words = "552 5.3.4 too large";
  voicemail("a1");
  feed(Prepared{item('a')});
  EXPECT_EQ(replies("a1", Stage::mail, words), "forget a, shrink a1 smaller");
  EXPECT_EQ(is_recorded("a1"), "look a");
  EXPECT_EQ(voicemail("a1", Form::smaller), "prepare a smaller");
  EXPECT_EQ(feed(Prepared{item('a'), Form::smaller}), "send a1 smaller");
  EXPECT_EQ(replies("a1", Stage::mail, words), "forget a smaller, shrink a1 without audio");
  EXPECT_EQ(is_recorded("a1"), "look a");
  EXPECT_EQ(voicemail("a1", Form::no_audio), "send a1 without audio");
  EXPECT_EQ(replies("a1", Stage::mail, words), "fail a1");
}

TEST_F(DispatchTest, FailsATextThatIsTooLarge) {
  comes("a1");
  EXPECT_EQ(replies("a1", Stage::dot, "552 5.3.4 too large"), "fail a1");
}

TEST_F(DispatchTest, SendsNothingWhileResultsCannotBeWritten) {
  comes("a1");
  comes("b1");
  accepts("a1");
  EXPECT_EQ(feed(RecordRefused{id("a1")}), "");
  EXPECT_EQ(comes("c1"), "");
  EXPECT_EQ(accepts("b1"), "") << "goes with the other";
  EXPECT_EQ(machine.deadline(), now + 1s);
  EXPECT_EQ(wait(1s), "done a1, done b1");
  EXPECT_EQ(is_recorded("a1"), "");
  EXPECT_EQ(is_recorded("b1"), "send c1");
}

TEST_F(DispatchTest, DoesNotRunFarAheadOfASlowDisk) {
  DispatchLimits slow = limits(1);
  slow.unrecorded = 2;
  with(slow);
  comes("a1");
  comes("b1");
  comes("c1");
  EXPECT_EQ(accepts("a1"), "done a1, send b1");
  EXPECT_EQ(accepts("b1"), "done b1");
  EXPECT_EQ(is_recorded("a1"), "send c1");
}

TEST_F(DispatchTest, AsksTheDiskEachSecond) {
  comes("a1");
  accepts("a1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(feed(RecordRefused{id("a1")}), "");
    EXPECT_EQ(wait(1s), "done a1");
  }
  EXPECT_EQ(is_recorded("a1"), "");
  EXPECT_TRUE(machine.settled());
}

TEST_F(DispatchTest, WritesAResultThatCameWhileOthersAreAskedAgain) {
  comes("a1");
  comes("b1");
  accepts("a1");
  feed(RecordRefused{id("a1")});
  EXPECT_EQ(wait(1s), "done a1");
  EXPECT_EQ(accepts("b1"), "done b1");
  EXPECT_EQ(is_recorded("a1"), "");
  EXPECT_EQ(is_recorded("b1"), "");
  EXPECT_EQ(comes("c1"), "send c1");
}

TEST_F(DispatchTest, GivesAnAddressHalfTheConnectionsWhileOthersWait) {
  with(limits(4));
  EXPECT_EQ(comes("a1", "busy"), "send a1");
  EXPECT_EQ(comes("b1", "busy"), "send b1");
  EXPECT_EQ(comes("c1", "busy"), "send c1") << "nobody else waits";
  EXPECT_EQ(comes("d1", "busy"), "send d1");
  comes("e1", "busy");
  comes("f1", "other");
  comes("g1", "other");
  comes("h1", "other");
  EXPECT_EQ(accepts("a1"), "done a1, send f1");
  EXPECT_EQ(accepts("b1"), "done b1, send g1");
  EXPECT_EQ(accepts("c1"), "done c1, send e1") << "each has half";
}

TEST_F(DispatchTest, ServesFreshAndBacklogInTurn) {
  with(limits(1));
  const auto old = [&](const char* who) { return feed(Waiting{id(who), who, Form::whole, false, false, 0, {}}); };
  old("a1");
  old("b1");
  old("c1");
  comes("d1");
  comes("e1");
  EXPECT_EQ(accepts("a1"), "done a1, send d1");
  EXPECT_EQ(accepts("d1"), "done d1, send b1");
  EXPECT_EQ(accepts("b1"), "done b1, send e1");
}

TEST_F(DispatchTest, HoldsABoundedNumberInMemory) {
  DispatchLimits few = limits(1);
  few.in_memory = 4;
  with(few);
  comes("a1");
  comes("b1");
  EXPECT_EQ(machine.room(true), 0U);
  EXPECT_EQ(machine.room(false), 2U);
  comes("c1");
  EXPECT_EQ(machine.size(), 2U);
}

TEST_F(DispatchTest, DropsWhatSomeoneElseHolds) {
  with(limits(1));
  comes("a1");
  comes("b1");
  EXPECT_EQ(feed(Gone{item('b')}), "");
  EXPECT_EQ(accepts("a1"), "done a1");
  is_recorded("a1");
  EXPECT_EQ(machine.size(), 0U);
}

TEST_F(DispatchTest, DoesNotSendAgainWhatWasHeldWhileUnderWay) {
  comes("a1");
  feed(Gone{item('a')});
  is_down("a1");
  EXPECT_EQ(wait(1s), "");
  EXPECT_EQ(machine.size(), 0U);
}

TEST_F(DispatchTest, LetsGoOfWhatWasPreparedForAMailThatWasHeldWhileUnderWay) {
  voicemail("a1");
  EXPECT_EQ(feed(Prepared{item('a')}), "send a1");
  feed(Gone{item('a')});
  EXPECT_EQ(is_down("a1"), "down 0, forget a");
  EXPECT_EQ(machine.size(), 0U);
}

TEST_F(DispatchTest, CountsAnewAfterAnOperatorsRetry) {
  feed(Waiting{id("a1"), "a1@example.com", Form::whole, false, true, 3, now - 11min});
  is_down("a1");
  comes("a1");
  EXPECT_EQ(wait(1s), "send a1");
  EXPECT_EQ(replies("a1", Stage::rcpt, "451 4.2.0 greylisted"), "up 0, defer a1 1m");
}

TEST_F(DispatchTest, LooksAgainAtWhatChangedWhileItsResultWasWritten) {
  comes("a1");
  accepts("a1");
  EXPECT_EQ(comes("a1"), "") << "read before the result was there";
  EXPECT_EQ(is_recorded("a1"), "look a");
}

TEST_F(DispatchTest, PutsBackWhatCouldNotBeGivenToTheRelay) {
  comes("a1");
  EXPECT_EQ(feed(Unsent{id("a1")}), "");
  EXPECT_EQ(machine.deadline(), now + 1s);
  EXPECT_EQ(wait(1s), "send a1");
}

TEST_F(DispatchTest, ForgetsWhatWaitsNoMore) {
  voicemail("a1");
  EXPECT_EQ(feed(Prepared{item('a')}), "send a1");
  EXPECT_EQ(feed(Vanished{id("a1")}), "forget a");
  EXPECT_EQ(machine.size(), 0U);
}

TEST_F(DispatchTest, JudgesAnItemThatIsUnfitWithoutBlamingTheRelay) {
  comes("a1");
  EXPECT_EQ(feed(Unfit{id("a1"), Reply{Stage::rcpt, 501, "501 address", "", false}, 0.5}), "fail a1");
  comes("b1");
  EXPECT_EQ(feed(Unfit{id("b1"), Reply{Stage::rcpt, 451, "451 compose", "", false}, 0.5}), "defer b1 1m");
}

TEST_F(DispatchTest, StopsWithTheTransactionsInHand) {
  comes("a1");
  EXPECT_EQ(feed(Stop{}), "");
  EXPECT_EQ(comes("b1"), "");
  EXPECT_FALSE(machine.settled());
  EXPECT_EQ(accepts("a1"), "done a1");
  EXPECT_FALSE(machine.settled());
  is_recorded("a1");
  EXPECT_TRUE(machine.settled());
}

TEST_F(DispatchTest, DoesNotDieOfEventsOutOfPlace) {
  EXPECT_EQ(accepts("a1"), "");
  EXPECT_EQ(is_recorded("a1"), "");
  EXPECT_EQ(feed(RecordRefused{id("a1")}), "");
  EXPECT_EQ(feed(PrepareFailed{item('a'), Form::whole, "", 0}), "");
  EXPECT_EQ(feed(Unsent{id("a1")}), "");
  EXPECT_EQ(feed(Gone{item('a')}), "");
  EXPECT_EQ(machine.deadline(), std::nullopt);
}

}  // namespace
}  // namespace sip2mail
