#include "agent/shipper.hpp"

#include "agent/enrolment.hpp"
#include "agent/files.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/checkpoint.hpp"
#include "tests/agent/scripted_store.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace annexa;
using namespace annexa::agent;
using namespace annexa::agent::testing;
using evidence::Type;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

/// A Transport that hands on to the store of a test, which owns it.
struct Wire final : Transport {
    explicit Wire(ScriptedStore& to) : store{to} {}
    StoreAnswer send(const StoreRequest& request) override { return store.send(request); }
    void use_certificate(const std::string& pem) override { store.use_certificate(pem); }
    ScriptedStore& store;
};

/// An enrolled agent with a store in memory.
struct Bench {
    explicit Bench(std::optional<std::filesystem::path> at = {}) {
        const std::filesystem::path state = at.value_or(temporary.path() / "state");
        folder.emplace(StateFolder::open(state));
        enrol(
            *folder, store.token(), "web1", evidence::sha256("machine"),
            [this](const TlsSettings&) { return std::make_unique<Wire>(store); }, clock);
        start();
    }
    void start() {
        shipper.reset();
        spool.reset();
        identity = load_identity(folder->path());
        spool.emplace(folder->file("spool.db"), std::int64_t{64} << 20, clock);
        shipper.emplace(folder->path(), *identity, *spool, store, clock, log);
    }
    void collect(const std::string& collector, const std::string& cell) {
        clock.advance(seconds{1});
        Collected collected;
        collected.collector = collector;
        collected.collected_at = clock.now();
        collected.tables = {{collector, {{"value", Type::text}}, {{cell}}}};
        spool->add(evidence_of(collected, identity->keys.salt));
    }
    ShipResult ship() {
        clock.advance(seconds{1});
        return shipper->ship({"boot-1", true, evidence::sha256("machine"), {}});
    }
    bool delivers() { return std::holds_alternative<Delivered>(ship()); }
    std::string later() {
        const ShipResult result = ship();
        const auto* one = std::get_if<Later>(&result);
        return one == nullptr ? "not later" : one->condition;
    }
    std::string stopped() {
        const ShipResult result = ship();
        const auto* one = std::get_if<Stopped>(&result);
        return one == nullptr ? "not stopped" : one->code;
    }
    void answer(const StoreAnswer& with) {
        store.script.emplace_back([with](const StoreRequest&) { return with; });
    }

    TemporaryDirectory temporary;
    ManualClock clock;
    ScriptedStore store{clock};
    Log log{LogLevel::error};
    std::optional<StateFolder> folder;
    std::optional<Identity> identity;
    std::optional<Spool> spool;
    std::optional<Shipper> shipper;
};

std::size_t results_in(const ScriptedStore& store) {
    std::size_t count = 0;
    for (const evidence::Statement& statement : store.statements()) count += statement.results.size();
    return count;
}

}  // namespace

TEST_CASE("shipper: tables first, then one statement with all that waits, then the receipt") {
    Bench bench;
    bench.collect("users", "a");
    bench.collect("shadow", "b");
    REQUIRE(bench.delivers());
    REQUIRE(bench.store.accepted.size() == 1);
    const evidence::Statement statement = bench.store.statements()[0];
    CHECK(statement.sequence == 1);
    CHECK(statement.results.size() == 2);
    CHECK(statement.machine == evidence::sha256("machine"));
    CHECK(statement.agent.key_id == bench.identity->keys.evidence.public_key().id());
    CHECK(verify(bench.store.accepted[0], bench.identity->keys.evidence.public_key()));
    CHECK(bench.store.tables.size() == 2);
    CHECK(bench.store.requests[1].method == "PUT");
    CHECK(bench.store.requests.back().method == "POST");
    CHECK(bench.spool->figures().waiting == 0);
    CHECK(bench.shipper->chain().acknowledged->sequence == 1);
    CHECK(bench.delivers());
    CHECK(bench.store.accepted.size() == 1);  // nothing new: nothing sent
}

TEST_CASE("shipper: an unchanged table does not travel again, and each statement names the newest tree") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    const evidence::TreeHead first = bench.store.statements()[0].log.head;
    bench.store.add_entries(7);
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    CHECK(bench.store.count("PUT") == 1);
    const evidence::Statement second = bench.store.statements()[1];
    CHECK(second.results[0].same_as == 1U);
    CHECK(second.log.head.size > first.size);
    CHECK(second.previous == bench.store.accepted[0].digest());
    bench.clock.advance(hours{25});
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    CHECK_FALSE(bench.store.statements()[2].results[0].same_as.has_value());
    CHECK(bench.store.count("PUT") == 1);
}

