// What every member of the Store family does with history, tokens and accounts, and under contention.
#include "server-stub/storage/bracket.hpp"
#include "tests/server-stub/store_members.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {
HistoryRow stretch(const std::string& host, const std::string& state, int from, std::uint64_t index) {
    HistoryRow row;
    row.host = host;
    row.check = "ssh-root-login";
    row.state = state;
    row.from = at(from);
    row.from_index = index;
    row.known = index + 1;
    row.detail = R"({"population":1})";
    return row;
}
}  // namespace

CONTRACT("history is stretches that end, are superseded, and carry their own digest") {
    TestType member;
    Store& store = member.store();
    store.record({10, {stretch("host-1", "fail", 0, 5), stretch("host-2", "pass", 0, 6)}, {}, {}, {}});
    CHECK(store.evaluated() == 10);
    HistoryRow failing = store.history({.host = "host-1"}).at(0);
    CHECK(failing.id == 1);
    CHECK(failing.integrity == history_digest(failing));
    failing.to = at(100);
    failing.to_index = 20;
    store.record({21, {stretch("host-1", "pass", 100, 20)}, {failing}, {}, {}});

    Store& again = member.reopened();
    CHECK(again.evaluated() == 21);
    const auto states = [&](const HistoryFilter& filter) {
        std::vector<std::string> found;
        for (const HistoryRow& row : again.history(filter)) found.push_back(row.host + " " + row.state);
        return found;
    };
    using States = std::vector<std::string>;
    CHECK(states({}) == States{"host-1 fail", "host-1 pass", "host-2 pass"});
    CHECK(states({.open_only = true}) == States{"host-1 pass", "host-2 pass"});
    CHECK(states({.from = at(50), .to = at(50)}) == States{"host-1 fail", "host-2 pass"});
    CHECK(states({.from = at(100), .to = at(100)}) == States{"host-1 pass", "host-2 pass"});
    CHECK(states({.host = "host-1", .from = at(99), .to = at(200)}) == States{"host-1 fail", "host-1 pass"});
    CHECK(states({.known_at = 6}) == States{"host-1 fail"});
    CHECK(states({.known_at = 20, .open_only = true}) == States{"host-1 fail", "host-2 pass"});
    CHECK(states({.check = "other"}).empty());
    for (const HistoryRow& row : again.history({.with_superseded = true})) CHECK(row.integrity == history_digest(row));

    // Late evidence: it was a pass from 40 on. What was believed before stays answerable.
    HistoryRow believed = again.history({.host = "host-1"}).at(0);
    believed.superseded = 31;
    HistoryRow shorter = stretch("host-1", "fail", 0, 5);
    shorter.to = at(40);
    shorter.to_index = 30;
    shorter.known = 31;
    HistoryRow inserted = stretch("host-1", "pass", 40, 30);
    inserted.to = at(100);
    inserted.to_index = 20;
    again.record({31, {shorter, inserted}, {believed}, {}, {}});
    CHECK(states({.host = "host-1", .from = at(50), .to = at(50)}) == States{"host-1 pass"});
    CHECK(states({.host = "host-1", .from = at(50), .to = at(50), .known_at = 30}) == States{"host-1 fail"});
    CHECK(again.history({.with_superseded = true}).size() == 5);
}

CONTRACT("findings open and close, and a change of what is not there writes nothing") {
    TestType member;
    Store& store = member.store();
    FindingRow finding;
    finding.host = "host-1";
    finding.check = "ssh-root-login";
    finding.key = R"(["PermitRootLogin"])";
    finding.opened = at(0);
    finding.opened_index = 5;
    finding.known = 6;
    finding.detail = R"(["PermitRootLogin","yes","no","/etc/ssh/sshd_config:33"])";
    store.record({6, {}, {}, {finding}, {}});
    FindingRow open = store.findings({.open_only = true}).at(0);
    CHECK(open.key == finding.key);
    CHECK(open.integrity == finding_digest(open));
    open.closed = at(60);
    open.closed_index = 9;
    store.record({10, {}, {}, {}, {open}});
    CHECK(store.findings({.open_only = true}).empty());
    CHECK(store.findings({.from = at(59), .to = at(59)}).size() == 1);
    CHECK(store.findings({.from = at(60), .to = at(60)}).empty());
    CHECK(store.findings({.known_at = 9, .open_only = true}).size() == 1);
    const FindingRow closed = member.reopened().findings({}).at(0);
    CHECK(closed.closed == at(60));
    CHECK(closed.integrity == finding_digest(closed));

    HistoryRow none;
    none.id = 99;
    CHECK_THROWS_AS(member.store().record({11, {stretch("host-1", "pass", 0, 5)}, {none}, {}, {}}), contradiction);
    CHECK(member.store().history({}).empty());
    CHECK(member.store().evaluated() == 10);
}

