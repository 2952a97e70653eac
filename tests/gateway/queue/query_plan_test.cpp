// Reads the plan of every statement that the queue runs: no table of the size of the queue is read over or sorted.
#include <set>

#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

std::set<std::string>& statements() {
  static std::set<std::string> all;
  return all;
}

int remember(unsigned, void*, void* statement, void*) {
  statements().insert(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
  return 0;
}

// Every connection that opens from now on tells what it runs: no list in the product, so none can be forgotten.
extern "C" int watch(sqlite3* connection, char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, remember, nullptr);
}

class QueryPlan : public QueueTest {
 protected:
  static void SetUpTestSuite() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch)); }
  static void TearDownTestSuite() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(watch)); }

  void run_everything() {
    const Selection all{{}, {State::ready, State::failed, State::held}};
    const std::vector<std::string> kOffice{"office@example.com"};
    const ItemId text = commit([&](Store& store) { return store.put(envelope(), kHello, key(1), kNoon).id; });
    commit([&](Store& store) { return store.put(envelope(), kHello, key(1), kNoon); });
    commit([&](Store& store) { return store.put(envelope(), kHello, key(1), kNoon + 24h); });
    const ItemId call = open(envelope(Kind::voicemail));
    commit([&](Store& store) { store.began(call, kNoon); });
    commit([&](Store& store) { return store.ready(call, {2s, -20, {}}, kNoon); });
    const ItemId missed = open(envelope(Kind::voicemail));
    commit([&](Store& store) { return store.missed(missed, kNoon); });
    const ItemId forgotten = open(envelope(Kind::voicemail));
    commit([&](Store& store) { store.forget(forgotten); });
    commit([&](Store& store) { return store.defer({text, 1}, kLater, 1min, kNoon); });
    commit([&](Store& store) { return store.shrink({text, 1}, kLater, Form::smaller, kNoon); });
    commit([&](Store& store) { return store.fail({text, 1}, kNever, "admin@example.com", kNoon); });
    commit([&](Store& store) { return store.fail({text, 2}, kNever, "admin@example.com", kNoon); });
    const ItemId two = put(envelope(Kind::text, {"a@example.com", "admin@example.com"}));
    commit([&](Store& store) { return store.fail({two, 1}, kNever, "admin@example.com", kNoon); });
    commit([&](Store& store) { store.composing({missed, 1}, kNoon); });
    commit([&](Store& store) { return store.redirect({{two}, {}}, kOffice, kNoon, 100); });
    commit([&](Store& store) { return store.redirect(all, kOffice, kNoon, 100); });
    commit([&](Store& store) { return store.retry(all, kNoon, 100); });
    commit([&](Store& store) { return store.done({call, 1}, kTaken, kNoon); });
    const ItemId kept = put(envelope());
    commit([&](Store& store) {
      return store.done({kept, 1}, {Stage::accepted, 250, "250 Ok", "builtin", false}, kNoon);
    });
    commit([&](Store& store) { return store.retry({{}, {State::delivered}}, kNoon, 100); });
    for (const auto later : {1h, 24h * 40}) {
      commit([&](Store& store) { return store.sweep({1min, 1min}, kNoon + later, 100); });
    }
    put(envelope());
    commit([&](Store& store) { return store.hold(all, 100); });
    commit([&](Store& store) { return store.release(all, kNoon, 100); });
    commit([&](Store& store) { return store.remove(all, 100); });
    open(envelope(Kind::voicemail));
    Log log{LogFormat::logfmt, Level::error};
    recover(*database_, *recordings_, {.min_length = 1s}, kNoon, log);
    record_clean_stop(*database_, kNoon);

    const Reader reader{directory()};
    static_cast<void>(reader.due({}, kNoon, 10));
    static_cast<void>(reader.next_due(kNoon));
    for (const bool newest_first : {false, true}) {
      static_cast<void>(reader.list({.after = text, .newest_first = newest_first}));
    }
    static_cast<void>(reader.show(missed));
    static_cast<void>(reader.content(missed));
    static_cast<void>(reader.history(text));
    static_cast<void>(reader.ending(missed.text().substr(20)));
    static_cast<void>(reader.counts());
  }

  // Small tables, and what an operator types: read over by intent.
  static bool is_meant(const std::string& step) {
    return step == "SCAN CONSTANT ROW" || step == "SCAN unlinks" || step == "SCAN seen" ||
           step == "SCAN items USING COVERING INDEX sqlite_autoindex_items_1";
  }
};

TEST_F(QueryPlan, NeverReadsOverTheQueue) {
  reopen();
  run_everything();
  int read = 0;
  for (const std::string& sql : statements()) {
    if (!sql.starts_with("SELECT") && !sql.starts_with("UPDATE") && !sql.starts_with("INSERT") &&
        !sql.starts_with("DELETE"))
      continue;
    if (sql.find("sqlite_schema") != std::string::npos) continue;
    SQLite::Database connection{(directory() / "queue.db").string(), SQLite::OPEN_READONLY};
    SQLite::Statement plan{connection, "EXPLAIN QUERY PLAN " + sql};
    ++read;
    while (plan.executeStep()) {
      const std::string step = plan.getColumn(3).getString();
      EXPECT_TRUE(step.find("SCAN") == std::string::npos || is_meant(step)) << step << "\n  " << sql;
      EXPECT_EQ(step.find("TEMP B-TREE"), std::string::npos) << step << "\n  " << sql;
      EXPECT_EQ(step.find("AUTOMATIC"), std::string::npos) << step << "\n  " << sql;
    }
  }
  EXPECT_GT(read, 45);
}

}  // namespace
}  // namespace sip2mail