TEST_CASE("shipper: what was sent is repeated byte for byte until it is answered") {
    Bench bench;
    bench.collect("users", "a");
    bench.store.script.emplace_back(nullptr);  // the table
    bench.store.script.emplace_back([](const StoreRequest&) -> StoreAnswer { throw transport_error("cut off"); });
    CHECK(bench.later() == "store_unreachable");
    const std::string sent = bench.store.requests.back().body;
    bench.collect("shadow", "later");
    bench.start();  // the agent was restarted
    REQUIRE(bench.delivers());
    const auto repeated = std::find_if(bench.store.requests.begin(), bench.store.requests.end(),
                                       [&](const StoreRequest& one) { return one.body == sent; });
    REQUIRE(repeated != bench.store.requests.end());
    CHECK(std::count_if(bench.store.requests.begin(), bench.store.requests.end(),
                        [&](const StoreRequest& one) { return one.body == sent; }) == 2);
    CHECK(bench.store.accepted.size() == 2);
    CHECK(results_in(bench.store) == 2);
}

TEST_CASE("shipper: a receipt that was lost on the way is had again, and nothing counts twice") {
    Bench bench;
    bench.collect("users", "a");
    bench.store.script.emplace_back(nullptr);
    bench.store.script.emplace_back([&](const StoreRequest& request) -> StoreAnswer {
        bench.store.send(request);  // it arrives and is logged
        throw transport_error("cut off before the answer");
    });
    CHECK(bench.later() == "store_unreachable");
    CHECK(bench.store.accepted.size() == 1);
    CHECK(bench.spool->figures().waiting == 1);
    bench.store.add_entries(3);
    REQUIRE(bench.delivers());
    CHECK(bench.store.accepted.size() == 1);
    CHECK(bench.spool->figures().waiting == 0);
}

TEST_CASE("shipper: busy and unavailable wait as long as they are told") {
    for (const char* code : {"busy", "unavailable"}) {
        Bench bench;
        bench.collect("users", "a");
        bench.answer(problem_answer(503, code, seconds{77}));
        const ShipResult result = bench.ship();
        REQUIRE(std::holds_alternative<Later>(result));
        CHECK(std::get<Later>(result).condition == "store_unavailable");
        CHECK(std::get<Later>(result).after == seconds{77});
        CHECK(bench.delivers());
    }
}

TEST_CASE("shipper: an unknown answer deletes nothing") {
    for (const StoreAnswer& answer : {StoreAnswer{200, "<html>", {}}, StoreAnswer{200, "{}", {}},
                                      StoreAnswer{404, "", {}}, StoreAnswer{500, "oops", {}}, StoreAnswer{302, "", {}},
                                      problem_answer(418, "teapot"), StoreAnswer{200, std::string(100, '['), {}}}) {
        Bench bench;
        bench.collect("users", "a");
        bench.store.script.emplace_back(nullptr);
        bench.answer(answer);
        CHECK(bench.later() == "store_answer_unknown");
        CHECK(bench.spool->figures().waiting == 1);
        CHECK(bench.delivers());
        CHECK(bench.store.accepted.size() == 1);
    }
}

TEST_CASE("shipper: codes that end an enrolment stop the sending, wherever they stand") {
    for (const char* code : {"unknown_key", "foreign_host", "retired", "revoked", "two_machines", "other_origin"}) {
        Bench bench;
        bench.collect("users", "a");
        SECTION(std::string{"of the request: "} + code) {
            bench.answer(problem_answer(403, code));
            CHECK(bench.stopped() == code);
        }
        SECTION(std::string{"of the statement: "} + code) {
            bench.store.refuse = [code](const evidence::Statement&) { return evidence::Refused{code, "", {}, {}}; };
            CHECK(bench.stopped() == code);
        }
        CHECK(bench.spool->figures().waiting == 1);
    }
}

TEST_CASE("shipper: missing tables are uploaded and the same statement is repeated") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.store.tables.clear();
    bench.clock.advance(hours{25});
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    CHECK(bench.store.count("PUT") == 2);
    CHECK(bench.store.accepted.size() == 2);
    CHECK(bench.store.statements()[1].sequence == 2);
}

