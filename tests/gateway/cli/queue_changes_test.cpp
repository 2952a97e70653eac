// The commands that change the queue, through a gateway and without one.
#include <nlohmann/json.hpp>

#include "tests/gateway/cli/commands_fixture.hpp"

namespace sip2mail {
namespace {

using QueueChanges = CommandsTest;

TEST_F(QueueChanges, GoThroughTheGateway) {
  serve();
  const ItemId failed = queue_.put_text();
  const ItemId delivered = queue_.put_text();
  queue_.fail(failed);
  queue_.done(delivered);
  EXPECT_EQ(queue({"queue", "retry", delivered.text(), failed.text()}), 65);
  EXPECT_EQ(err_, "sip2mail: " + delivered.text() + ": it is delivered\n");
  EXPECT_EQ(out_, "1 item is tried again\n");
  EXPECT_EQ(queue_.show(failed).state, State::ready);
  EXPECT_EQ(queue({"queue", "hold", failed.text()}), 0);
  EXPECT_EQ(out_, "1 item is held\n");
  EXPECT_EQ(queue_.show(failed).state, State::held);
  EXPECT_EQ(queue({"queue", "release", "--all"}), 0);
  EXPECT_EQ(out_, "1 item is released\n");
  EXPECT_EQ(queue_.show(failed).state, State::ready);
  EXPECT_EQ(queue({"queue", "delete", failed.text()}), 0);
  EXPECT_EQ(out_, "1 item is deleted\n");
  EXPECT_FALSE(Reader{queue_.directory}.show(failed));
  EXPECT_EQ(asked_, 5);
}

TEST_F(QueueChanges, TellWhetherTheGatewayIsWell) {
  serve();
  EXPECT_EQ(queue({"health"}), 0);
  EXPECT_EQ(out_, "alive\n");
  EXPECT_EQ(queue({"health", "--ready"}), 0);
  EXPECT_EQ(out_, "ready\n");
  queue_.health.set(Health::disk_low, true);
  EXPECT_EQ(queue({"health", "--ready"}), 1);
  EXPECT_EQ(out_, "less than queue.min-free is left on the disk of queue.directory: free some space or lower it\n");
  EXPECT_EQ(queue({"health"}), 0);
}

TEST_F(QueueChanges, WriteThemselvesWithTheGatewayDown) {
  std::vector<ItemId> ids;
  for (int i = 0; i < 3; ++i) queue_.fail(ids.emplace_back(queue_.put_text()));
  queue_.close();
  EXPECT_EQ(queue({"queue", "retry", "-"}, "ID\tRECEIVED\n" + ids[0].text() + "\tmore\n\n"), 0);
  EXPECT_EQ(out_, "1 item is tried again\n");
  EXPECT_EQ(queue_.show(ids[0]).state, State::ready);
  EXPECT_EQ(queue_.show(ids[1]).state, State::failed);
  EXPECT_EQ(queue({"queue", "retry", "--all"}), 0);
  EXPECT_EQ(out_, "2 items are tried again\n");
  EXPECT_EQ(queue_.show(ids[2]).state, State::ready);
  EXPECT_EQ(queue({"queue", "hold", "--all"}), 0);
  EXPECT_EQ(out_, "3 items are held\n");
  EXPECT_EQ(queue({"queue", "release", ids[0].text(), ids[1].text()}), 0);
  EXPECT_EQ(queue({"queue", "delete", "--all", "--state", "held"}), 0);
  EXPECT_EQ(out_, "1 item is deleted\n");
  EXPECT_EQ(queue({"queue", "delete", ids[0].text()}), 0);
  EXPECT_EQ(queue({"queue", "list", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out_)["id"], ids[1].text());
  EXPECT_EQ(queue({"health"}), 1);
  EXPECT_EQ(out_, "no gateway runs on " + queue_.directory.string() + "\n");
  EXPECT_EQ(queue({"health", "--ready"}), 1);
  queue_.open();
}

TEST_F(QueueChanges, TakeTheOutputOfListAsInput) {
  const ItemId mine = queue_.put_text({"taro@example.com"}, "2001");
  const ItemId other = queue_.put_text({"jiro@example.com"}, "2002");
  queue_.close();
  for (const bool json : {true, false}) {
    std::vector<std::string> list{"queue", "list", "--mailbox", "2001"};
    if (json) list.emplace_back("--json");
    EXPECT_EQ(queue(list), 0);
    EXPECT_EQ(queue({"queue", json ? "hold" : "release", "-"}, out_), 0);
    EXPECT_EQ(queue_.show(mine).state, json ? State::held : State::ready);
    EXPECT_EQ(queue_.show(other).state, State::ready);
  }
  queue_.open();
}

TEST_F(QueueChanges, PrintNothingWhenThereIsNothing) {
  queue_.put_text();
  queue_.close();
  EXPECT_EQ(queue({"queue", "delete", "--all", "--state", "failed"}), 0);
  EXPECT_EQ(out_ + err_, "");
  EXPECT_EQ(queue({"queue", "release", "--all"}), 0);
  EXPECT_EQ(out_ + err_, "");
  EXPECT_EQ(queue({"queue", "hold", "-"}, ""), 0);
  EXPECT_EQ(out_ + err_, "");
  queue_.open();
}

TEST_F(QueueChanges, NeedIdsOrAnExplicitAll) {
  for (const std::string verb : {"retry", "hold", "release", "delete"}) {
    EXPECT_EQ(queue({"queue", verb}), 64);
    EXPECT_EQ(err_, "sip2mail: queue " + verb + " wants ids, - for ids on standard input, or --all\n");
    EXPECT_EQ(queue({"queue", verb, "X", "--all"}), 64);
  }
  EXPECT_EQ(queue({"queue", "delete", "X", "--state", "failed"}), 64);
  EXPECT_EQ(err_, "sip2mail: queue delete takes --state only with --all\n");
  EXPECT_EQ(queue({"queue", "delete", "--all", "--state", "faild"}), 64);
  EXPECT_EQ(err_, "sip2mail: no state \"faild\" (did you mean failed?)\n");
}

TEST_F(QueueChanges, FindAnItemByAnyEndAndGoOnWhenOneIsNotThere) {
  const ItemId id = queue_.put_text();
  queue_.close();
  EXPECT_EQ(queue({"queue", "hold", "XYZ", "../x", id.text().substr(6)}), 65);
  EXPECT_EQ(err_,
            "sip2mail: XYZ: no item ends with \"XYZ\"\n"
            "sip2mail: ../x: \"../x\" is no id of an item, nor the end of one\n");
  EXPECT_EQ(out_, "1 item is held\n");
  EXPECT_EQ(queue_.show(id).state, State::held);
  queue_.open();
}

TEST_F(QueueChanges, SayWhyAnItemCannotBeChanged) {
  serve();
  const ItemId records = queue_.open_call();
  for (const std::string verb : {"retry", "hold", "release", "delete"}) {
    EXPECT_EQ(queue({"queue", verb, records.text()}), 65);
    EXPECT_EQ(err_, "sip2mail: " + records.text() + ": it is still recorded\n");
  }
  EXPECT_EQ(queue_.show(records).state, State::recording);
}

TEST_F(QueueChanges, ReplaceTheFailedRecipients) {
  const ItemId id = queue_.put_text({"taro@example.com", "office@example.com"});
  queue_.fail(id, 1);
  queue_.done(id, 2);
  queue_.close();
  EXPECT_EQ(queue({"queue", "retry", "--to", "nobody", id.text()}), 65);
  EXPECT_EQ(err_.substr(0, 35 + 26), "sip2mail: " + id.text() + ": to: \"nobody\" is no emai");
  EXPECT_EQ(queue({"queue", "retry", "--to", "new@example.com", id.text()}), 0);
  EXPECT_EQ(out_, "1 item is tried again\n");
  ASSERT_EQ(queue_.show(id).recipients.size(), 2U);
  EXPECT_EQ(queue_.show(id).recipients[1].address, "new@example.com");
  EXPECT_EQ(queue({"queue", "retry", "--to", "other@example.com", id.text()}), 65);
  EXPECT_EQ(err_, "sip2mail: " + id.text() + ": none of its recipients failed\n");
  EXPECT_EQ(queue({"queue", "show", id.text()}), 0);
  EXPECT_NE(out_.find("  failed  taro@example.com  550 5.1.1 No such user (default)\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("  replaced  taro@example.com\n"), std::string::npos) << out_;
  queue_.open();
}

TEST_F(QueueChanges, SendAgainWhatTheMaildirTookOnceThereIsARelay) {
  const ItemId id = queue_.put_text();
  queue_.run([&](Store& store) {
    return store.done({id, 1}, {Stage::accepted, 250, "250 Ok", "builtin", false}, queue_.received);
  });
  queue_.close();
  const std::vector<std::string> again{"queue", "retry", "--all", "--state", "delivered"};
  EXPECT_EQ(queue(again), 65);
  EXPECT_EQ(err_, "sip2mail: relay.url is not set: what the built-in Maildir took would only go there again\n");
  std::vector<std::string> with_relay = again;
  with_relay.insert(with_relay.end(), {"--set", "relay.url=smtp://127.0.0.1", "--set", "mailbox.1.email=a@b.example"});
  EXPECT_EQ(queue(with_relay), 0) << err_;
  EXPECT_EQ(out_, "1 item is tried again\n");
  EXPECT_EQ(queue_.show(id).state, State::ready);
  queue_.open();
}

TEST_F(QueueChanges, DoNotWriteBehindAGatewayThatHangs) {
  const ItemId id = queue_.put_text();
  queue_.fail(id);
  EXPECT_EQ(queue({"queue", "retry", id.text()}), 69);  // the Writer lives, nobody listens
  EXPECT_EQ(err_, "sip2mail: a gateway has the queue " + queue_.directory.string() +
                      " but does not answer on its control socket; try again later\n");
  EXPECT_EQ(queue_.show(id).state, State::failed);
}

}  // namespace
}  // namespace sip2mail
