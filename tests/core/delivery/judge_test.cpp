#include "src/delivery/judge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sip2mail {
namespace {

using enum Verdict;

struct Row {
  Stage stage;
  int code;
  std::string text;
  Verdict verdict;
};

void expect_all(const std::vector<Row>& rows, Speaks speaks = Speaks::for_all) {
  for (const Row& row : rows) {
    EXPECT_EQ(to_text(judge({row.stage, row.code, row.text, "default", false}, speaks)), to_text(row.verdict))
        << row.text << " at stage " << static_cast<int>(row.stage);
  }
}

TEST(Judge, TakesAnAcceptedMailAsDelivered) {
  expect_all({{Stage::accepted, 250, "250 2.0.0 Ok: queued as 4F1A", delivered}});
}

TEST(Judge, BlamesTheRelayWhenItIsNotToBeHad) {
  expect_all({
      {Stage::resolve, 0, "could not resolve host", relay},
      {Stage::connect, 0, "connection refused", relay},
      {Stage::tls, 0, "handshake failed", relay},
      {Stage::banner, 0, "timeout", relay},
      {Stage::banner, 421, "421 4.3.2 too busy", relay},
      {Stage::banner, 554, "554 No SMTP service here", relay},
      {Stage::banner, 554, "554 5.7.1 blocked using zen.spamhaus.org", relay},
      {Stage::ehlo, 502, "502 5.5.1 command not recognized", relay},
      {Stage::ehlo, 504, "504 5.5.2 need a fully-qualified hostname", relay},
      {Stage::mail, 0, "connection lost", relay},
      {Stage::rcpt, 0, "connection lost", relay},
      {Stage::data, 0, "connection lost", relay},
      {Stage::mail, 421, "421 4.3.0 try later", relay},
      {Stage::rcpt, 421, "421 4.7.0 too many errors", relay},
      {Stage::dot, 421, "421 4.3.0 closing", relay},
      {Stage::auth, 0, "connection lost", relay},
      {Stage::auth, 454, "454 4.7.0 Temporary authentication failure", relay},
      {Stage::not_smtp, 0, "HTTP/1.1 400 Bad Request", relay},
  });
}

TEST(Judge, OpensFewerConnectionsWhereOneIsTooMany) {
  expect_all({
      {Stage::banner, 421, "421 4.7.0 mx Error: too many connections from 192.0.2.1", crowded},
      {Stage::banner, 421, "421 Too many concurrent SMTP connections; please try again later.", crowded},
      {Stage::mail, 421, "421 4.3.2 The maximum number of concurrent server connections has exceeded a limit", crowded},
      {Stage::banner, 421, "421 4.4.1 Connection timed out", relay},
      {Stage::banner, 421, "421 4.7.0 Too many messages", relay},
      {Stage::banner, 554, "554 too many connections", relay},
      {Stage::rcpt, 421, "421 Too many errors on this connection", relay},
  });
  EXPECT_EQ(judge({Stage::mail, 421, "421 4.4.2 too many connections", "default", true}), reconnect);
}

// smtpd_delay_reject: what Postfix has against us it says at RCPT.
TEST(Judge, FailsNobodyForWhatIsSaidOfUsAtRcpt) {
  expect_all({
      {Stage::rcpt, 554, "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", relay_configuration},
      {Stage::rcpt, 554, "554 5.7.1 <gw.example>: Helo command rejected: Access denied", relay_configuration},
      {Stage::rcpt, 554, "554 5.7.1 <a@example.com>: Recipient address rejected: Access denied", relay_configuration},
      {Stage::rcpt, 550, "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown", Verdict::fail},
      {Stage::rcpt, 550, "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", Verdict::fail},
      {Stage::rcpt, 450, "450 4.7.1 <gw>: Helo command rejected: Host not found", throttle},
      {Stage::rcpt, 450, "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", throttle},
      {Stage::rcpt, 450, "450 4.1.8 <v@example.com>: Sender address rejected: Domain not found", throttle},
      {Stage::rcpt, 451, "451 4.3.5 Server configuration problem", throttle},
      {Stage::rcpt, 450, "450 4.7.1 <host[192.0.2.1]>: Client host rejected: Greylisted, see http://x", defer},
      {Stage::rcpt, 450, "450 4.2.0 <a@example.com>: Recipient address rejected: Greylisted", defer},
  });
}

TEST(Judge, TriesAnOldConnectionAgainAtOnce) {
  EXPECT_EQ(judge({Stage::mail, 421, "421 4.4.2 Idle timeout", "default", true}), reconnect);
  EXPECT_EQ(judge({Stage::mail, 0, "connection reset", "default", true}), reconnect);
  EXPECT_EQ(judge({Stage::rcpt, 0, "connection reset", "default", true}), Verdict::relay);
  EXPECT_EQ(judge({Stage::mail, 421, "421 4.4.2 Idle timeout", "default", false}), Verdict::relay);
}

TEST(Judge, BlamesTheConfigurationForWhatWouldMeetEverybody) {
  expect_all({
      {Stage::certificate, 0, "certificate has expired", relay_configuration},
      {Stage::starttls, 0, "no STARTTLS", relay_configuration},
      {Stage::starttls, 454, "454 4.7.0 TLS not available", relay_configuration},
      {Stage::auth, 500, "500 5.5.1 unrecognized command", relay_configuration},
      {Stage::auth, 502, "502 5.5.1 not implemented", relay_configuration},
      {Stage::auth, 504, "504 5.7.4 Unrecognized authentication type", relay_configuration},
      {Stage::auth, 530, "530 5.7.0 Must issue a STARTTLS command first", relay_configuration},
      {Stage::auth, 534, "534-5.7.9 Application-specific password required. 534 5.7.9 see", relay_configuration},
      {Stage::auth, 535, "535 5.7.139 Authentication unsuccessful", relay_configuration},
      {Stage::auth, 538, "538 5.7.11 Encryption required", relay_configuration},
      {Stage::auth, 550, "550 5.7.30 Basic authentication is not supported for Client Submission.",
       relay_configuration},
      {Stage::mail, 530, "530 5.7.0 Authentication required", relay_configuration},
      {Stage::rcpt, 504, "504 5.5.2 <x>: Helo command rejected", relay_configuration},
      {Stage::rcpt, 554, "554 5.7.1 <a@b.example>: Relay access denied", relay_configuration},
      {Stage::rcpt, 454, "454 4.7.1 <a@b.example>: Relay access denied", relay_configuration},
      {Stage::rcpt, 550, "550 5.7.1 RELAYING DENIED", relay_configuration},
      {Stage::rcpt, 550, "550 relay not permitted", relay_configuration},
      {Stage::rcpt, 550, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", relay_configuration},
      {Stage::rcpt, 550, "550 5.7.64 TenantAttribution; Relay Access Denied", relay_configuration},
      {Stage::rcpt, 550, "550 5.1.8 <x@y>: Sender address rejected: Domain not found", relay_configuration},
      {Stage::rcpt, 553, "553 5.7.1 <x@y>: Sender address rejected: not owned by user z", relay_configuration},
      {Stage::rcpt, 550, "550 5.1.7 Invalid address", relay_configuration},
      {Stage::dot, 530, "530 5.7.57 SMTP; Client was not authenticated", relay_configuration},
      {Stage::dot, 550, "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
       relay_configuration},
      {Stage::dot, 554, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException", relay_configuration},
      {Stage::dot, 554, "554 Message rejected: Email address is not verified.", relay_configuration},
      {Stage::rcpt, 550, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", relay_configuration},
      {Stage::rcpt, 550, "550 5.7.649 Access denied", relay_configuration},
      {Stage::rcpt, 554, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
       relay_configuration},
      {Stage::dot, 554, "554 5.7.1 your host is blacklisted", relay_configuration},
      {Stage::dot, 550, "550 5.2.254 bulk limit", relay_configuration},
      {Stage::mail, 550, "550 no", relay_configuration},
      {Stage::mail, 553, "553 5.1.3 bad address syntax", relay_configuration},
  });
}

TEST(Judge, SlowsDownForARelayThatWantsFewer) {
  expect_all({
      {Stage::mail, 432, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", throttle},
      {Stage::dot, 432, "432 4.3.2 Concurrent connections limit exceeded", throttle},
      {Stage::mail, 450, "450 4.7.1 try later", throttle},
      {Stage::mail, 451, "451 4.3.0 local error", throttle},
      {Stage::mail, 452, "452 4.3.1 Insufficient system storage", throttle},
      {Stage::mail, 454, "454 Throttling failure: Maximum sending rate exceeded.", throttle},
      {Stage::dot, 450, "450-4.7.28 Our system has detected 450 4.7.28 an unusual amount", throttle},
      {Stage::rcpt, 451, "451 4.3.2 Please try again later", throttle},
      {Stage::rcpt, 450, "450 sending rate exceeded", throttle},
      {Stage::rcpt, 450, "450 4.7.1 ratelimited", throttle},
      {Stage::rcpt, 451, "451 Throttled", throttle},
      {Stage::rcpt, 452, "452 4.5.3 Too many recipients received this hour", throttle},
      {Stage::rcpt, 450, "450 4.7.0 number of connections", throttle},
      {Stage::dot, 550, "550-5.4.5 Daily user sending limit exceeded. 550 5.4.5 see", throttle},
      {Stage::dot, 554, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", throttle},
  });
}

TEST(Judge, DefersARecipientThatIsRefusedForNow) {
  expect_all({
      {Stage::rcpt, 450, "450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted", defer},
      {Stage::rcpt, 452, "452 4.2.2 Mailbox full", defer},
      {Stage::rcpt, 450, "450 4.2.0 please use separate delivery", defer},
      {Stage::rcpt, 450, "450 4.1.1 <too.many@rate.example>: user unknown for now", defer},
      {Stage::data, 451, "451 4.3.0 queue file write error", defer},
      {Stage::dot, 452, "452 4.3.1 insufficient storage", defer},
      {Stage::dot, 499, "499 what", defer},
  });
}

TEST(Judge, FailsARecipientOrContentThatIsRefusedForGood) {
  expect_all({
      {Stage::rcpt, 550, "550 5.1.1 User unknown", fail},
      {Stage::rcpt, 550, "550-5.1.1 The account does not exist. 550 5.1.1 try", fail},
      {Stage::rcpt, 550, "550 5.1.1 <blacklisted@spamhaus.example>: User unknown", fail},
      {Stage::rcpt, 552, "552 5.2.2 over quota", fail},
      {Stage::rcpt, 599, "599 what", fail},
      {Stage::dot, 554, "554 5.7.1 Spam message rejected", fail},
      {Stage::dot, 550, "550 5.7.1 virus found", fail},
      {Stage::dot, 552, "552 5.2.2 Mailbox full, size limit of the mailbox reached", fail},
      {Stage::dot, 552, "552 5.7.0 This message was blocked because of its content", fail},
      {Stage::data, 554, "554 5.5.1 no valid recipients", fail},
  });
}

TEST(Judge, MakesTheMailSmallerBeforeAnythingElseIsAsked) {
  expect_all({
      {Stage::mail, 552, "552 5.3.4 Message size exceeds fixed limit", smaller},
      {Stage::mail, 552, "552 message size exceeds fixed maximum message size", smaller},
      {Stage::rcpt, 552, "552 5.2.3 Message exceeds local limit", smaller},
      {Stage::dot, 552, "552-5.3.4 Your message exceeded Google's message size limits. 552 5.3.4 x", smaller},
      {Stage::dot, 552, "552 sorry, that message size exceeds my databytes limit (#5.3.4)", smaller},
      {Stage::dot, 554, "554 Too much mail data", smaller},
  });
}

TEST(Judge, KnowsWhatItDoesNotKnow) {
  expect_all({{Stage::unknown, 0, "no answer", unknown}, {Stage::dot, 354, "354 go on", unknown}});
}

TEST(Judge, IgnoresAnEnhancedCodeOfAnotherClass) {
  expect_all({
      {Stage::rcpt, 550, "550 4.7.28 no such user", fail},
      {Stage::rcpt, 450, "450 5.1.8 greylisted", defer},
      {Stage::dot, 554, "554 4.3.2 content", fail},
      {Stage::rcpt, 450, "450 5.3.4 later", defer},
  });
}

TEST(Judge, DoesNotTakeAnAddressForAnEnhancedCode) {
  expect_all({{Stage::rcpt, 550, "550 host 5.1.8.1 says no such user", fail}});
}

TEST(Judge, ReadsARefusalAsTheItemsOwnOnceOthersHavePassed) {
  expect_all({{Stage::rcpt, 554, "554 5.7.1 Relay access denied", fail},
              {Stage::dot, 554, "554 5.7.1 URL blocked using dbl.spamhaus.org", fail},
              {Stage::rcpt, 454, "454 4.7.1 Relay access denied", defer},
              {Stage::mail, 550, "550 5.1.8 sender", relay_configuration}},
             Speaks::for_this_item);
}

}  // namespace
}  // namespace sip2mail