TEST_CASE("shipper: an expired certificate is renewed with the evidence key") {
    Bench bench;
    bench.collect("users", "a");
    bench.answer(problem_answer(403, "certificate_expired"));
    const std::string old = bench.identity->certificate_pem;
    REQUIRE(bench.delivers());
    CHECK(bench.store.count("POST /agent/v1/renew") == 1);
    CHECK(bench.store.shown_certificate == bench.identity->certificate_pem);
    CHECK(bench.identity->certificate_pem != old);
    CHECK(load_identity(bench.folder->path())->certificate_pem == bench.identity->certificate_pem);

    SECTION("one that does not help is not asked for again and again") {
        bench.collect("users", "b");
        bench.answer(problem_answer(403, "certificate_expired"));
        bench.store.script.emplace_back(nullptr);
        bench.answer(problem_answer(403, "certificate_expired"));
        CHECK(bench.later() == "certificate_expired");
        CHECK(bench.store.count("POST /agent/v1/renew") == 2);
        CHECK(bench.delivers());
    }
}

TEST_CASE("shipper: a certificate is renewed in the last third of its life, and one for another host is not taken") {
    Bench bench;
    const std::string old = bench.identity->certificate_pem;
    bench.clock.advance(hours{24 * 50});
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    CHECK(bench.identity->certificate_pem == old);

    bench.clock.advance(hours{24 * 20});
    bench.collect("users", "b");
    const std::string host = std::exchange(bench.store.host_id, evidence::random_uuid());
    REQUIRE(bench.delivers());  // the old one still holds
    CHECK(bench.store.count("POST /agent/v1/renew") == 1);
    CHECK(bench.identity->certificate_pem == old);

    bench.store.host_id = host;
    bench.collect("users", "c");
    REQUIRE(bench.delivers());
    CHECK(bench.identity->certificate_pem != old);
    CHECK(certificate_life(bench.identity->certificate_pem).until > bench.clock.now() + hours{24 * 80});
}

TEST_CASE("shipper: a definite refusal leads to another statement of the same sequence") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.collect("users", "a");
    bench.collect("shadow", "b");
    bench.store.refuse = [](const evidence::Statement& statement) -> std::optional<evidence::Refused> {
        for (const evidence::Result& result : statement.results)
            if (result.same_as) return evidence::Refused{"schema", "same_as names nothing", {}, {}};
        return std::nullopt;
    };
    REQUIRE(bench.delivers());
    REQUIRE(bench.store.accepted.size() == 2);
    CHECK(bench.store.statements()[1].sequence == 2);
    CHECK(bench.store.statements()[1].results.size() == 2);
    CHECK(bench.spool->dropped().empty());
}

TEST_CASE("shipper: the one result that is refused is dropped and said, the others arrive") {
    for (const char* code : {"schema", "wrong_type", "too_large", "bad_json", "table_refused"}) {
        Bench bench;
        for (const char* collector : {"users", "poison", "sshd"}) bench.collect(collector, "a");
        bench.store.refuse = [code](const evidence::Statement& statement) -> std::optional<evidence::Refused> {
            for (const evidence::Result& result : statement.results)
                if (result.collector == "poison") return evidence::Refused{code, "no", {}, {}};
            return std::nullopt;
        };
        REQUIRE(bench.delivers());
        std::set<std::string> arrived;
        std::vector<evidence::Dropped> said;
        std::uint64_t sequence = 0;
        for (const evidence::Statement& statement : bench.store.statements()) {
            CHECK(statement.sequence == ++sequence);
            for (const evidence::Result& result : statement.results) arrived.insert(result.collector);
            said.insert(said.end(), statement.dropped.begin(), statement.dropped.end());
        }
        CHECK(arrived == std::set<std::string>{"users", "sshd"});
        REQUIRE(said.size() == 1);
        CHECK(said[0].collector == "poison");
        CHECK(said[0].reason == "refused");
    }
}

TEST_CASE("shipper: where even an empty statement is refused, no result is given up") {
    Bench bench;
    bench.collect("users", "a");
    bench.collect("shadow", "b");
    bench.store.refuse = [](const evidence::Statement&) { return evidence::Refused{"bad_signature", "no", {}, {}}; };
    CHECK(bench.later() == "refused");
    CHECK(bench.later() == "refused");
    CHECK(bench.spool->figures().waiting == 2);
    CHECK(bench.spool->dropped().empty());
    bench.store.refuse = nullptr;
    CHECK(bench.delivers());
    CHECK(results_in(bench.store) == 2);
    CHECK(bench.store.statements()[0].sequence == 1);
}

TEST_CASE("shipper: a table that the store refuses takes its results with it, and that is said") {
    Bench bench;
    bench.collect("poison", "a");
    bench.answer(problem_answer(422, "schema"));
    CHECK(bench.delivers());
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    std::vector<evidence::Dropped> said;
    for (const evidence::Statement& statement : bench.store.statements())
        said.insert(said.end(), statement.dropped.begin(), statement.dropped.end());
    REQUIRE(said.size() == 1);
    CHECK(said[0].collector == "poison");
}

