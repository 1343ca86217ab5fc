// Every row of a kind, as check asks for it, from every member of the Store family; and a snapshot, which only a
// database on disk has.
#include "tests/server-stub/store_members.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

CONTRACT("every setting, enrolment and span of a collector is told") {
    TestType member;
    Store& store = with_host(member.store());
    CHECK(store.settings().empty());
    store.set_setting("origin", "annexa/1");
    store.set_setting("origin", "annexa/2");
    CHECK(store.settings() == std::map<std::string, std::string>{{"origin", "annexa/2"}});

    append(store, at(10), {enrolled(enrolment("host-0", "db1"))});
    const std::vector<Enrolment> enrolments = store.all_enrolments();
    REQUIRE(enrolments.size() == 2);
    CHECK(enrolments.at(0) == store.enrolment(web1));
    CHECK(enrolments.at(1).host == "host-0");

    CHECK(store.collector_spans().empty());
    append(store, at(20), {logged(statement(store, web1, at(0), {result("users", at(5)), result("kernel", at(5))}))});
    append(store, at(30), {logged(statement(store, web1, at(0), {result("users", at(25))}))});
    CHECK(member.reopened().collector_spans() ==
          std::vector<CollectorSpan>{{"host-1", "kernel", 5, 5}, {"host-1", "users", 5, 7}});
}

CONTRACT("holdings are told page by page, by host and digest") {
    TestType member;
    Store& store = with_host(member.store());
    std::map<std::pair<std::string, Digest>, Holding> all;
    for (const char* host : {"host-1", "host-0"})
        for (const char* content : {"a", "b", "c"}) {
            const Holding made = holding(host, content, at(1));
            store.hold(made);
            all.emplace(std::pair{made.host, made.digest}, made);
        }
    for (const std::size_t limit : {1U, 2U, 4U, 100U}) {
        std::vector<Holding> told;
        Holding last;
        for (std::vector<Holding> page; !(page = store.holdings_after(last.host, last.digest, limit)).empty();
             last = page.back()) {
            CHECK(page.size() <= limit);
            told.insert(told.end(), page.begin(), page.end());
        }
        std::vector<Holding> expected;
        for (const auto& [key, one] : all) expected.push_back(one);
        CHECK(told == expected);
    }
}

CONTRACT("rows of history are counted as they are written, whatever becomes of them") {
    TestType member;
    Store& store = with_host(member.store());
    CHECK(store.rows_written() == RowsWritten{0, 0});
    HistoryRow row;
    row.host = "host-1";
    row.check = "check";
    row.state = "pass";
    row.from = at(1);
    FindingRow finding;
    finding.host = "host-1";
    finding.check = "check";
    finding.key = "[]";
    finding.opened = at(1);
    store.record({2, {row, row}, {}, {finding}, {}});
    HistoryRow ended = store.history({}).front();
    ended.superseded = 2;
    store.record({2, {row}, {ended}, {}, {}});
    CHECK(member.reopened().rows_written() == RowsWritten{3, 1});
}

TEST_CASE("store: a snapshot sees the moment at which it was opened", "[store]") {
    InSQLite member;
    Store& store = with_host(member.store());
    const SQLiteStore snapshot{member.folder / "store.sqlite", SQLiteStore::Mode::snapshot};
    append(store, at(10), {logged(statement(store, web1, at(0), {result("users", at(5))}))});
    CHECK(store.log_head().tree.size == 4);
    CHECK(snapshot.log_head().tree.size == 2);
    CHECK(snapshot.statements({}).empty());
    CHECK(snapshot.host("host-1")->last_seen == std::nullopt);
    CHECK(SQLiteStore{member.folder / "store.sqlite", SQLiteStore::Mode::snapshot}.log_head().tree.size == 4);
}
