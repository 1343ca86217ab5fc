#include "agent/worker.hpp"

#include "agent/enrolment.hpp"
#include "agent/files.hpp"
#include "terminal/output.hpp"
#include "tests/agent/scripted_store.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace annexa;
using namespace annexa::agent;
using namespace annexa::agent::testing;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct Wire final : Transport {
    explicit Wire(ScriptedStore& to) : store{to} {}
    StoreAnswer send(const StoreRequest& request) override { return store.send(request); }
    void use_certificate(const std::string& pem) override { store.use_certificate(pem); }
    ScriptedStore& store;
};

/// A whole agent but for its threads: a peer in annexa-collect's place, a store in memory, a clock that stands.
struct Bench {
    Bench() {
        enrol(
            folder, store.token(), "web1", evidence::sha256("machine"),
            [this](const TlsSettings&) { return std::make_unique<Wire>(store); }, clock);
        configuration.schedule.splay = seconds{0};
        start("answers");
    }
    void start(const std::string& manner) {
        worker.reset();
        const auto program = temporary.path() / manner;
        if (!std::filesystem::exists(program) && manner != "absent")
            std::filesystem::create_symlink(ANNEXA_BINARY_DIR "/bin/fake_collect", program);
        identity = load_identity(folder.path());
        worker.emplace(Worker::Parts{configuration,
                                     folder,
                                     *identity,
                                     store,
                                     CollectorProgram{program},
                                     {{"users", 4, {"users"}}, {"shadow", 4, {"shadow"}}, {"walk", 4, {"walk"}}},
                                     {{"users", false}, {"shadow", false}, {"walk", true}},
                                     clock,
                                     log,
                                     -1,
                                     [] { return 0.5; }});
    }
    /// Another peer for the same worker.
    void start_peer(const std::string& manner) {
        const auto program = temporary.path() / manner;
        if (!std::filesystem::exists(program))
            std::filesystem::create_symlink(ANNEXA_BINARY_DIR "/bin/fake_collect", program);
        worker->use(configuration, CollectorProgram{program});
    }
    [[nodiscard]] nlohmann::json status() { return nlohmann::json::parse(status_json(worker->status())); }
    [[nodiscard]] std::size_t results() const {
        std::size_t count = 0;
        for (const evidence::Statement& statement : store.statements()) count += statement.results.size();
        return count;
    }

    TemporaryDirectory temporary;
    ManualClock clock;
    ScriptedStore store{clock};
    Log log{LogLevel::error};
    Configuration configuration;
    StateFolder folder = StateFolder::open(temporary.path() / "state");
    std::optional<Identity> identity;
    std::optional<Worker> worker;
};

}  // namespace

TEST_CASE("worker: the first run is at once, the next at its time, a missed one is caught up once") {
    Bench bench;
    const evidence::Instant next = bench.worker->step();
    CHECK(next <= bench.clock.now() + minutes{1});
    CHECK(bench.results() == 3);
    CHECK(bench.store.statements()[0].results.size() == 2);  // the deep one does not hold up the others
    bench.worker->step();
    CHECK(bench.results() == 3);
    bench.clock.advance(hours{1});
    bench.worker->step();
    CHECK(bench.results() == 5);
    bench.clock.advance(hours{50});
    bench.start("answers");  // the host was off
    bench.worker->step();
    CHECK(bench.results() == 8);
    bench.worker->step();
    CHECK(bench.results() == 8);
    CHECK(bench.store.statements().back().boot_id == "b");
}

TEST_CASE("worker: while the store is away results wait, and nothing is asked before its time") {
    Bench bench;
    for (int i = 0; i < 4; ++i)
        bench.store.script.emplace_back([](const StoreRequest&) -> StoreAnswer { throw transport_error("no route"); });
    bench.worker->step();
    CHECK(bench.status()["state"] == "backing_off");
    CHECK(bench.status()["spool"]["waiting"] == 3);
    CHECK(bench.status()["trouble"].get<std::string>().find("no route") != std::string::npos);
    const std::size_t asked = bench.store.requests.size();
    bench.worker->step();
    CHECK(bench.store.requests.size() == asked);
    bench.store.script.clear();
    bench.clock.advance(minutes{2});
    bench.worker->step();
    CHECK(bench.status()["state"] == "ready");
    CHECK(bench.status()["spool"]["waiting"] == 0);
    CHECK(bench.results() == 3);
    CHECK(bench.status()["acknowledged"] == bench.status()["sequence"]);
}

TEST_CASE("worker: what the store wants no more is collected all the same") {
    Bench bench;
    bench.store.refuse = [](const evidence::Statement&) { return evidence::Refused{"revoked", "by Ann", {}, {}}; };
    bench.worker->step();
    CHECK(bench.status()["state"] == "stopped");
    CHECK(bench.status()["conditions"][0]["code"] == "revoked");
    const std::size_t asked = bench.store.requests.size();
    bench.clock.advance(hours{1});
    bench.worker->step();
    CHECK(bench.store.requests.size() == asked);
    CHECK(bench.status()["spool"]["waiting"] == 5);
}