TEST_CASE("shipper: a restored snapshot goes on behind the store's head and says where it had been") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.spool.reset();
    bench.shipper.reset();
    const TemporaryDirectory copies;
    std::filesystem::copy(bench.folder->path(), copies.path() / "snapshot", std::filesystem::copy_options::recursive);
    bench.start();
    bench.collect("users", "b");
    REQUIRE(bench.delivers());
    bench.collect("users", "c");
    REQUIRE(bench.delivers());
    bench.shipper.reset();
    bench.spool.reset();
    std::filesystem::copy(copies.path() / "snapshot", bench.folder->path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    bench.start();
    CHECK(bench.shipper->chain().last.sequence == 1);
    bench.collect("users", "d");
    REQUIRE(bench.delivers());
    REQUIRE(bench.store.accepted.size() == 4);
    const evidence::Statement last = bench.store.statements()[3];
    CHECK(last.sequence == 4);
    REQUIRE(last.rollback.has_value());
    CHECK(last.rollback->sequence == 2);  // what the snapshot had signed itself
    bench.collect("users", "e");
    REQUIRE(bench.delivers());
    CHECK_FALSE(bench.store.statements()[4].rollback.has_value());  // said once
}

TEST_CASE("shipper: a spool that is lost costs results and is said, never the chain") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.collect("users", "b");
    bench.store.script.emplace_back(nullptr);
    bench.store.script.emplace_back([](const StoreRequest&) -> StoreAnswer { throw transport_error("cut off"); });
    CHECK(bench.later() == "store_unreachable");  // statement 2 is signed and never arrived
    bench.shipper.reset();
    bench.spool.reset();
    write_file(bench.folder->file("spool.db"), std::string(20'000, 'x'));
    bench.start();
    bench.collect("users", "c");
    REQUIRE(bench.delivers());
    const evidence::Statement last = bench.store.statements().back();
    CHECK(last.sequence == 2);
    REQUIRE(last.dropped.size() == 1);
    CHECK(last.dropped[0].collector == "*");
    CHECK(last.rollback.has_value());
}

TEST_CASE("shipper: a crash between spool and chain files is made up for") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    const std::string before = *read_file(bench.folder->file("chain-1"));
    bench.collect("users", "b");
    bench.store.script.emplace_back(nullptr);
    bench.store.script.emplace_back([](const StoreRequest&) -> StoreAnswer { throw transport_error("cut off"); });
    CHECK(bench.later() == "store_unreachable");
    write_file(bench.folder->file("chain-1"), before);
    write_file(bench.folder->file("chain-2"), "torn");
    bench.start();
    CHECK(bench.shipper->chain().last.sequence == 2);
    REQUIRE(bench.delivers());
    CHECK(bench.store.accepted.size() == 2);
    CHECK_FALSE(bench.store.statements()[1].rollback.has_value());
}

TEST_CASE("shipper: a head that is not ours is never followed") {
    Bench bench;
    bench.collect("users", "a");
    const evidence::PrivateKey stranger = evidence::PrivateKey::generate();
    bench.store.refuse = [&](const evidence::Statement& statement) {
        evidence::Statement forged = statement;
        forged.sequence = 9;
        const evidence::Envelope envelope = evidence::seal(evidence::serialise(forged), stranger);
        return evidence::Refused{"chain_conflict", "", {}, evidence::StoreHead{{9, envelope.digest()}, envelope}};
    };
    CHECK(bench.later() == "not_our_chain");
    CHECK(bench.spool->figures().waiting == 1);
    CHECK(bench.shipper->chain().last.sequence == 1);
}

TEST_CASE("shipper: a store that lost what it acknowledged is said") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.store.accepted.clear();
    bench.collect("users", "b");
    CHECK(bench.later() == "store_lost");
    CHECK(bench.spool->figures().waiting == 1);
}

