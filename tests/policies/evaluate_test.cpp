// One case for each line of the table of states that evidence alone decides (policy.md, State of a check on a host).
#include "policies/evaluate.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::policies;
using policies::testing::at;
using policies::testing::check_text;
using policies::testing::evaluate_first;
using policies::testing::host_with;
using policies::testing::pack_files;
using policies::testing::schemas;
using policies::testing::user;

namespace {

constexpr const char* violations =
    "SELECT username, uid AS found, 0 AS wanted, '' AS source FROM users WHERE uid = 0 AND username <> 'root'";

Pack pack_of(const std::string& more = "", const std::string& sql = violations,
             const std::string& population = "SELECT 1 FROM users") {
    return load_pack(pack_files(check_text(sql, population, more)), schemas());
}

/// The check needs both collectors.
Pack pack_of_two() {
    std::string text = check_text(violations, "SELECT 1 FROM users");
    text.replace(text.find("needs: [users]"), 14, "needs: [users, settings]");
    return load_pack(pack_files(text), schemas());
}

}  // namespace

TEST_CASE("state missing: the collector never had a result") {
    HostEvidence host = host_with({user("root", 0)});
    host.collectors.erase("accounts");
    const Outcome outcome = evaluate_first(pack_of(), host);
    CHECK(outcome.state == State::missing);
    CHECK(outcome.reason == reasons::no_result);
    CHECK(evaluate_first(pack_of(), HostEvidence{}).state == State::missing);
}

TEST_CASE("state missing: a later statement names the collector as due and holds none") {
    HostEvidence host = host_with({user("root", 0)});
    host.collectors.at("accounts").owed = true;
    CHECK(evaluate_first(pack_of(), host).reason == reasons::owed);
    CHECK(evaluate_first(pack_of(), host).state == State::missing);
}

TEST_CASE("state missing: the last ok result lacks a table or a column that the check reads") {
    HostEvidence host = host_with({user("root", 0)});
    host.tables.erase("users");
    CHECK(evaluate_first(pack_of(), host).state == State::missing);
    CHECK(evaluate_first(pack_of(), host).reason == reasons::agent_too_old);
    evidence::Table narrow{"users", {{"username", evidence::Type::text}}, {{"root"}}};
    host.tables["users"] = std::make_shared<const evidence::Table>(narrow);
    const Outcome outcome = evaluate_first(pack_of(), host);
    CHECK(outcome.state == State::missing);
    CHECK(outcome.reason == reasons::agent_too_old);
    CHECK(outcome.detail == "the agent's table users has no column uid: it is too old");
    // A column that the check does not read may lack.
    narrow = {
        "users", {{"username", evidence::Type::text}, {"uid", evidence::Type::integer}}, {{"root", std::int64_t{0}}}};
    host.tables["users"] = std::make_shared<const evidence::Table>(narrow);
    CHECK(evaluate_first(pack_of(), host).state == State::pass);
}

TEST_CASE("state error: the collector's last result says so") {
    HostEvidence host = host_with({});
    host.collectors.at("accounts").status = CollectorStatus::error;
    host.collectors.at("accounts").reason = "permission_denied";
    host.collectors.at("accounts").message = "/etc/shadow: Permission denied";
    host.tables.erase("users");
    const Outcome outcome = evaluate_first(pack_of(), host);
    CHECK(outcome.state == State::error);
    CHECK(outcome.reason == "permission_denied");
    CHECK(outcome.detail == "/etc/shadow: Permission denied");
    CHECK_FALSE(outcome.population);
}

TEST_CASE("state error: a query failed or ran past its limit") {
    const char* endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT username, count(i) AS found, 0 AS "
        "wanted, '' AS source FROM n, users";
    const Outcome outcome = evaluate_first(pack_of("", endless), host_with({user("root", 0)}));
    CHECK(outcome.state == State::error);
    CHECK(outcome.reason == reasons::query_failed);
    CHECK(outcome.detail.find("steps") != std::string::npos);
    const char* overflow =
        "SELECT username, abs(-9223372036854775807 - 1) AS found, 0 AS wanted, '' AS source FROM users";
    CHECK(evaluate_first(pack_of("", overflow), host_with({user("root", 0)})).reason == reasons::query_failed);
}

TEST_CASE("state error: the key was compromised, or two machines report") {
    HostEvidence host = host_with({user("root", 0)});
    host.collectors.at("accounts").compromised = true;
    CHECK(evaluate_first(pack_of(), host).state == State::error);
    CHECK(evaluate_first(pack_of(), host).reason == reasons::key_compromised);
    host = host_with({user("root", 0)});
    host.two_machines = true;
    CHECK(evaluate_first(pack_of(), host).state == State::error);
    CHECK(evaluate_first(pack_of(), host).reason == reasons::two_machines);
}

TEST_CASE("state error: violations without a population are the check's own fault") {
    const Outcome outcome =
        evaluate_first(pack_of("", violations, "SELECT 1 FROM users WHERE uid = 77"), host_with({user("eve", 0)}));
    CHECK(outcome.state == State::error);
    CHECK(outcome.reason == reasons::bad_population);
}

TEST_CASE("state deleted: the bytes of a table were deleted") {
    HostEvidence host = host_with({});
    host.tables.erase("users");
    host.deleted.insert("users");
    CHECK(evaluate_first(pack_of(), host).state == State::deleted);
    CHECK(evaluate_first(pack_of(), host).reason == reasons::table_deleted);
}