CONTRACT("a token is found by its secret's hash, counts its users once, and ends") {
    TestType member;
    Store& store = member.store();
    const Token token{"t1", digest("secret"), "agent", "rollout", "", "host-1", 2, 0, at(0), at(3600), false};
    const Token forever{"t2", digest("other"), "reader",     "",   "account-1", std::nullopt, 0,
                        0,    at(0),           std::nullopt, false};
    store.add_token(token);
    store.add_token(forever);
    CHECK_THROWS_AS(store.add_token(token), contradiction);
    CHECK(store.token(digest("secret")) == token);
    CHECK_FALSE(store.token(digest("nothing")));
    CHECK(store.tokens() == std::vector{token, forever});
    CHECK(store.use_token(digest("secret"), "key-1", at(1)));
    CHECK(store.use_token(digest("secret"), "key-1", at(2)));
    CHECK(store.use_token(digest("secret"), "key-2", at(3)));
    CHECK_FALSE(store.use_token(digest("secret"), "key-3", at(4)));
    CHECK(store.use_token(digest("secret"), "key-1", at(5)));
    CHECK(store.token(digest("secret"))->uses == 2);
    CHECK_FALSE(store.use_token(digest("secret"), "key-1", at(3600)));
    CHECK_FALSE(store.use_token(digest("nothing"), "key-1", at(1)));
    for (int i = 0; i < 5; ++i) CHECK(store.use_token(digest("other"), "key-" + std::to_string(i), at(1'000'000)));
    store.revoke_token("t2");
    CHECK_FALSE(store.use_token(digest("other"), "key-0", at(1)));
    CHECK(member.reopened().token(digest("other"))->revoked);
}

CONTRACT("accounts are kept under ids that mean nothing") {
    TestType member;
    const Account account{"a1", "Ada", "admin", at(0)};
    member.store().add_account(account);
    CHECK_THROWS_AS(member.store().add_account(account), contradiction);
    Store& store = member.reopened();
    CHECK(store.account("a1") == account);
    CHECK_FALSE(store.account("a2"));
    CHECK(store.accounts() == std::vector{account});
}

CONTRACT("a token with one use goes to one of many that ask at once") {
    TestType member;
    Store& store = member.store();
    store.add_token({"t1", digest("secret"), "agent", "", "", std::nullopt, 1, 0, at(0), std::nullopt, false});
    std::atomic<int> won = 0;
    std::vector<std::thread> askers;
    for (int i = 0; i < 8; ++i)
        askers.emplace_back([&, i] {
            if (store.use_token(digest("secret"), "key-" + std::to_string(i), at(1))) ++won;
        });
    for (std::thread& asker : askers) asker.join();
    CHECK(won == 1);
}

CONTRACT("readers see whole commits while a writer works") {
    TestType member;
    Store& store = member.store();
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            while (!done) {
                const LogHead head = store.log_head();
                if (store.entries(0, head.tree.size).size() < head.tree.size) ++torn;
                if (head.tree.size > 0 && head.checkpoint != "checkpoint " + std::to_string(head.tree.size)) ++torn;
            }
        });
    for (int i = 0; i < 50; ++i) append(store, at(i), {{"entry " + std::to_string(i), {}}});
    done = true;
    for (std::thread& reader : readers) reader.join();
    CHECK(torn == 0);
    CHECK(store.log_head().tree.size == 100);
}