TEST_CASE("shipper: an older tree is asked for again, and after an hour it is an alarm") {
    Bench bench;
    bench.store.add_entries(5);
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.collect("users", "b");
    const std::uint64_t known = bench.store.statements()[0].log.head.size;
    bench.store.change_receipt = [&, known](evidence::Receipt& receipt) {
        evidence::MerkleTree tree;
        for (std::uint64_t i = 0; i < known; ++i) tree.add(evidence::leaf_hash("x"));
        receipt.checkpoint = evidence::sign_checkpoint({bench.store.origin, tree.head(), {}}, bench.store.log_key);
        receipt.consistency_proof.clear();
    };
    CHECK(bench.later() == "log_behind");
    CHECK_FALSE(bench.shipper->chain().alarm.has_value());
    bench.start();  // the hour is counted over a restart
    bench.clock.advance(std::chrono::minutes{61});
    CHECK(bench.later() == "log_rolled_back");
    REQUIRE(bench.shipper->chain().alarm.has_value());
    CHECK(bench.shipper->chain().alarm->code == "log_rolled_back");
    CHECK(bench.spool->figures().waiting == 1);
    SECTION("a server that has caught up answers with the proof; the alarm stays said") {
        bench.store.change_receipt = nullptr;
        REQUIRE(bench.delivers());
        CHECK(bench.spool->figures().waiting == 0);
        CHECK_FALSE(bench.shipper->chain().behind_since.has_value());
        CHECK(bench.store.statements().back().alarm.has_value());
    }
}

TEST_CASE(
    "shipper: a log that was rewritten is an alarm at once, kept as proof, said in every later statement, and nothing "
    "is forgotten") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    bench.store.rewrite_log();
    bench.collect("users", "b");
    CHECK(bench.later() == "log_forked");
    CHECK(bench.spool->figures().waiting == 1);
    REQUIRE(read_file(bench.folder->file("alarm.json")).has_value());
    CHECK(read_file(bench.folder->file("alarm.json"))->find("log_forked") != std::string::npos);
    const std::string proof = *read_file(bench.folder->file("alarm.json"));
    bench.start();
    CHECK(bench.shipper->chain().alarm->code == "log_forked");
    CHECK(bench.later() == "log_forked");
    CHECK(bench.store.statements().back().alarm->code == "log_forked");
    CHECK(*read_file(bench.folder->file("alarm.json")) == proof);
    const std::size_t said = bench.store.accepted.size();
    CHECK(bench.later() == "log_forked");
    CHECK(bench.store.accepted.size() == said);  // once said, it does not pile up
}

TEST_CASE("shipper: a tree that a refusal shows without proof is not taken for verified") {
    Bench bench;
    bench.collect("users", "a");
    REQUIRE(bench.delivers());
    const std::string verified = bench.shipper->chain().checkpoint;
    bench.store.add_entries(4);
    bench.store.rewrite_log();
    bench.collect("users", "b");
    bench.store.refuse = [](const evidence::Statement&) { return evidence::Refused{"busy", "", {}, {}}; };
    bench.store.change_receipt = [](evidence::Receipt& receipt) { receipt.consistency_proof.clear(); };
    CHECK(bench.later() == "store_unavailable");
    CHECK(bench.shipper->chain().checkpoint == verified);
    CHECK_FALSE(bench.shipper->chain().alarm.has_value());
    bench.store.refuse = nullptr;
    bench.store.change_receipt = nullptr;
    CHECK(bench.later() == "log_forked");
}

TEST_CASE("shipper: a receipt that proves nothing is an alarm") {
    const auto wrong = std::vector<std::function<void(ScriptedStore&, evidence::Receipt&)>>{
        [](ScriptedStore&, evidence::Receipt& receipt) {
            std::get<evidence::Accepted>(receipt.statements[0]).index = 0;
        },
        [](ScriptedStore&, evidence::Receipt& receipt) {
            auto& proof = std::get<evidence::Accepted>(receipt.statements[0]).inclusion_proof;
            proof.push_back(evidence::sha256("x"));
        },
        [](ScriptedStore& store, evidence::Receipt& receipt) {
            const auto checkpoint =
                evidence::open_checkpoint(receipt.checkpoint, {store.origin, store.log_key.public_key()});
            receipt.checkpoint = evidence::sign_checkpoint(checkpoint, store.record_key);
        },
    };
    for (const auto& change : wrong) {
        Bench bench;
        bench.collect("users", "a");
        bench.store.change_receipt = [&](evidence::Receipt& receipt) { change(bench.store, receipt); };
        CHECK(bench.later() == "bad_receipt");
        CHECK(bench.spool->figures().waiting == 1);
        CHECK_FALSE(bench.shipper->chain().acknowledged.has_value());
    }
}

TEST_CASE("shipper: results beyond one statement travel in the next") {
    Bench bench;
    for (int i = 0; i < 400; ++i) bench.collect("collector_" + std::to_string(i), std::to_string(i));
    REQUIRE(bench.delivers());
    CHECK(bench.store.accepted.size() > 1);
    CHECK(results_in(bench.store) == 400);
}
