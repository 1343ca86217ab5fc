// What every member of the Store family does: log, hosts, statements, tables, decisions. Nothing here asks which member
// it is.
#include "server-stub/storage/bracket.hpp"
#include "tests/server-stub/store_members.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

CONTRACT("a new store is empty, and its log has the empty tree's root") {
    TestType member;
    Store& store = member.store();
    CHECK(store.log_head() == LogHead{});
    CHECK(store.log_head().tree.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(store.entries(0, 10).empty());
    CHECK_FALSE(store.tile(0, 0, 1));
    CHECK_FALSE(store.mark_before(100));
    CHECK(store.known_at(at(0)) == 0);
    CHECK(store.hosts().empty());
    CHECK(store.statements({}).empty());
    CHECK(store.evaluated() == 0);
    CHECK(store.verify().empty());
}

CONTRACT("settings are kept, replaced, and absent until set") {
    TestType member;
    CHECK_FALSE(member.store().setting("organization"));
    member.store().set_setting("organization", "Example");
    member.store().set_setting("organization", "Example GmbH");
    CHECK(member.reopened().setting("organization") == "Example GmbH");
}

CONTRACT("what is staged is not seen, and what is committed is there for good") {
    TestType member;
    Store& store = member.store();
    Commit commit = make_commit(store, at(0), {{"one", {}}, {"two", {}}});
    REQUIRE(store.stage(commit));
    CHECK(store.log_head() == LogHead{});
    CHECK(store.entries(0, 10).empty());
    CHECK_FALSE(store.tile(0, 0, 1));
    commit.checkpoint = "signed";
    REQUIRE(store.commit(commit));
    Store& again = member.reopened();
    CHECK(again.log_head() == LogHead{commit.next, "signed", Mark{0, at(0)}});
    CHECK(again.entries(0, 10) == std::vector<std::string>{"mark 2026-11-24T09:00:00.000Z", "one", "two"});
    CHECK(again.entries(1, 1) == std::vector<std::string>{"one"});
    CHECK(again.entries(3, 5).empty());
    CHECK(again.tile(0, 0, 2) == std::string{evidence::leaf_hash("mark 2026-11-24T09:00:00.000Z").view()} +
                                     std::string{evidence::leaf_hash("one").view()});
    CHECK_FALSE(again.tile(0, 0, 4));
    CHECK_FALSE(again.tile(0, 1, 1));
    CHECK_FALSE(again.tile(1, 0, 1));
}

CONTRACT("a commit upon another head than the store's writes nothing") {
    TestType member;
    Store& store = member.store();
    Commit late = make_commit(store, at(0), {{"late", {}}});
    append(store, at(0), {{"first", {}}});
    const LogHead head = store.log_head();
    CHECK_FALSE(store.stage(late));
    late.checkpoint = "signed";
    CHECK_FALSE(store.commit(late));
    CHECK(store.log_head() == head);
    CHECK(store.entries(0, 10).size() == 2);
}

CONTRACT("only what is staged can be committed, and a later staging takes its place") {
    TestType member;
    Store& store = member.store();
    Commit one = make_commit(store, at(0), {{"one", {}}});
    Commit other = make_commit(store, at(0), {{"other", {}}});
    one.checkpoint = "one";
    other.checkpoint = "other";
    CHECK_FALSE(store.commit(one));
    REQUIRE(store.stage(one));
    REQUIRE(store.stage(other));
    CHECK_FALSE(store.commit(one));
    REQUIRE(store.commit(other));
    CHECK(store.entries(1, 1) == std::vector<std::string>{"other"});
    CHECK_FALSE(store.commit(other));
}

CONTRACT("staged entries of a killed writer are gone once somebody else commits") {
    TestType member;
    const Commit lost = make_commit(member.store(), at(0), {{"a", {}}, {"b", {}}, {"c", {}}});
    REQUIRE(member.store().stage(lost));
    Store& store = member.reopened();
    CHECK(store.log_head() == LogHead{});
    append(store, at(1), {{"d", {}}});
    CHECK(store.entries(0, 10) == std::vector<std::string>{"mark 2026-11-24T09:00:01.000Z", "d"});
    CHECK_FALSE(store.tile(0, 0, 3));
}

CONTRACT("tiles grow over many commits and a narrower one stays readable") {
    TestType member;
    Store& store = member.store();
    evidence::MemoryHashes hashes;
    const auto add = [&](const std::string& entry) { hashes.add(evidence::leaf_hash(entry)); };
    for (int i = 0; i < 30; ++i) {
        std::vector<LogEntry> entries;
        add("mark " + evidence::to_string(at(i)));
        for (int j = 0; j < 9; ++j) {
            entries.push_back({"entry " + std::to_string(i) + " " + std::to_string(j), {}});
            add(entries.back().bytes);
        }
        append(store, at(i), entries);
    }
    REQUIRE(store.log_head().tree.size == 300);
    CHECK(store.tile(0, 0, 256).value().size() == 8192);
    CHECK(store.tile(0, 0, 3) == store.tile(0, 0, 256)->substr(0, 96));
    CHECK(store.tile(0, 1, 44).value().substr(43 * 32) == std::string{hashes.hash(0, 299).view()});
    CHECK_FALSE(store.tile(0, 1, 45));
    CHECK(store.tile(1, 0, 1) == std::string{hashes.hash(8, 0).view()});
}

CONTRACT("marks tell what was known when") {
    TestType member;
    Store& store = member.store();
    append(store, at(0), {{"a", {}}});   // mark 0
    append(store, at(10), {{"b", {}}});  // mark 2
    append(store, at(10), {{"c", {}}});  // mark 4, of the same time
    append(store, at(20));               // mark 6
    CHECK(store.mark_before(2) == Mark{0, at(0)});
    CHECK(store.mark_before(3) == Mark{2, at(10)});
    CHECK_FALSE(store.mark_before(0));
    CHECK(store.mark_from(2) == Mark{2, at(10)});
    CHECK(store.mark_from(3) == Mark{4, at(10)});
    CHECK_FALSE(store.mark_from(7));
    CHECK(store.known_at(at(-1)) == 0);
    CHECK(store.known_at(at(0)) == 2);
    CHECK(store.known_at(at(9)) == 2);
    CHECK(store.known_at(at(10)) == 6);
    CHECK(store.known_at(at(30)) == 7);
}

CONTRACT("an enrolment makes its host and begins its chain") {
    TestType member;
    with_host(member.store());
    Store& store = member.reopened();
    Enrolment expected = enrolment("host-1", "web1");
    expected.index = 1;
    expected.head = {0, web1};
    expected.head_index = 1;
    CHECK(store.enrolment(web1) == expected);
    CHECK(store.enrolment_by_key(expected.key_id) == expected);
    CHECK(store.enrolments("host-1") == std::vector{expected});
    CHECK(store.host("host-1") == Host{"host-1", "web1", {}, web1, at(1), std::nullopt, false});
    CHECK(store.hosts().size() == 1);
    CHECK_FALSE(store.host("host-2"));
    CHECK_FALSE(store.enrolment(digest("none")));
    CHECK_FALSE(store.enrolment_by_key(digest("none")));
}

CONTRACT("an enrolment replaces the host's current one at the head that its record names") {
    TestType member;
    Store& store = with_host(member.store());
    Enrolment second = enrolment("host-1", "web1 again");
    CHECK_THROWS_AS(append(store, at(2), {enrolled(second)}), contradiction);
    second.replaces = digest("enrolment of nobody");
    CHECK_THROWS_AS(append(store, at(2), {enrolled(second, evidence::ChainHead{0, web1})}), contradiction);
    second.replaces = web1;
    CHECK_THROWS_AS(append(store, at(2), {enrolled(second, evidence::ChainHead{7, web1})}), contradiction);
    append(store, at(2), {enrolled(second, evidence::ChainHead{0, web1})});
    CHECK(store.enrolment(web1)->state == EnrolmentState::replaced);
    CHECK(store.enrolment(web1)->closed_at == second.made_at);
    CHECK(store.host("host-1")->enrolment == second.id);
    CHECK(store.enrolments("host-1").size() == 2);
    CHECK(store.enrolments("host-1").back().id == second.id);
}

CONTRACT("one evidence key has one enrolment, and a replaced host must be there") {
    TestType member;
    Store& store = with_host(member.store());
    CHECK_THROWS_AS(append(store, at(2), {enrolled(enrolment("host-1", "web1"))}), contradiction);
    Enrolment same_key = enrolment("host-2", "web2");
    same_key.key_id = enrolment("host-1", "web1").key_id;
    CHECK_THROWS_AS(append(store, at(2), {enrolled(same_key)}), contradiction);
    Enrolment of_nobody = enrolment("host-3", "web3");
    of_nobody.replaces = web1;
    CHECK_THROWS_AS(append(store, at(2), {enrolled(of_nobody, evidence::ChainHead{0, web1})}), contradiction);
    CHECK(store.hosts().size() == 1);
    CHECK(store.log_head().tree.size == 2);
}

CONTRACT("retiring and revoking close an enrolment; retiring the current one retires the host") {
    TestType member;
    Store& store = with_host(member.store());
    append(store, at(2), {{"revocation", EnrolmentClosed{web1, EnrolmentState::revoked, 17, at(2)}}});
    CHECK(store.enrolment(web1)->state == EnrolmentState::revoked);
    CHECK(store.enrolment(web1)->compromised_since == 17);
    CHECK(store.enrolment(web1)->closed_at == at(2));
    CHECK_FALSE(store.host("host-1")->retired);
    append(store, at(3), {{"retirement", EnrolmentClosed{web1, EnrolmentState::retired, 17, at(3)}}});
    CHECK(store.host("host-1")->retired);
    CHECK(store.enrolment(web1)->state == EnrolmentState::retired);
    CHECK_THROWS_AS(
        append(store, at(4), {{"revocation", EnrolmentClosed{digest("none"), EnrolmentState::revoked, {}, at(4)}}}),
        contradiction);
}

CONTRACT("two machines are marked once and only while the enrolment is active") {
    TestType member;
    Store& store = with_host(member.store());
    store.mark_two_machines(web1, at(5));
    store.mark_two_machines(web1, at(6));
    CHECK(store.enrolment(web1)->state == EnrolmentState::two_machines);
    CHECK(store.enrolment(web1)->closed_at == at(5));
    CHECK_THROWS_AS(append(store, at(7), {logged(statement(store, web1, at(0), {}))}), contradiction);
}

CONTRACT("tags are a person's word on a host that is there") {
    TestType member;
    with_host(member.store()).set_tags("host-1", {{"owner", "platform"}});
    CHECK(member.reopened().host("host-1")->tags == std::map<std::string, std::string>{{"owner", "platform"}});
    CHECK_THROWS_AS(member.store().set_tags("host-9", {}), contradiction);
}

CONTRACT("a statement moves its chain, its host, its quota, its boots and names its tables") {
    TestType member;
    Store& store = with_host(member.store());
    REQUIRE(store.hold(holding("host-1", "table", at(2))));
    StatementAccepted change = statement(store, web1, at(0), {result("users", at(4), {{"users", digest("table")}})});
    change.row.results.push_back(result("shadow", at(4)));
    change.row.results.back().status = evidence::Status::error;
    change.row.results.back().reason = evidence::Reason::permission_denied;
    const std::uint64_t mark = append(store, at(10), {logged(change)});
    const std::uint64_t index = mark + 1;

    Store& again = member.reopened();
    const Enrolment after = again.enrolment(web1).value();
    CHECK(after.head == evidence::ChainHead{1, change.row.digest});
    CHECK(after.head_index == index);
    CHECK(after.quota == change.quota);
    CHECK(after.boots == change.boots);
    CHECK(again.host("host-1")->last_seen == at(10));
    CHECK(again.host("host-1")->name == "web1.example");
    CHECK(again.holding("host-1", digest("table"))->named == index);

    StatementRow expected = change.row;
    expected.index = index;
    expected.logged_at = at(10);
    for (StoredResult& one : expected.results) {
        one.written_out = index;
        one.at = at(4);
    }
    CHECK(again.statement(web1, 1) == expected);
    CHECK(again.statement_at(index) == expected);
    CHECK_FALSE(again.statement(web1, 2));
    CHECK_FALSE(again.statement_at(mark));
}

CONTRACT(
    "(enrolment, sequence) is unique, a moved head and a table that is not held are contradictions, and nothing is "
    "left of them") {
    TestType member;
    Store& store = with_host(member.store());
    store.hold(holding("host-2", "table of another host", at(2)));
    const StatementAccepted first = statement(store, web1, at(0), {});
    append(store, at(10), {logged(first)});
    const LogHead head = store.log_head();

    CHECK_THROWS_AS(append(store, at(11), {logged(first)}), contradiction);
    StatementAccepted same_sequence = first;
    same_sequence.follows = store.enrolment(web1)->head;
    CHECK_THROWS_AS(append(store, at(11), {logged(same_sequence)}), contradiction);
    CHECK_THROWS_AS(append(store, at(11),
                           {logged(statement(store, web1, at(0),
                                             {result("users", at(4), {{"users", digest("table of another host")}})}))}),
                    contradiction);
    // The first of two that fit and one that does not: none of them.
    const StatementAccepted second = statement(store, web1, at(0), {});
    CHECK_THROWS_AS(append(store, at(11), {logged(second), logged(second)}), contradiction);

    CHECK(store.log_head() == head);
    CHECK(store.enrolment(web1)->head.sequence == 1);
    CHECK(store.statements({}).size() == 1);
    append(store, at(12), {logged(second)});
    CHECK(store.enrolment(web1)->head.sequence == 2);
}

CONTRACT("same_as is resolved to the last result that its statement wrote out") {
    TestType member;
    Store& store = with_host(member.store());
    store.hold(holding("host-1", "one", at(2)));
    store.hold(holding("host-1", "two", at(2)));
    const std::uint64_t first = 1 + append(store, at(10),
                                           {logged(statement(store, web1, at(0),
                                                             {result("users", at(4), {{"users", digest("one")}}),
                                                              result("users", at(8), {{"users", digest("two")}})}))});
    append(store, at(20), {logged(statement(store, web1, at(10), {same_as("users", at(15), 1, first)}))});
    const StatementRow row = store.statement(web1, 2).value();
    REQUIRE(row.results.size() == 1);
    CHECK(row.results[0].tables == std::vector<TableRef>{{"users", digest("two")}});
    CHECK(row.results[0].version == 1);
    CHECK(row.results[0].same_as == 1);
    CHECK(row.results[0].written_out == first);
    CHECK(store.holding("host-1", digest("two"))->named == first);
}

CONTRACT("a result's time counts inside its bracket, else the nearer end is taken and it is marked") {
    TestType member;
    Store& store = with_host(member.store());
    const std::uint64_t mark =
        append(store, at(100),
               {logged(statement(store, web1, at(50),
                                 {result("early", at(10)), result("inside", at(60)), result("ahead", at(500))}))});
    StatementRow row = store.statement_at(mark + 1).value();
    CHECK_FALSE(row.not_after);
    CHECK(row.results[0].at == at(50));
    CHECK(row.results[0].clock);
    CHECK(row.results[1].at == at(60));
    CHECK_FALSE(row.results[1].clock);
    CHECK(row.results[2].at == at(500));  // still open at that side
    append(store, at(120));
    row = store.statement_at(mark + 1).value();
    CHECK(row.not_after == at(120));
    CHECK(row.results[2].at == at(120));
    CHECK(row.results[2].clock);
    CHECK(row.results[2].collected_at == at(500));
    CHECK_FALSE(row.results[1].clock);
}

CONTRACT("the last result of a collector is the highest in the chain, as of a time and as known") {
    TestType member;
    Store& store = with_host(member.store());
    append(store, at(100),
           {logged(statement(store, web1, at(0),
                             {result("users", at(50)), result("users", at(90)), result("shadow", at(91))}))});
    append(store, at(200),
           {logged(statement(store, web1, at(100), {result("users", at(190)), result("gone", at(190))}))});
    // Logged late: collected before what is known already, and still the last of its chain.
    append(store, at(300), {logged(statement(store, web1, at(200), {result("users", at(250))}))});
    append(store, at(400));

    const auto times = [&](std::optional<Instant> when, std::optional<std::uint64_t> known) {
        std::map<std::string, Instant> found;
        for (const ResultAt& result : store.last_results("host-1", when, known))
            found.emplace(result.result.collector, result.result.at);
        return found;
    };
    using Times = std::map<std::string, Instant>;
    CHECK(times({}, {}) == Times{{"gone", at(190)}, {"shadow", at(91)}, {"users", at(250)}});
    CHECK(times(at(200), {}) == Times{{"gone", at(190)}, {"shadow", at(91)}, {"users", at(190)}});
    CHECK(times(at(189), {}) == Times{{"shadow", at(91)}, {"users", at(90)}});
    CHECK(times(at(60), {}) == Times{{"users", at(50)}});
    CHECK(times(at(1), {}).empty());
    CHECK(times({}, store.known_at(at(150))) == Times{{"shadow", at(91)}, {"users", at(90)}});
    CHECK(times(at(1000), store.known_at(at(250))) == Times{{"gone", at(190)}, {"shadow", at(91)}, {"users", at(190)}});
    CHECK(times({}, 0).empty());
    CHECK(store.last_results("host-2", {}, {}).empty());
    const ResultAt last = store.last_results("host-1", {}, {}).back();
    CHECK(last.sequence == 3);
    CHECK(last.not_before == at(200));
    CHECK(last.not_after == at(400));
    CHECK(last.index == store.statement(web1, 3)->index);
}

CONTRACT("a new enrolment's results come after the old one's") {
    TestType member;
    Store& store = with_host(member.store());
    append(store, at(100),
           {logged(statement(store, web1, at(0), {result("users", at(90)), result("shadow", at(90))}))});
    Enrolment second = enrolment("host-1", "web1 again");
    second.replaces = web1;
    append(store, at(200), {enrolled(second, store.enrolment(web1)->head)});
    append(store, at(300), {logged(statement(store, second.id, at(200), {result("users", at(250))}))});
    const std::vector<ResultAt> last = store.last_results("host-1", {}, {});
    REQUIRE(last.size() == 2);
    CHECK(last[0].result.collector == "shadow");
    CHECK(last[0].enrolment == web1);
    CHECK(last[1].enrolment == second.id);
    CHECK(store.enrolments("host-1").front().head.sequence == 1);
}

CONTRACT("results between two times, in the chain's order") {
    TestType member;
    Store& store = with_host(member.store());
    append(store, at(100),
           {logged(statement(store, web1, at(0), {result("users", at(50)), result("shadow", at(60))}))});
    append(store, at(200), {logged(statement(store, web1, at(100), {result("users", at(150))}))});
    append(store, at(300), {logged(statement(store, web1, at(200), {result("users", at(290))}))});
    const auto times = [&](std::string_view collector, Instant from, Instant to) {
        std::vector<Instant> found;
        for (const ResultAt& result : store.results_between("host-1", collector, from, to))
            found.push_back(result.result.at);
        return found;
    };
    using Times = std::vector<Instant>;
    CHECK(times("users", at(0), at(1000)) == Times{at(50), at(150), at(290)});
    CHECK(times("", at(0), at(1000)) == Times{at(50), at(60), at(150), at(290)});
    CHECK(times("users", at(150), at(150)) == Times{at(150)});
    CHECK(times("users", at(151), at(289)).empty());
    CHECK(times("users", at(290), at(290)) == Times{at(290)});
    CHECK(times("users", at(0), at(149)) == Times{at(50)});
}

CONTRACT("statements are listed by host and index, either way round, bounded") {
    TestType member;
    Store& store = with_host(member.store());
    append(store, at(2), {enrolled(enrolment("host-2", "web2"))});
    for (int i = 0; i < 3; ++i)
        append(
            store, at(100 + i),
            {logged(statement(store, web1, at(0), {})), logged(statement(store, digest("enrolment web2"), at(0), {}))});
    const auto indexes = [&](const StatementFilter& filter) {
        std::vector<std::uint64_t> found;
        for (const StatementRow& row : store.statements(filter)) found.push_back(row.index);
        return found;
    };
    using Indexes = std::vector<std::uint64_t>;
    CHECK(indexes({}) == Indexes{12, 11, 9, 8, 6, 5});
    StatementFilter filter;
    filter.host = "host-2";
    CHECK(indexes(filter) == Indexes{12, 9, 6});
    filter.newest_first = false;
    CHECK(indexes(filter) == Indexes{6, 9, 12});
    filter.from_index = 7;
    CHECK(indexes(filter) == Indexes{9, 12});
    filter.before_index = 12;
    CHECK(indexes(filter) == Indexes{9});
    filter = {};
    filter.limit = 2;
    CHECK(indexes(filter) == Indexes{12, 11});
}

CONTRACT("a table is held for the host that put it, and dropped when nothing named it") {
    TestType member;
    Store& store = with_host(member.store());
    CHECK(store.hold(holding("host-1", "a", at(0))));
    CHECK(store.hold(holding("host-1", "bb", at(100))));
    CHECK(store.hold(holding("host-2", "bb", at(300))));
    const std::vector<Digest> asked{digest("bb"), digest("ccc"), digest("a")};
    CHECK(store.holdings("host-1", asked) ==
          std::vector{holding("host-1", "bb", at(100)), holding("host-1", "a", at(0))});
    CHECK(store.holdings("host-2", asked) == std::vector{holding("host-2", "bb", at(300))});
    CHECK(store.unnamed_bytes("host-1") == 3);
    CHECK(store.bytes_put_since("host-1", at(50)) == 2);
    CHECK(store.held() == std::map<Digest, std::uint64_t>{{digest("a"), 1}, {digest("bb"), 2}});

    append(store, at(200), {logged(statement(store, web1, at(0), {result("users", at(4), {{"users", digest("a")}})}))});
    CHECK(store.unnamed_bytes("host-1") == 2);
    CHECK(store.drop_unnamed(at(100)).empty());
    CHECK(store.drop_unnamed(at(200)).empty());  // host-1's bb goes, host-2 still holds it
    CHECK_FALSE(store.holding("host-1", digest("bb")));
    CHECK(store.holding("host-1", digest("a")));
    CHECK(store.drop_unnamed(at(400)) == std::vector{digest("bb")});
    CHECK(store.held() == std::map<Digest, std::uint64_t>{{digest("a"), 1}});
}

CONTRACT("a table that is put again is held from then on") {
    TestType member;
    Store& store = member.store();
    CHECK(store.hold(holding("host-1", "a", at(0))));
    CHECK_FALSE(store.hold(holding("host-1", "a", at(500))));
    CHECK(store.holding("host-1", digest("a"))->put_at == at(500));
    CHECK(store.drop_unnamed(at(400)).empty());
    CHECK(member.reopened().holding("host-1", digest("a")) ==
          Holding{"host-1", digest("a"), "users", 1, at(500), std::nullopt});
}

CONTRACT("the last decision on a subject is in force, as of a time and as known") {
    TestType member;
    Store& store = member.store();
    const Decision adopted{"adoption", "linux-baseline", "adopted", digest("pack 1"), "account-1", at(10), 0};
    Decision later = adopted;
    later.document = digest("pack 2");
    later.at = at(30);
    const Decision waiver{"waiver", "w1", "approved", digest("document"), "account-2", at(20), 0};
    append(store, at(10), {{"policy 1", adopted}});  // 1
    append(store, at(20), {{"waiver", waiver}});     // 3
    append(store, at(30), {{"policy 2", later}});    // 5
    const auto documents = [&](std::optional<Instant> when, std::optional<std::uint64_t> known) {
        std::vector<Digest> found;
        for (const Decision& decision : store.decisions("adoption", when, known)) found.push_back(decision.document);
        return found;
    };
    CHECK(documents({}, {}) == std::vector{digest("pack 2")});
    CHECK(documents(at(29), {}) == std::vector{digest("pack 1")});
    CHECK(documents({}, 5) == std::vector{digest("pack 1")});
    CHECK(documents(at(9), {}).empty());
    Decision expected = waiver;
    expected.index = 3;
    CHECK(member.reopened().decisions("waiver", {}, {}) == std::vector{expected});
    CHECK(member.store().all_decisions("adoption").size() == 2);
    CHECK(member.store().all_decisions("acknowledgement").empty());
}

CONTRACT("a decision upon a base that is no longer the last is refused, and nothing of its commit is written") {
    TestType member;
    Store& store = member.store();
    Decision first{"record", "R-0001", "written", digest("version 1"), "account-1", at(10), 0, 0};
    append(store, at(10), {{"version 1", first}});  // 1
    const Decision second{"record", "R-0001", "written", digest("version 2"), "account-1", at(20), 0, 1};
    append(store, at(20), {{"version 2", second}});  // 3
    const LogHead head = store.log_head();
    CHECK_THROWS_AS(append(store, at(30), {{"also version 2", second}}), contradiction);
    CHECK_THROWS_AS(
        append(store, at(30),
               {{"another", Decision{"record", "R-0002", "written", digest("x"), "account-1", at(30), 0, 0}},
                {"first again", first}}),
        contradiction);
    CHECK(store.log_head() == head);
    CHECK(store.all_decisions("record").size() == 2);
    // Another kind on the same subject is another matter.
    append(store, at(40),
           {{"approval", Decision{"approval", "R-0001", "approved", digest("approval"), "account-2", at(40), 0, 0}}});
    CHECK_FALSE(member.reopened().all_decisions("record").back().follows);
}
