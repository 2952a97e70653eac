// The commands as functions: arguments in, streams and exit status out.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "src/base/text.hpp"
#include "tests/gateway/cli/commands_fixture.hpp"

namespace sip2mail {
namespace {

TEST_F(CommandsTest, ListWhatThereIs) {
  EXPECT_EQ(run({"help"}), 0);
  EXPECT_NE(out_.find("queue retry ID…|-|--all"), std::string::npos);
  EXPECT_NE(out_.find("explain [FILE]"), std::string::npos);
  EXPECT_EQ(run({"version"}), 0);
  EXPECT_EQ(out_.substr(0, 9), "sip2mail ");
  EXPECT_NE(out_.find("libcurl"), std::string::npos);
}

TEST_F(CommandsTest, SayWhatTheUserMeant) {
  const auto wrong = [&](const std::vector<std::string>& words) {
    EXPECT_EQ(run(words), 64);
    EXPECT_EQ(out_, "");
    return err_;
  };
  EXPECT_EQ(wrong({}), "sip2mail: no command; sip2mail help lists them\n");
  EXPECT_EQ(wrong({"sevre"}), "sip2mail: no command sevre (did you mean serve?)\n");
  EXPECT_EQ(wrong({"queue", "lst"}), "sip2mail: no command queue lst (did you mean queue list?)\n");
  EXPECT_EQ(wrong({"xyzzy"}), "sip2mail: no command xyzzy; sip2mail help lists them\n");
  EXPECT_EQ(wrong({"queue", "show"}), "sip2mail: usage: sip2mail queue show ID [--json]\n");
  EXPECT_EQ(wrong({"health", "now"}), "sip2mail: usage: sip2mail health [--ready]\n");
  EXPECT_EQ(wrong({"serve", "--jsn"}), "sip2mail: no option --jsn (did you mean --json?)\n");
  EXPECT_EQ(wrong({"serve", "--json"}), "sip2mail: serve takes no --json; usage: sip2mail serve\n");
  EXPECT_EQ(wrong({"queue", "list", "--state", "parked"}), "sip2mail: no state \"parked\"\n");
  EXPECT_EQ(wrong({"queue", "list", "--kind", "vociemail"}),
            "sip2mail: no kind \"vociemail\" (did you mean voicemail?)\n");
  EXPECT_EQ(wrong({"queue", "retry"}), "sip2mail: queue retry wants ids, - for ids on standard input, or --all\n");
}

TEST_F(CommandsTest, ServeWithTheSettingsOfTheConfiguration) {
  EXPECT_EQ(queue({"serve", "--set", "sip.max-calls=7"}), 0);
  EXPECT_EQ(served_->sip.max_calls, 7);
  EXPECT_EQ(load_again_gives_, 7);
  EXPECT_NE(err_.find("sip2mail: warning: no mailbox is configured"), std::string::npos);
  EXPECT_EQ(err_.find("relay.url"), std::string::npos);  // the log says it
}

TEST_F(CommandsTest, NameTheRemedyWhenTheDirectoryCannotBeWritten) {
  const std::string file = (queue_.directory / "lock").string();
  EXPECT_EQ(run({"serve", "--set", "queue.directory=" + file + "/queue"}), 73);
  EXPECT_EQ(served_, nullptr);
  EXPECT_NE(err_.find("sip2mail: cannot write in " + file + ": Not a directory; or set queue.directory"),
            std::string::npos)
      << err_;
  if (::geteuid() == 0) return;  // root may write anywhere
  EXPECT_EQ(run({"serve", "--set", "queue.directory=/proc/queue"}), 73);
  EXPECT_NE(err_.find("cannot write in /proc: Permission denied; give it to us with: chown -R "), std::string::npos)
      << err_;
}

TEST_F(CommandsTest, ReportEachErrorOfTheConfiguration) {
  EXPECT_EQ(run({"serve", "--set", "sip.max-calls=x", "--set", "sip.lisen=y"}), 78);
  EXPECT_EQ(err_,
            "--set sip.lisen: sip.lisen is no option (did you mean sip.listen?)\n"
            "--set: sip.max-calls: \"x\" is not a whole number from 1 to 20000\n"
            "sip2mail: the configuration has 2 errors\n");
  EXPECT_EQ(run({"config", "check", "--config", "/none.conf"}), 78);
  EXPECT_EQ(err_.substr(0, err_.find('\n')), "/none.conf: cannot be read: No such file or directory");
}

TEST_F(CommandsTest, CheckAndShowTheConfiguration) {
  EXPECT_EQ(run({"config", "check", "--set", "mailbox.1.email=a@b.example"}), 0);
  EXPECT_EQ(out_,
            "ok: 1 mailbox, mail from voicemail@vm.example.com to maildir:/var/lib/sip2mail/Maildir, queue in "
            "/var/lib/sip2mail\n");
  EXPECT_EQ(err_, "warning: relay.url: not set: mail goes to the Maildir /var/lib/sip2mail/Maildir and nowhere else\n");
  EXPECT_EQ(run({"config", "show", "--set", "sip.max-calls=7"}), 0);
  EXPECT_NE(out_.find("sip.max-calls = 7"), std::string::npos);
  EXPECT_EQ(run({"config", "reference"}), 0);
  EXPECT_NE(out_.find("\n#max-calls = 500\n"), std::string::npos);
}

TEST_F(CommandsTest, EndWithTheStatusOfWhatFailed) {
  failure_ = [] { throw QueueBusy{"another sip2mail uses /data"}; };
  EXPECT_EQ(queue({"serve"}), 75);
  failure_ = [] { throw QueueTooNew{"the database is newer"}; };
  EXPECT_EQ(queue({"serve"}), 78);
  failure_ = [] { throw std::system_error{EACCES, std::generic_category(), "cannot write in /data"}; };
  EXPECT_EQ(queue({"serve"}), 73);
  failure_ = [] { throw std::system_error{EIO, std::generic_category(), "cannot sync /data"}; };
  EXPECT_EQ(queue({"serve"}), 74);
  EXPECT_NE(err_.find("sip2mail: cannot sync /data: Input/output error\n"), std::string::npos);
}

TEST_F(CommandsTest, ListTheQueueOldestFirst) {
  const ItemId first = queue_.put_text({"taro@example.com", "office@example.com"});
  const ItemId second = queue_.put_text({"jiro@example.com"}, "2002");
  const ItemId third = queue_.put_text();
  queue_.defer(first, 2);
  queue_.done(first, 1);
  queue_.done(third);
  EXPECT_EQ(queue({"queue", "list"}), 0);
  EXPECT_EQ(out_, "ID\tRECEIVED\tKIND\tSTATE\tMAILBOX\tCALLER\tLENGTH\tTO\tTRIES\tNEXT TRY\tREPLY\n" + first.text() +
                      "\t2026-03-01 09:30:00\ttext\tready\t2001\t山田 太郎 (0312345678)\t-\toffice@example.com +1\t1\t"
                      "2026-03-01 09:31:00\t451 4.7.1 Greylisted\n" +
                      second.text() +
                      "\t2026-03-01 09:30:00\ttext\tready\t2002\t山田 太郎 (0312345678)\t-\tjiro@example.com\t0\t"
                      "2026-03-01 09:30:00\t-\n");
  EXPECT_EQ(queue({"queue", "list", "--mailbox", "2002", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out_)["id"], second.text());
  EXPECT_EQ(queue({"queue", "list", "--state", "all", "--json"}), 0);
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 3);
  EXPECT_EQ(queue({"queue", "list", "--state", "delivered", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out_)["id"], third.text());
  EXPECT_EQ(queue({"queue", "list", "--state", "failed"}), 0);
  EXPECT_EQ(out_, "");
}

TEST_F(CommandsTest, SayThatThereIsNoQueueYet) {
  EXPECT_EQ(run({"queue", "list", "--set", "queue.directory=/none"}), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "sip2mail: no queue in /none yet\n");
  EXPECT_EQ(run({"queue", "show", "X", "--set", "queue.directory=/none"}), 65);
}

TEST_F(CommandsTest, ShowAnItemByAnyEndOfItsId) {
  const ItemId one = queue_.put_text();
  const ItemId other = queue_.put_text();  // the same last 16 characters
  queue_.defer(one);
  EXPECT_EQ(queue({"queue", "show", one.text()}), 0);
  EXPECT_EQ(out_, "id          " + one.text() +
                      "\nkind        text\nstate       ready\nmailbox     2001\ncaller      山田 太郎 (0312345678)\n"
                      "callee      2001\nreceived    2026-03-01 09:30:00\nsize        5\n"
                      "call-id     a84b4c76e66710@192.0.2.10\n\nto          taro@example.com\nstate       waiting\n"
                      "tries       1\nnext try    2026-03-01 09:31:00\nreply       451 4.7.1 Greylisted\n"
                      "relay       default\n\nhistory\n"
                      "2026-03-01 09:30:00  deferred  taro@example.com  451 4.7.1 Greylisted (default)\n");
  EXPECT_EQ(queue({"queue", "show", lower(one.text().substr(8)), "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out_)["id"], one.text());
  EXPECT_EQ(nlohmann::json::parse(out_)["history"][0]["code"], 451);
  EXPECT_EQ(queue({"queue", "show", one.text().substr(20)}), 65);
  EXPECT_EQ(err_, "sip2mail: \"" + one.text().substr(20) + "\" is the end of more than one id, like " + one.text() +
                      " and " + other.text() + ": give more of it\n");
  EXPECT_EQ(queue({"queue", "show", "XYZ"}), 65);
  EXPECT_EQ(err_, "sip2mail: no item ends with \"XYZ\"\n");
  EXPECT_EQ(queue({"queue", "show", "../x"}), 65);
  EXPECT_EQ(err_, "sip2mail: \"../x\" is no id of an item, nor the end of one\n");
}

TEST_F(CommandsTest, ExportTheMailOfARecipient) {
  const ItemId id = queue_.put_text({"taro@example.com", "office@example.com"});
  EXPECT_EQ(queue({"queue", "export", id.text()}), 0);
  EXPECT_EQ(out_, "From: voicemail@vm.example.com\nTo: taro@example.com\n");
  const std::string file = (queue_.directory / "out.eml").string();
  EXPECT_EQ(queue({"queue", "export", id.text(), "--to", "office@example.com", "-o", file}), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(read_file(file, 1000), "From: voicemail@vm.example.com\nTo: office@example.com\n");
  EXPECT_EQ(queue({"queue", "export", id.text(), "--to", "offce@example.com"}), 65);
  EXPECT_EQ(err_,
            "sip2mail: " + id.text() + " has no recipient offce@example.com (did you mean office@example.com?)\n");
  EXPECT_EQ(queue({"queue", "export", id.text(), "-o", "/none/x"}), 73);
  EXPECT_EQ(queue({"queue", "audio", id.text()}), 65);
  EXPECT_EQ(err_, "sip2mail: " + id.text() + " has no recording\n");
}

TEST_F(CommandsTest, GiveTheRecordingOfAVoicemail) {
  const ItemId id = queue_.put_voicemail();
  const std::string wav = read_file(queue_.directory / "recordings" / (id.text() + ".wav"), 1 << 20);
  EXPECT_EQ(queue({"queue", "audio", id.text()}), 0);
  EXPECT_EQ(out_, wav);
  EXPECT_EQ(queue({"queue", "audio", id.text(), "-o", "-"}), 0);
  EXPECT_EQ(out_, wav);
  const std::string file = (queue_.directory / "out.wav").string();
  EXPECT_EQ(queue({"queue", "audio", id.text(), "-o", file}), 0);
  EXPECT_EQ(read_file(file, 1 << 20), wav);
  terminal_ = true;
  EXPECT_EQ(queue({"queue", "audio", id.text()}), 64);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "sip2mail: a recording is nothing for a terminal: give -o FILE, or a pipe\n");
  terminal_ = false;
  EXPECT_EQ(queue({"queue", "audio", queue_.open_call().text()}), 65);
  std::filesystem::remove(queue_.directory / "recordings" / (id.text() + ".wav"));
  EXPECT_EQ(queue({"queue", "audio", id.text()}), 74);
  EXPECT_EQ(err_, "sip2mail: the recording of " + id.text() + " is missing on the disk\n");
}

}  // namespace
}  // namespace sip2mail
