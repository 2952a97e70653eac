#include "src/call/call.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sip2mail::call {
namespace {

std::string name(const Action& action) {
  static constexpr std::array<std::string_view, 10> kNames{"open", "ring", "answer", "refuse", "play",
                                                           "seal", "bye",  "keep",   "miss",   "forget"};
  std::string text{kNames[action.index()]};
  if (const auto* seal = std::get_if<Seal>(&action); seal != nullptr && seal->interrupted) text += "-interrupted";
  return text;
}

class CallTest : public testing::Test {
 protected:
  std::string feed(const Event& event) { return names(call.on(event, now)); }
  std::string wait(Delay delay) {
    now += delay;
    return call.deadline() && *call.deadline() <= now ? names(call.wake(now)) : "";
  }
  void reach_answered() {
    feed(Invited{});
    feed(Opened{});
  }
  void reach_greeting() {
    reach_answered();
    feed(Acked{});
  }
  void reach_recording() {
    reach_greeting();
    feed(PromptDone{});
  }
  static Sealed sealed(Delay length) { return Sealed{Heard{length, -20, {}}}; }

  Limits limits{.answer_delay = 0s, .max_length = 180s, .min_length = 1s, .notify_missed = true};
  Call call{limits};
  Instant now{};

 private:
  static std::string names(const Actions& actions) {
    std::string text;
    for (const Action& action : actions) text += (text.empty() ? "" : " ") + name(action);
    return text;
  }
};

TEST_F(CallTest, CommitsBeforeItAnswers) {
  EXPECT_EQ(feed(Invited{}), "open");
  EXPECT_EQ(feed(Opened{}), "answer");
  EXPECT_EQ(feed(Acked{}), "play");
  EXPECT_EQ(feed(PromptDone{}), "");
  EXPECT_EQ(feed(HungUp{}), "seal");
  EXPECT_EQ(feed(sealed(2s)), "keep");
  EXPECT_TRUE(call.over());
}

TEST_F(CallTest, RefusesWhatCannotBeStored) {
  feed(Invited{});
  EXPECT_EQ(feed(OpenRefused{}), "refuse");
  EXPECT_TRUE(call.over());
}

TEST_F(CallTest, RefusesWhenTheDiskDoesNotAnswerAndForgetsTheLateRow) {
  feed(Invited{});
  EXPECT_EQ(wait(4999ms), "");
  EXPECT_EQ(wait(1ms), "refuse");
  EXPECT_FALSE(call.over());
  EXPECT_EQ(feed(Opened{}), "forget");
  EXPECT_TRUE(call.over());
}

TEST_F(CallTest, EndsWhenALateRowIsRefusedToo) {
  feed(Invited{});
  EXPECT_EQ(wait(5s), "refuse");
  EXPECT_EQ(feed(OpenRefused{}), "");
  EXPECT_TRUE(call.over());
}

TEST_F(CallTest, EndsWithoutAnAckThoughNobodySaysSo) {
  reach_answered();
  EXPECT_EQ(wait(39s), "");
  EXPECT_EQ(wait(1s), "seal bye");
  EXPECT_EQ(feed(sealed(0s)), "miss");
}

TEST_F(CallTest, RingsWhileItsAnswerIsDelayed) {
  limits.answer_delay = 3s;
  call = Call{limits};
  EXPECT_EQ(feed(Invited{}), "open ring");
  EXPECT_EQ(feed(Opened{}), "");
  EXPECT_EQ(wait(2999ms), "");
  EXPECT_EQ(wait(1ms), "answer");
}

TEST_F(CallTest, ACancelWhileRingingIsAMissedCall) {
  limits.answer_delay = 3s;
  call = Call{limits};
  feed(Invited{});
  feed(Opened{});
  EXPECT_EQ(feed(Cancelled{}), "miss");
  EXPECT_TRUE(call.over());
}

TEST_F(CallTest, ACancelWhileOpeningWaitsForTheRow) {
  feed(Invited{});
  EXPECT_EQ(feed(Cancelled{}), "");
  EXPECT_FALSE(call.over());
  EXPECT_EQ(wait(60s), "");
  EXPECT_EQ(feed(Opened{}), "miss");
}

TEST_F(CallTest, ACallAnsweredElsewhereWasNotMissed) {
  feed(Invited{});
  feed(Cancelled{.answered_elsewhere = true});
  EXPECT_EQ(feed(Opened{}), "forget");
}

TEST_F(CallTest, AHangUpDuringTheGreetingIsAMissedCall) {
  reach_greeting();
  EXPECT_EQ(feed(HungUp{}), "seal");
  EXPECT_EQ(feed(sealed(0s)), "miss");
}

TEST_F(CallTest, ShorterThanMinLengthIsAMissedCall) {
  reach_recording();
  feed(HungUp{});
  EXPECT_EQ(feed(sealed(999ms)), "miss");
}

TEST_F(CallTest, ForgetsMissedCallsWhenConfigurationSaysSo) {
  limits.notify_missed = false;
  call = Call{limits};
  reach_greeting();
  feed(HungUp{});
  EXPECT_EQ(feed(sealed(0s)), "forget");
}

TEST_F(CallTest, NothingRecordedIsNeverAVoicemailEvenWithoutMinLength) {
  limits.min_length = 0s;
  call = Call{limits};
  reach_greeting();
  feed(HungUp{});
  EXPECT_EQ(feed(sealed(0s)), "miss");
}

TEST_F(CallTest, EndsTheRecordingAtTheLimit) {
  reach_recording();
  EXPECT_EQ(wait(179999ms), "");
  EXPECT_EQ(wait(1ms), "seal bye");
  EXPECT_EQ(feed(sealed(180s)), "keep");
}

TEST_F(CallTest, EndsByKeySilenceAndLostMedia) {
  for (const Event& event : {Event{FinishKey{}}, Event{SilenceHeard{}}, Event{NoRtp{}}}) {
    call = Call{limits};
    reach_recording();
    EXPECT_EQ(feed(event), "seal bye");
    EXPECT_EQ(feed(sealed(5s)), "keep");
  }
}

TEST_F(CallTest, KeepsWhatIsOnDiskWhenTheDiskFails) {
  reach_recording();
  EXPECT_EQ(feed(NotSaved{}), "seal-interrupted bye");
  EXPECT_EQ(feed(sealed(5s)), "keep");
}

TEST_F(CallTest, WithoutAnAckHangsUpAndIsAMissedCall) {
  reach_answered();
  EXPECT_EQ(feed(NoAck{}), "seal bye");
  EXPECT_EQ(feed(sealed(0s)), "miss");
}

TEST_F(CallTest, AByeBeforeTheAckIsAMissedCall) {
  reach_answered();
  EXPECT_EQ(feed(HungUp{}), "seal");
  EXPECT_EQ(feed(Acked{}), "");
  EXPECT_EQ(feed(sealed(0s)), "miss");
}

TEST_F(CallTest, IsCutOffAtTheSecondSigterm) {
  reach_recording();
  EXPECT_EQ(feed(CutOff{}), "seal-interrupted bye");
  EXPECT_EQ(feed(sealed(5s)), "keep");
  call = Call{limits};
  feed(Invited{});
  EXPECT_EQ(feed(CutOff{}), "refuse");
  EXPECT_EQ(feed(Opened{}), "forget");
}

TEST_F(CallTest, IgnoresWhatItDoesNotExpect) {
  reach_recording();
  EXPECT_EQ(feed(Invited{}), "");
  EXPECT_EQ(feed(Opened{}), "");
  EXPECT_EQ(feed(PromptDone{}), "");
  EXPECT_EQ(feed(Cancelled{}), "");
  EXPECT_EQ(feed(HungUp{}), "seal");
  EXPECT_EQ(feed(HungUp{}), "");
  EXPECT_EQ(feed(FinishKey{}), "");
  EXPECT_EQ(feed(CutOff{}), "");
  EXPECT_EQ(feed(sealed(2s)), "keep");
  EXPECT_EQ(feed(sealed(2s)), "");
}

TEST_F(CallTest, AGreetingThatNeverEndsFreesTheLine) {
  reach_greeting();
  EXPECT_EQ(wait(10min), "seal bye");
}

}  // namespace
}  // namespace sip2mail::call