TEST_CASE(
    "worker: a collector that breaks its limit three times rests for a day, says so, and takes no other with it") {
    Bench bench;
    bench.start("late");  // shadow is too slow, each time
    const auto of = [&](const std::string& name) {
        const nlohmann::json status = bench.status();
        for (const auto& one : status["collectors"])
            if (one["collector"] == name) return one;
        return nlohmann::json{};
    };
    for (int i = 0; i < 3; ++i) {
        CHECK(bench.status()["conditions"].empty());
        bench.worker->step();
        CHECK(of("shadow")["reason"] == "timed_out");
        bench.clock.advance(hours{1});
    }
    bench.start_peer("answers");  // it would answer now, and is not asked
    bench.worker->step();
    CHECK(of("shadow")["reason"] == "timed_out");
    CHECK(of("users")["status"] == "ok");
    CHECK(bench.status()["conditions"][0]["code"] == "collector_paused");
    CHECK(bench.status()["conditions"][0]["detail"] == "shadow");
    bench.worker->collect_all_now();  // a person may try it before
    CHECK(of("shadow")["status"] == "ok");
    CHECK(bench.status()["conditions"].empty());
}

TEST_CASE("worker: a collector that cannot be had is owed, once, and had as soon as it can be") {
    Bench bench;
    bench.start("absent");
    bench.worker->step();
    REQUIRE(bench.store.accepted.size() == 1);
    CHECK(bench.store.statements()[0].due == std::vector<std::string>{"shadow", "users"});
    CHECK(bench.status()["conditions"][0]["code"] == "collector_unavailable");
    for (int i = 0; i < 5; ++i) {
        bench.clock.advance(minutes{2});
        bench.worker->step();
    }
    CHECK(bench.store.accepted.size() == 1);
    std::filesystem::create_symlink(ANNEXA_BINARY_DIR "/bin/fake_collect", bench.temporary.path() / "absent");
    bench.clock.advance(minutes{2});
    bench.worker->step();
    CHECK(bench.results() == 3);
    CHECK(bench.status()["conditions"].empty());
    CHECK(bench.store.statements().back().due.empty());
}

TEST_CASE("worker: another machine's answer ends it before a key is used again") {
    Bench bench;
    bench.start("elsewhere");
    CHECK_THROWS_WITH(bench.worker->step(), Catch::Contains("cloned: enrol again"));
    CHECK(bench.store.accepted.empty());
}

TEST_CASE("worker: a damaged spool is set aside, said, and work goes on") {
    Bench bench;
    bench.worker->step();
    write_file(bench.folder.file("spool.db"), std::string(40'000, 'x'));
    bench.start("answers");
    bench.clock.advance(hours{1});
    bench.worker->step();
    const auto conditions = bench.status()["conditions"];
    CHECK(std::any_of(conditions.begin(), conditions.end(),
                      [](const auto& one) { return one["code"] == "spool_corrupt"; }));
    bool said = false;
    for (const evidence::Statement& statement : bench.store.statements())
        for (const evidence::Dropped& one : statement.dropped) said = said || one.reason == "spool_corrupt";
    CHECK(said);
    CHECK(bench.results() == 6);  // it no longer knows when it ran, and runs all again
}

TEST_CASE("worker: asked to, it collects and sends at once, whatever it was waiting for") {
    Bench bench;
    for (int i = 0; i < 4; ++i)
        bench.store.script.emplace_back([](const StoreRequest&) -> StoreAnswer { throw transport_error("no route"); });
    bench.worker->step();
    bench.store.script.clear();
    bench.worker->collect_all_now();
    CHECK(bench.results() == 6);
    CHECK(bench.status()["state"] == "ready");
}

TEST_CASE("worker: an alarm is shown from the first moment after a restart") {
    Bench bench;
    bench.worker->step();
    bench.store.rewrite_log();
    bench.clock.advance(hours{1});
    bench.worker->step();
    bench.start("answers");
    CHECK(bench.status()["conditions"][0]["code"] == "log_forked");
    CHECK(bench.status()["alarm"]["code"] == "log_forked");
    std::ostringstream text;
    print_status(text, status_json(bench.worker->status()), terminal::Paint{false});
    CHECK(text.str().find("log_forked") != std::string::npos);
    CHECK(text.str().find("next: Keep the state folder as proof") != std::string::npos);
}

TEST_CASE("status: without a service the state folder tells") {
    Bench bench;
    bench.worker->step();
    bench.worker.reset();
    Configuration configuration;
    configuration.state = bench.folder.path();
    const auto status = nlohmann::json::parse(status_json(offline_status(configuration, bench.clock.now())));
    CHECK(status["running"] == false);
    CHECK(status["host"]["name"] == "web1");
    CHECK(status["acknowledged"] == 2);
    CHECK(status["conditions"][0]["code"] == "not_running");
    configuration.state = bench.temporary.path() / "nowhere";
    CHECK(nlohmann::json::parse(status_json(
              offline_status(configuration, bench.clock.now())))["conditions"][0]["code"] == "not_enrolled");
}
