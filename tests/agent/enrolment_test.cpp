#include "agent/enrolment.hpp"

#include "agent/chain_state.hpp"
#include "agent/files.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/enrolment.hpp"
#include "tests/agent/scripted_store.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace annexa;
using namespace annexa::agent;
using namespace annexa::agent::testing;

namespace {

struct Wire final : Transport {
    explicit Wire(ScriptedStore& to) : store{to} {}
    StoreAnswer send(const StoreRequest& request) override {
        StoreAnswer answer = store.send(request);
        if (change) answer.body = change(answer.body);
        return answer;
    }
    void use_certificate(const std::string&) override {}
    ScriptedStore& store;
    std::function<std::string(const std::string&)> change;
};

struct Bench {
    TemporaryDirectory temporary;
    ManualClock clock;
    ScriptedStore store{clock};
    StateFolder folder = StateFolder::open(temporary.path() / "state");
    std::function<std::string(const std::string&)> change;

    EnrolmentResult enrol_as(const std::optional<evidence::Digest>& machine = evidence::sha256("machine")) {
        return enrol(
            folder, store.token(), "web1", machine,
            [this](const TlsSettings& settings) {
                CHECK(settings.url == "https://localhost:1");
                CHECK(settings.ca_pem.find("BEGIN CERTIFICATE") != std::string::npos);
                auto wire = std::make_unique<Wire>(store);
                wire->change = change;
                return wire;
            },
            clock);
    }
};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("enrolment: the keys stay here, the answer is kept once it is verified, everything for its owner alone") {
    Bench bench;
    const EnrolmentResult result = bench.enrol_as();
    CHECK_FALSE(result.unchanged);
    CHECK(result.enrolment.host_id == bench.store.host_id);
    const auto identity = load_identity(bench.folder.path());
    REQUIRE(identity.has_value());
    CHECK(identity->enrolment == result.enrolment);
    CHECK(identity->enrolment.recovery_key == bench.store.recovery_key.public_key());
    CHECK(identity->enrolment.machine == evidence::sha256("machine"));
    const ChainState chain = load_chain_state(bench.folder.path());
    CHECK(chain.last.sequence == 0);
    CHECK(chain.last.digest == result.enrolment.digest);
    CHECK(mode_of(bench.folder.path()) == 0700);
    for (const auto& file : std::filesystem::directory_iterator{bench.folder.path()}) {
        INFO(file.path());
        CHECK(mode_of(file.path()) == 0600);
    }
    const StoreRequest& request = bench.store.requests.at(0);
    CHECK_FALSE(request.with_certificate);
    CHECK(request.bearer == bench.store.token().bearer());
    const evidence::EnrolmentRequest sent = evidence::open_enrolment_request(request.body);
    CHECK(sent.host_name == "web1");
    CHECK(sent.token == bench.store.token().hash());
    for (const char* secret : {"evidence.pem", "tls.pem", "salt"})
        CHECK(request.body.find(*read_file(bench.folder.file(secret))) == std::string::npos);
}

TEST_CASE("enrolment: run again it is unchanged and asks nobody") {
    Bench bench;
    bench.enrol_as();
    const std::string key = *read_file(bench.folder.file("evidence.pem"));
    const EnrolmentResult again = bench.enrol_as();
    CHECK(again.unchanged);
    CHECK(bench.store.requests.size() == 1);
    CHECK(*read_file(bench.folder.file("evidence.pem")) == key);
    CHECK(bench.enrol_as(std::nullopt).unchanged);  // a machine that cannot be read is no other machine
}

TEST_CASE("enrolment: an identity of another machine is replaced, with new keys") {
    Bench bench;
    bench.enrol_as();
    const std::string key = *read_file(bench.folder.file("evidence.pem"));
    write_file(bench.folder.file("spool.db"), "of the other machine");
    CHECK(is_cloned(*load_enrolment(bench.folder.path()), evidence::sha256("other")));
    const EnrolmentResult result = bench.enrol_as(evidence::sha256("other"));
    CHECK(result.was_cloned);
    CHECK_FALSE(result.unchanged);
    CHECK(*read_file(bench.folder.file("evidence.pem")) != key);
    CHECK_FALSE(read_file(bench.folder.file("spool.db")).has_value());
}

TEST_CASE("enrolment: nothing of an answer that does not verify is kept") {
    const auto with = [](auto edit) {
        return [edit](const std::string& body) {
            evidence::EnrolmentAnswer answer = evidence::parse_enrolment_answer(body);
            edit(answer);
            return evidence::serialise(answer);
        };
    };
    const evidence::PrivateKey stranger = evidence::PrivateKey::generate();
    const std::vector<std::function<std::string(const std::string&)>> changes{
        [](const std::string&) { return std::string{"<html>"}; },
        [](const std::string&) { return std::string{}; },
        with([](auto& answer) { answer.host = evidence::random_uuid(); }),
        with([&](auto& answer) { answer.record_key = stranger.public_key(); }),
        with([&](auto& answer) { answer.recovery_key = stranger.public_key(); }),
        with([](auto& answer) { answer.index = 0; }),
        with([](auto& answer) { answer.inclusion_proof.push_back(evidence::sha256("x")); }),
        with([](auto& answer) { answer.checkpoint[answer.checkpoint.size() - 5] ^= 1; }),
        with([&](auto& answer) { answer.enrolment = evidence::seal(answer.enrolment.payload, stranger); }),
        with([](auto& answer) {
            answer.certificate = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
        }),
        with([](auto& answer) {  // the CA's own certificate: not for this key
            answer.certificate = answer.certificate.substr(answer.certificate.rfind("-----BEGIN"));
        }),
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        INFO("change " << i);
        Bench bench;
        bench.change = changes[i];
        CHECK_THROWS_AS(bench.enrol_as(), evidence::error);
        CHECK_FALSE(load_enrolment(bench.folder.path()).has_value());
        bench.change = nullptr;
        CHECK_FALSE(bench.enrol_as().unchanged);  // and the way is open
    }
}

TEST_CASE("enrolment: a refusal is said in the store's words") {
    Bench bench;
    bench.store.script.emplace_back([](const StoreRequest&) { return problem_answer(401, "unauthorized"); });
    CHECK_THROWS_WITH(bench.enrol_as(), Catch::Contains("the store refuses (unauthorized)"));
}

TEST_CASE("enrolment: a crash at any of its points leaves it enrolled or able to enrol with the same keys") {
    // Each file that enrolment writes is one point: the state is cut back to what was there before it.
    Bench bench;
    bench.enrol_as();
    const std::string key = *read_file(bench.folder.file("evidence.pem"));
    for (const char* last : {"enrolment.json", "chain-2", "chain-1", "certificate.pem"}) {
        remove_file(bench.folder.file("enrolment.json"));
        remove_file(bench.folder.file(last));
        INFO(last);
        CHECK_FALSE(load_identity(bench.folder.path()).has_value());
        CHECK_FALSE(bench.enrol_as().unchanged);
        CHECK(*read_file(bench.folder.file("evidence.pem")) == key);
        CHECK(load_identity(bench.folder.path()).has_value());
    }
}

TEST_CASE("enrolment: a token for people enrols no host") {
    Bench bench;
    evidence::Token token = bench.store.token();
    token.role = "admin";
    CHECK_THROWS_WITH(enrol(bench.folder, token, "web1", std::nullopt, {}, bench.clock), Catch::Contains("role admin"));
}

TEST_CASE("state folder: a second process is turned away and told by whom") {
    Bench bench;
    const pid_t other = fork();
    if (other == 0) {
        try {
            StateFolder::open(bench.folder.path());
            _exit(1);
        } catch (const folder_in_use& problem) {
            _exit(std::string{problem.what()}.find("process " + std::to_string(getppid())) != std::string::npos ? 0
                                                                                                                : 2);
        }
    }
    int status = 0;
    REQUIRE(waitpid(other, &status, 0) == other);
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("identity: forgetting leaves nothing of it") {
    Bench bench;
    bench.enrol_as();
    forget_identity(bench.folder.path());
    std::vector<std::string> left;
    for (const auto& file : std::filesystem::directory_iterator{bench.folder.path()})
        left.push_back(file.path().filename());
    CHECK(left == std::vector<std::string>{"lock"});
}

TEST_CASE("identity: a part that is gone or damaged is said, never made anew in silence") {
    for (const char* name : {"evidence.pem", "tls.pem", "salt", "certificate.pem"}) {
        Bench bench;
        bench.enrol_as();
        remove_file(bench.folder.file(name));
        CHECK_THROWS_WITH(load_identity(bench.folder.path()), Catch::Contains(std::string{name} + " is missing"));
    }
    Bench bench;
    bench.enrol_as();
    write_file(bench.folder.file("enrolment.json"), "{}");
    CHECK_THROWS_WITH(load_identity(bench.folder.path()), Catch::Contains("is damaged"));
}

TEST_CASE("chain state: one damaged file is made up for by the other, two are said") {
    Bench bench;
    bench.enrol_as();
    ChainState state = load_chain_state(bench.folder.path());
    state.acknowledged = evidence::ChainHead{7, evidence::sha256("x")};
    state.rollback = evidence::Rollback{9, evidence::sha256("y")};
    state.alarm = evidence::Alarm{"log_forked", bench.clock.now(), "k\n", "r\n", "d"};
    state.behind_since = bench.clock.now();
    save_chain_state(bench.folder.path(), state);
    CHECK(load_chain_state(bench.folder.path()) == state);
    const std::string good = *read_file(bench.folder.file("chain-1"));
    for (std::size_t i = 0; i < good.size(); i += 7) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        write_file(bench.folder.file("chain-1"), bad);
        CHECK(load_chain_state(bench.folder.path()) == state);
    }
    write_file(bench.folder.file("chain-2"), "");
    CHECK_THROWS_WITH(load_chain_state(bench.folder.path()), Catch::Contains("where the chain stands is lost"));
}
