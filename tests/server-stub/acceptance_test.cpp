// Each refusal of the evidence protocol, made by one host against a whole ingest: its code, and that it left nothing
// behind.
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "tests/server-stub/test_site.hpp"
#include "tests/support/each_row.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;

namespace {

struct World {
    MemoryStore store;
    MemoryBlobs blobs;
    Site site{store, blobs};
    TestHost host{site};
    TestHost other{site, evidence::random_uuid(), "db1"};
};

/// A statement whose payload was edited as JSON and signed again: what parse_statement would never have made.
evidence::Envelope edited(const World& world, const std::function<void(nlohmann::json&)>& edit) {
    nlohmann::json payload = evidence::parse_json(evidence::serialise(world.host.next()));
    edit(payload);
    return evidence::seal(evidence::canonical_json(payload), world.host.key_);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

struct Case {
    const char* name;
    const char* code;
    std::function<std::string(World&)> entry;  // one element of the upload
};

std::string entry_of(const evidence::Envelope& envelope) { return evidence::entry(envelope); }

const Case cases[] = {
    {"an envelope whose payload was tampered with", "bad_signature",
     [](World& world) {
         evidence::Envelope envelope = world.host.sealed(world.host.next());
         envelope.payload = replaced(envelope.payload, "\"web1\"", "\"web9\"");
         return entry_of(envelope);
     }},
    {"an envelope whose signature has one bit flipped", "bad_signature",
     [](World& world) {
         evidence::Envelope envelope = world.host.sealed(world.host.next());
         envelope.signature.bytes[5] ^= 1;
         return entry_of(envelope);
     }},
    {"a statement that names a foreign host id", "foreign_host",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.host.id = world.other.id_;
         return entry_of(world.host.sealed(statement));
     }},
    {"another host's statement over this host's connection", "foreign_host",
     [](World& world) { return entry_of(world.other.sealed(world.other.next())); }},
    {"an unknown key", "unknown_key",
     [](World& world) {
         return entry_of(evidence::seal(evidence::serialise(world.host.next()), evidence::PrivateKey::generate()));
     }},
    {"another enrolment than the key's", "unknown_key",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.host.enrolment = world.other.enrolment_;
         return entry_of(world.host.sealed(statement));
     }},
    {"an agent key id that is not the signer's", "schema",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.agent.key_id = evidence::sha256("another key");
         return entry_of(world.host.sealed(statement));
     }},
    {"a statement out of its chain: a sequence beyond the next", "chain_conflict",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.sequence = 5;
         return entry_of(world.host.sealed(statement));
     }},
    {"a statement out of its chain: another previous", "chain_conflict",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.previous = evidence::sha256("another statement");
         return entry_of(world.host.sealed(statement));
     }},
    {"a table named but never sent", "tables_missing",
     [](World& world) {
         return entry_of(
             world.host.sealed(world.host.next({world.host.result("users", {users_table("never-sent").ref()})})));
     }},
    {"a table that only another host has sent", "tables_missing",
     [](World& world) {
         return entry_of(
             world.host.sealed(world.host.next({world.host.result("users", {users_table("others").ref()})})));
     }},
    {"a table under another name than it was sent", "schema",
     [](World& world) {
         const PackedTable sent = users_table("mine");
         return entry_of(world.host.sealed(world.host.next({world.host.result("users", {{"groups", sent.digest}})})));
     }},
    {"a same_as that names no statement", "schema",
     [](World& world) {
         // A first statement cannot have one, so it is written by hand.
         return entry_of(edited(world, [&](nlohmann::json& edit) {
             edit["predicate"]["results"] = nlohmann::json::array(
                 {{{"collector", "users"}, {"collected_at", "2026-11-24T09:00:00.000Z"}, {"same_as", 1}}});
         }));
     }},
    {"a record where a statement belongs", "wrong_type",
     [](World& world) {
         return entry_of(evidence::seal(
             evidence::serialise(evidence::MarkRecord{std::string{origin}, world.site.clock.now()}), world.host.key_));
     }},
    {"a predicateType that is nobody's", "wrong_type",
     [](World& world) {
         return entry_of(edited(
             world, [](nlohmann::json& payload) { payload["predicateType"] = "https://annexa.example/evidence/v2"; }));
     }},
    {"a member that is missing", "schema",
     [](World& world) {
         return entry_of(edited(world, [](nlohmann::json& payload) { payload["predicate"].erase("due"); }));
     }},
    {"a member of the wrong type", "schema",
     [](World& world) {
         return entry_of(edited(world, [](nlohmann::json& payload) { payload["predicate"]["sequence"] = "1"; }));
     }},
    {"another origin", "other_origin",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.log.origin = "annexa/00000000-0000-4000-8000-000000000002";
         return entry_of(world.host.sealed(statement));
     }},
    {"a tree that this store has not got", "unavailable",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.log.head.size = 1'000'000;
         return entry_of(world.host.sealed(statement));
     }},
    {"a loss by the store without its receipt", "schema",
     [](World& world) {
         evidence::Statement statement = world.host.next();
         statement.sequence = 3;
         statement.lost_by_store =
             evidence::LostByStore{1, 2, world.site.log->head().checkpoint, 0, evidence::sha256("leaf"), {}};
         return entry_of(world.host.sealed(statement));
     }},
    {"duplicate members in the payload", "bad_json",
     [](World& world) {
         std::string payload = evidence::serialise(world.host.next());
         payload = replaced(payload, "\"due\":[]", "\"due\":[],\"due\":[]");
         return entry_of(evidence::seal(payload, world.host.key_));
     }},
    {"a payload that is not canonical", "bad_json",
     [](World& world) {
         return entry_of(evidence::seal(" " + evidence::serialise(world.host.next()), world.host.key_));
     }},
    {"a payload whose text is not UTF-8", "bad_json",
     [](World& world) {
         return entry_of(evidence::seal(replaced(evidence::serialise(world.host.next()), "\"web1\"", "\"web\xff\""),
                                        world.host.key_));
     }},
    {"a payload that nests too deeply", "bad_json",
     [](World& world) { return entry_of(evidence::seal(std::string(20'000, '['), world.host.key_)); }},
    {"a payload that is not JSON", "bad_json",
     [](World& world) { return entry_of(evidence::seal("statement", world.host.key_)); }},
    {"a NUL written into the payload", "bad_json",
     [](World& world) {
         return entry_of(evidence::seal(replaced(evidence::serialise(world.host.next()), "\"web1\"", "\"web\\u0000\""),
                                        world.host.key_));
     }},
    {"an integer beyond 2^53 written into the payload", "bad_json",
     [](World& world) {
         return entry_of(evidence::seal(
             replaced(evidence::serialise(world.host.next()), "\"sequence\":1", "\"sequence\":9007199254740993"),
             world.host.key_));
     }},
};

// With its code, and nothing left behind.
void is_refused(const Case& one) {
    World world;
    world.other.put(users_table("others"));
    world.host.put(users_table("mine"));
    const std::string entry = one.entry(world);
    const Traces before = traces(world.site);
    const evidence::Receipt receipt =
        evidence::parse_receipt(world.site.ingest->submit(world.host.id_, "[" + entry + "]"));
    CHECK(outcome(receipt) == one.code);
    CHECK_FALSE(std::get<evidence::Refused>(receipt.statements[0]).detail.empty());
    CHECK(traces(world.site) == before);
    // The chain is where it was: the next proper statement is accepted.
    CHECK(outcome(world.host.deliver(world.host.next())) == "accepted");
}

const annexa::test::EachRow<cases, is_refused> each_refusal{"acceptance refuses: ", "[ingest]",
                                                            CATCH_INTERNAL_LINEINFO};

struct BadUpload {
    const char* name;
    const char* code;
    std::function<std::string(const std::string& entry)> body;  // of an upload, from a good entry
};

const BadUpload uploads[] = {
    {"an empty upload", "bad_json", [](const std::string&) { return std::string{}; }},
    {"an upload that is no list", "bad_json", [](const std::string&) { return std::string{"{}"}; }},
    {"an upload without an envelope", "bad_json", [](const std::string&) { return std::string{"[]"}; }},
    {"a truncated upload", "bad_json", [](const std::string& entry) { return "[" + entry; }},
    {"an upload with more behind its end", "bad_json", [](const std::string& entry) { return "[" + entry + "]]"; }},
    {"duplicate members in an envelope", "bad_json",
     [](const std::string& entry) {
         return "[" + replaced(entry, "\"payload\":", "\"payload\":\"\",\"payload\":") + "]";
     }},
    {"invalid UTF-8 in an envelope", "bad_json",
     [](const std::string& entry) { return "[" + replaced(entry, "\"payload\":\"", "\"payload\":\"\xff") + "]"; }},
    {"an upload that nests too deeply", "bad_json", [](const std::string&) { return std::string(100'000, '['); }},
    {"an upload that is too large", "too_large",
     [](const std::string&) { return std::string((std::size_t{1} << 20) + 1, ' '); }},
};

void is_refused_whole(const BadUpload& upload) {
    World world;
    const Traces before = traces(world.site);
    const std::string body = upload.body(evidence::entry(world.host.sealed(world.host.next())));
    CHECK(code_of([&] { world.site.ingest->submit(world.host.id_, body); }) == upload.code);
    CHECK(traces(world.site) == before);
}

const annexa::test::EachRow<uploads, is_refused_whole> each_upload{"acceptance refuses: ", "[ingest]",
                                                                   CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("acceptance: a statement with its tables is accepted and its receipt verifies", "[ingest]") {
    World world;
    const PackedTable table = users_table("ada");
    world.host.put(table);
    CHECK(outcome(world.host.deliver(world.host.next({world.host.result("users", {table.ref()})}))) == "accepted");
    const StatementRow row = world.store.statement(world.host.enrolment_, 1).value();
    CHECK(row.host == world.host.id_);
    CHECK(row.remarks.empty());
    CHECK(row.results.at(0).tables == std::vector<TableRef>{table.ref()});
    CHECK(world.store.enrolment(world.host.enrolment_)->quota.left == 99);
    // The unchanged table is named again without its bytes, the result by same_as.
    world.site.clock.advance(std::chrono::hours{1});
    const evidence::Result again = TestHost::same_as(world.host.result("users"), 1);
    CHECK(outcome(world.host.deliver(world.host.next({again}))) == "accepted");
    CHECK(world.store.statement(world.host.enrolment_, 2)->results.at(0).tables == std::vector<TableRef>{table.ref()});
    CHECK(world.store.last_results(world.host.id_, {}, {}).at(0).sequence == 2);
}

TEST_CASE("acceptance: a same_as needs a result that was written out there", "[ingest]") {
    World world;
    REQUIRE(outcome(world.host.deliver(world.host.next({world.host.result("users")}))) == "accepted");
    REQUIRE(outcome(world.host.deliver(world.host.next({TestHost::same_as(world.host.result("users"), 1)}))) ==
            "accepted");
    const Traces before = traces(world.site);
    CHECK(outcome(world.host.deliver(world.host.next({TestHost::same_as(world.host.result("shadow"), 1)}))) ==
          "schema");
    CHECK(outcome(world.host.deliver(world.host.next({TestHost::same_as(world.host.result("users"), 2)}))) == "schema");
    CHECK(traces(world.site) == before);
}

TEST_CASE("acceptance: a replay gets its first receipt and adds nothing", "[ingest]") {
    World world;
    const evidence::Envelope first = world.host.sealed(world.host.next());
    const evidence::Receipt receipt = world.host.deliver(world.host.next());
    REQUIRE(outcome(receipt) == "accepted");
    const std::uint64_t index = std::get<evidence::Accepted>(receipt.statements[0]).index;
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    const Traces before = traces(world.site);
    for (int i = 0; i < 3; ++i) {
        const evidence::Receipt again = world.host.send({first});
        REQUIRE(outcome(again) == "accepted");
        CHECK(std::get<evidence::Accepted>(again.statements[0]).index == index);
    }
    // The same payload under a signature made anew is the same statement.
    CHECK(std::get<evidence::Accepted>(
              world.host.send({world.host.sealed(evidence::parse_statement(first.payload))}).statements[0])
              .index == index);
    CHECK(traces(world.site) == before);
    CHECK(world.store.enrolment(world.host.enrolment_)->quota.left == 98);
}

TEST_CASE("acceptance: a replay needs no quota", "[ingest]") {
    MemoryStore store;
    MemoryBlobs blobs;
    IngestLimits limits;
    limits.statements_burst = 1;
    Site site{store, blobs, limits};
    TestHost host{site};
    const evidence::Envelope first = host.sealed(host.next());
    REQUIRE(outcome(host.deliver(host.next())) == "accepted");
    CHECK(outcome(host.send({host.sealed(host.next())})) == "busy");
    CHECK(outcome(host.send({first})) == "accepted");
}

TEST_CASE("acceptance: another statement at a taken sequence is refused with the head and its envelope", "[ingest]") {
    World world;
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    const evidence::Envelope head = world.host.sealed(world.host.next({world.host.result("users")}));
    evidence::Statement fork = world.host.next({world.host.result("shadow")});
    REQUIRE(outcome(world.host.deliver(world.host.next({world.host.result("users")}))) == "accepted");
    const evidence::Receipt receipt = world.host.send({world.host.sealed(fork)});
    REQUIRE(outcome(receipt) == "chain_conflict");
    const auto& refused = std::get<evidence::Refused>(receipt.statements[0]);
    REQUIRE(refused.head);
    CHECK(refused.head->head == evidence::ChainHead{2, head.digest()});
    CHECK(refused.head->envelope == head);
}

TEST_CASE("acceptance: an empty chain's conflict names the enrolment record", "[ingest]") {
    World world;
    evidence::Statement statement = world.host.next();
    statement.sequence = 9;
    const evidence::Receipt receipt = world.host.send({world.host.sealed(statement)});
    const auto& refused = std::get<evidence::Refused>(receipt.statements[0]);
    REQUIRE(refused.head);
    CHECK(refused.head->head == evidence::ChainHead{0, world.host.enrolment_});
    CHECK_FALSE(refused.head->envelope);
}

TEST_CASE("acceptance: a restored snapshot goes on behind the head and says so", "[ingest]") {
    World world;
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    const evidence::ChainHead lost = world.host.chain_;
    evidence::Statement statement = world.host.next();
    statement.rollback = evidence::Rollback{0, world.host.enrolment_};
    statement.boot_id = "22222222-2222-4222-8222-222222222222";
    REQUIRE(outcome(world.host.deliver(statement)) == "accepted");
    CHECK(world.store.statement(world.host.enrolment_, 2)->previous == lost.digest);
    CHECK(world.store.statement(world.host.enrolment_, 2)->remarks == std::set<std::string>{"rollback"});
}

TEST_CASE("acceptance: a loss by the store is taken with the receipt that proves it, and shown", "[ingest]") {
    World world;
    // The host holds the receipt of a statement that this store, made from an older backup, does not have.
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    const LogHead head = world.store.log_head();
    const std::uint64_t index = world.store.statement(world.host.enrolment_, 1)->index;
    evidence::Statement statement = world.host.next();
    statement.sequence = 4;
    statement.previous = evidence::sha256("statement 3, lost");
    statement.lost_by_store = evidence::LostByStore{2,
                                                    3,
                                                    head.checkpoint,
                                                    index,
                                                    evidence::leaf_hash(world.store.entries(index, 1).at(0)),
                                                    world.site.log->inclusion_proof(index, head.tree.size)};
    REQUIRE(outcome(world.host.deliver(statement)) == "accepted");
    CHECK(world.store.statement(world.host.enrolment_, 4)->remarks == std::set<std::string>{"lost_by_store"});
    CHECK(world.store.enrolment(world.host.enrolment_)->head.sequence == 4);
}

TEST_CASE("acceptance: what a host says went wrong is kept with the statement", "[ingest]") {
    World world;
    evidence::Statement statement = world.host.next();
    statement.dropped = {{"users", 3, statement.made_at, statement.made_at, "spool_full"}};
    statement.alarm = evidence::Alarm{"log_forked", statement.made_at, "known", "received", "detail"};
    statement.log.head.root = evidence::sha256("another root");
    // The proof of this store's log cannot convince a host that knows another root, and is not asked to.
    CHECK(outcome(world.host.send({world.host.sealed(statement)})) == "accepted");
    CHECK(world.store.statement(world.host.enrolment_, 1)->remarks ==
          std::set<std::string>{"alarm", "dropped", "other_root"});
}

namespace {

std::string code_once_closed(EnrolmentState state) {
    World world;
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    world.site.log->append({{"revocation", EnrolmentClosed{world.host.enrolment_, state, 2, world.site.clock.now()}}});
    const Traces before = traces(world.site);
    const std::string statement = code_of([&] { world.host.send({world.host.sealed(world.host.next())}); });
    const std::string table = code_of([&] { world.host.put(users_table("ada")); });
    CHECK(statement == table);
    CHECK(traces(world.site) == before);
    return statement;
}

}  // namespace

TEST_CASE("acceptance refuses: a revoked key, at its next request", "[ingest]") {
    CHECK(code_once_closed(EnrolmentState::revoked) == "revoked");
}

TEST_CASE("acceptance refuses: a retired key, at its next request", "[ingest]") {
    CHECK(code_once_closed(EnrolmentState::retired) == "retired");
}

TEST_CASE("acceptance refuses: a key that another replaced", "[ingest]") {
    World world;
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    const evidence::Envelope of_the_old_key = world.host.sealed(world.host.next());
    const evidence::ChainHead head = world.host.chain_;
    world.host.key_ = evidence::PrivateKey::generate();
    world.host.enrol(evidence::EnrolmentRecord::Replaces{world.host.enrolment_, head.sequence, head.digest});
    CHECK(outcome(world.host.send({of_the_old_key})) == "retired");
    CHECK(outcome(world.host.deliver(world.host.next())) == "accepted");
}

TEST_CASE("acceptance refuses: a host that is not enrolled here", "[ingest]") {
    World world;
    const std::string stranger = evidence::random_uuid();
    CHECK(code_of([&] {
              world.site.ingest->submit(stranger,
                                        evidence::encode_upload(std::vector{world.host.sealed(world.host.next())}));
          }) == "unknown_key");
    CHECK(code_of([&] {
              world.site.ingest->put_table(stranger, users_table("a").digest.hex(), "users", users_table("a").frame);
          }) == "unknown_key");
}

TEST_CASE("acceptance: another machine's fingerprint marks the enrolment two_machines until it is enrolled anew",
          "[ingest]") {
    World world;
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    evidence::Statement clone = world.host.next();
    clone.machine = evidence::sha256("another machine");
    CHECK(outcome(world.host.deliver(clone)) == "two_machines");
    CHECK(world.store.enrolment(world.host.enrolment_)->state == EnrolmentState::two_machines);
    CHECK(world.store.enrolment(world.host.enrolment_)->closed_at == world.site.clock.now());
    // Neither of the two goes on.
    CHECK(outcome(world.host.deliver(world.host.next())) == "two_machines");
    CHECK(world.store.statements({}).size() == 1);
    world.host.key_ = evidence::PrivateKey::generate();
    world.host.enrol(evidence::EnrolmentRecord::Replaces{world.host.enrolment_, 1, world.host.chain_.digest});
    CHECK(outcome(world.host.deliver(world.host.next())) == "accepted");
}

TEST_CASE("acceptance: boot ids that alternate are two machines, one return with rollback is a restored snapshot",
          "[ingest]") {
    const std::string a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
    const std::string b = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
    World world;
    const auto deliver = [&](const std::string& boot, bool rollback) {
        evidence::Statement statement = world.host.next();
        statement.boot_id = boot;
        if (rollback) statement.rollback = evidence::Rollback{0, world.host.enrolment_};
        return outcome(world.host.deliver(statement));
    };
    REQUIRE(deliver(a, false) == "accepted");
    REQUIRE(deliver(a, false) == "accepted");
    REQUIRE(deliver(b, false) == "accepted");
    SECTION("A, B, A, B") {
        CHECK(deliver(a, false) == "accepted");
        CHECK(deliver(b, false) == "two_machines");
        CHECK(world.store.enrolment(world.host.enrolment_)->state == EnrolmentState::two_machines);
    }
    SECTION("A, B, A with rollback, then on") {
        CHECK(deliver(a, true) == "accepted");
        CHECK(deliver("cccccccc-cccc-4ccc-8ccc-cccccccccccc", false) == "accepted");
    }
}

TEST_CASE("acceptance: beyond its quota a host is told busy, and its bucket refills with time", "[ingest]") {
    MemoryStore store;
    MemoryBlobs blobs;
    IngestLimits limits;
    limits.statements_burst = 3;
    Site site{store, blobs, limits};
    TestHost host{site};
    for (int i = 0; i < 3; ++i) REQUIRE(outcome(host.deliver(host.next())) == "accepted");
    CHECK(outcome(host.deliver(host.next())) == "busy");
    site.clock.advance(std::chrono::minutes{5});
    CHECK(outcome(host.deliver(host.next())) == "busy");
    site.clock.advance(std::chrono::minutes{1});  // ten an hour: one in six minutes
    CHECK(outcome(host.deliver(host.next())) == "accepted");
    CHECK(outcome(host.deliver(host.next())) == "busy");
    site.clock.advance(std::chrono::hours{1000});
    for (int i = 0; i < 3; ++i) CHECK(outcome(host.deliver(host.next())) == "accepted");
    CHECK(outcome(host.deliver(host.next())) == "busy");
}

TEST_CASE("acceptance: several statements of one upload are judged in turn", "[ingest]") {
    World world;
    std::vector<evidence::Envelope> envelopes;
    for (int i = 0; i < 4; ++i) {
        evidence::Statement statement = world.host.next();
        if (i == 2) statement.results = {world.host.result("users", {users_table("never-sent").ref()})};
        envelopes.push_back(world.host.sealed(statement));
        world.host.chain_ = {statement.sequence, envelopes.back().digest()};
    }
    const evidence::Receipt receipt = world.host.send(envelopes);
    REQUIRE(receipt.statements.size() == 4);
    CHECK(outcome(receipt, 0) == "accepted");
    CHECK(outcome(receipt, 1) == "accepted");
    CHECK(outcome(receipt, 2) == "tables_missing");
    CHECK(std::get<evidence::Refused>(receipt.statements[2]).tables == std::vector{users_table("never-sent").digest});
    CHECK(outcome(receipt, 3) == "unavailable");
    CHECK(world.store.enrolment(world.host.enrolment_)->head.sequence == 2);
    world.host.put(users_table("never-sent"));
    const evidence::Receipt repeated = world.host.send(envelopes);
    for (std::size_t i = 0; i < 4; ++i) CHECK(outcome(repeated, i) == "accepted");
    CHECK(std::get<evidence::Accepted>(repeated.statements[0]).index ==
          std::get<evidence::Accepted>(receipt.statements[0]).index);
}

TEST_CASE("acceptance: a conflict behind accepted statements of the same upload names the head that they made",
          "[ingest]") {
    World world;
    const evidence::Envelope first = world.host.sealed(world.host.next());
    evidence::Statement gap = world.host.next();
    gap.sequence = 7;
    const evidence::Receipt receipt = world.host.send({first, world.host.sealed(gap)});
    CHECK(outcome(receipt, 0) == "accepted");
    REQUIRE(outcome(receipt, 1) == "chain_conflict");
    CHECK(std::get<evidence::Refused>(receipt.statements[1]).head->envelope == first);
}

TEST_CASE("acceptance refuses: an oversized statement, by itself", "[ingest]") {
    World world;
    const std::string big = R"({"payload":")" + std::string(70'000, 'A') +
                            R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":")" +
                            world.host.key_.public_key().id().hex() + R"(","sig":")" + std::string(86, 'A') +
                            R"(=="}]})";
    const Traces before = traces(world.site);
    CHECK(outcome(evidence::parse_receipt(world.site.ingest->submit(world.host.id_, "[" + big + "]"))) == "too_large");
    CHECK(traces(world.site) == before);
}

TEST_CASE("acceptance: a restored store acknowledges nothing and says why", "[ingest]") {
    World world;
    const evidence::Envelope accepted = world.host.sealed(world.host.next());
    REQUIRE(outcome(world.host.deliver(world.host.next())) == "accepted");
    world.site.stop();
    world.store.set_setting("restored", "restored from a backup of 2026-11-24; it acknowledges nothing");
    world.site.start();
    const Traces before = traces(world.site);
    CHECK(code_of([&] { world.host.send({world.host.sealed(world.host.next())}); }) == "unavailable");
    CHECK(code_of([&] { world.host.send({accepted}); }) == "unavailable");
    CHECK(code_of([&] { world.host.put(users_table("ada")); }) == "unavailable");
    CHECK(code_of([&] { world.site.log->append({{"record", {}}}); }) == "unavailable");
    CHECK(world.site.log->trouble() == "restored from a backup of 2026-11-24; it acknowledges nothing");
    CHECK(traces(world.site) == before);
}