TEST_CASE("state not_applicable: the collector says so with its reason") {
    HostEvidence host = host_with({});
    host.collectors.at("accounts").status = CollectorStatus::not_applicable;
    host.collectors.at("accounts").reason = "needs_running_system";
    host.tables.erase("users");
    CHECK(evaluate_first(pack_of(), host).state == State::not_applicable);
    CHECK(evaluate_first(pack_of(), host).reason == "needs_running_system");
}

TEST_CASE("state not_applicable: the reason where applies_if returns no row is the check's own") {
    const Pack pack = pack_of("applies_if: SELECT 1 FROM users WHERE username = 'eve'\notherwise: needs_running_system\n");
    const Outcome outcome = evaluate_first(pack, host_with({user("alice", 0)}));
    CHECK(outcome.state == State::not_applicable);
    CHECK(outcome.reason == "needs_running_system");
    CHECK(outcome.detail == "only a running system can tell; this is an image");
}

TEST_CASE("state not_applicable: applies_if returns no row") {
    const Pack pack = pack_of("applies_if: SELECT 1 FROM users WHERE username = 'eve'\n");
    CHECK(evaluate_first(pack, host_with({user("root", 0)})).reason == reasons::does_not_apply);
    CHECK(evaluate_first(pack, host_with({user("root", 0)})).state == State::not_applicable);
    CHECK(evaluate_first(pack, host_with({user("eve", 0)})).state == State::fail);
}

TEST_CASE("state not_applicable: population and violations are both empty") {
    const Outcome outcome = evaluate_first(pack_of(), host_with({}));
    CHECK(outcome.state == State::not_applicable);
    CHECK(outcome.reason == reasons::nothing_to_check);
    CHECK(outcome.population == 0);
}

TEST_CASE("state fail: the rows are the findings, sorted by their canonical JSON") {
    const Outcome outcome = evaluate_first(pack_of(), host_with({user("zed", 0), user("eve", 0), user("root", 0)}));
    CHECK(outcome.state == State::fail);
    CHECK(outcome.columns == std::vector<std::string>{"username", "found", "wanted", "source"});
    CHECK(outcome.rows == std::vector<evidence::Row>{{"eve", std::int64_t{0}, std::int64_t{0}, ""},
                                                     {"zed", std::int64_t{0}, std::int64_t{0}, ""}});
    CHECK(outcome.population == 3);
    CHECK(finding_keys(outcome) == std::vector<std::string>{R"(["eve"])", R"(["zed"])"});
}

TEST_CASE("state pass: no violation, and the population counts what was looked at") {
    const Outcome outcome = evaluate_first(pack_of(), host_with({user("root", 0), user("eve", 1000)}));
    CHECK(outcome.state == State::pass);
    CHECK(outcome.population == 2);
    CHECK(outcome.rows.empty());
}

TEST_CASE("of several collectors the worst decides, in the order of the table") {
    const Pack pack = pack_of_two();
    HostEvidence host = host_with({user("root", 0)});
    CHECK(evaluate_first(pack, host).state == State::pass);
    host.collectors.at("settings").status = CollectorStatus::not_applicable;
    host.tables.erase("settings");
    CHECK(evaluate_first(pack, host).state == State::not_applicable);
    host.deleted.insert("users");
    CHECK(evaluate_first(pack, host).state == State::deleted);
    host.collectors.at("accounts").status = CollectorStatus::error;
    CHECK(evaluate_first(pack, host).state == State::error);
    host.collectors.at("settings").owed = true;
    CHECK(evaluate_first(pack, host).state == State::missing);
    // One collector fails, the other's agent is too old to have a column: missing comes first.
    host = host_with({user("root", 0)});
    host.collectors.at("settings").status = CollectorStatus::error;
    host.tables.erase("users");
    CHECK(evaluate_first(pack, host).reason == reasons::agent_too_old);
}

TEST_CASE(":now is the newest collected_at among the results that the check needs, staleness counts from the oldest") {
    Pack pack = pack_of_two();
    std::string text =
        check_text("SELECT username, :now AS found, 0 AS wanted, '' AS source FROM users", "SELECT 1 FROM users");
    text.replace(text.find("needs: [users]"), 14, "needs: [users, settings]");
    pack = load_pack(pack_files(text), schemas());
    HostEvidence host = host_with({user("root", 0)});
    host.collectors.at("settings").collected_at = at("2026-11-01T05:00:00Z");
    const Outcome outcome = evaluate_first(pack, host);
    CHECK(outcome.rows.at(0).at(1) == evidence::Value{evidence::unix_seconds(at("2026-11-01T05:00:00Z"))});
    CHECK(outcome.newest == at("2026-11-01T05:00:00Z"));
    CHECK(outcome.oldest == at("2026-11-01T00:00:00Z"));
    CHECK(pack.checks.at(0).reads_now);
}

TEST_CASE("the same evidence gives the same outcome, whatever the order of its rows and of the checks before") {
    const Pack pack = pack_of();
    const HostEvidence one = host_with({user("zed", 0), user("eve", 0)});
    const HostEvidence two = host_with({user("eve", 0), user("zed", 0)});
    EvaluationDatabase database{schemas(), TableForm::evidence};
    const Check* check = &pack.checks.at(0);
    const auto run = [&](const HostEvidence& host) { return evaluate(database, std::span{&check, 1}, {}, host).at(0); };
    const Outcome first = run(one);
    CHECK(run(host_with({user("root", 0)})).state == State::pass);
    CHECK(run(two) == first);
    CHECK(run(HostEvidence{}).state == State::missing);
    CHECK(run(one) == first);
}

TEST_CASE("late evidence is marked") {
    HostEvidence host = host_with({user("root", 0)});
    host.collectors.at("accounts").late = true;
    CHECK(evaluate_first(pack_of(), host).late);
}
