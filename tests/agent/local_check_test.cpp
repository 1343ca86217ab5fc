#include "agent/local_check.hpp"

#include "agent/packs.hpp"
#include "evidence/errors.hpp"
#include "terminal/output.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace annexa;
using namespace annexa::agent;
using evidence::Reason;
using evidence::Status;
using evidence::Type;
using policies::Operation;
using policies::State;

namespace {

const evidence::Instant now = evidence::parse_instant("2026-11-24T22:00:00Z");

policies::Pack pack_with(const std::string& extra = "") {
    return policies::load_pack(
        {{"pack.yaml", "pack: mine\nversion: '1'\ntitle: Mine\nparameters:\n  most_days: {value: 365, title: Days}\n"},
         {"checks/days.yaml",
          "id: days\ntitle: Passwords expire\ntopic: passwords\nseverity: high\nfix_within: 30d\n"
          "controls: [{id: A.5.17, strength: direct}]\nneeds: [login_defs]\n"
          "population: SELECT 1 FROM login_defs WHERE name = 'PASS_MAX_DAYS'\n"
          "violations: SELECT name, value AS found, :most_days AS wanted, source FROM login_defs WHERE name = "
          "'PASS_MAX_DAYS' AND CAST(value AS INTEGER) > :most_days\n"
          "key: [name]\nmax_age: 26h\nrationale: Because.\nremediation: 'Set at most {most_days}.'\n" +
              extra}},
        policies::built_in_schemas());
}

Collection with_days(const std::string& days) {
    Collected result;
    result.collector = "login_defs";
    result.collected_at = now;
    result.tables = {{"login_defs",
                      {{"name", Type::text}, {"value", Type::text}, {"source", Type::text}},
                      {{"PASS_MAX_DAYS", days, "/etc/login.defs:7"}}}};
    return {{result}, Machine{{}, {}, {}, false, "web1"}, {}};
}

LocalCheck run(const policies::Pack& pack, const Collection& collection, const std::vector<std::string>& only = {},
               const std::vector<ConfiguredWaiver>& waivers = {}, const std::vector<std::string>& settings = {}) {
    const std::span packs{&pack, 1};
    return check_locally(packs, pack_parameters(packs, settings), select_checks(packs, only), collection, waivers,
                         "web1", now);
}

Operation operation_of(const LocalCheck& report, const std::string& control) {
    for (const LocalOperation& one : report.controls)
        if (one.control->id == control) return one.operation;
    throw std::runtime_error("no control " + control);
}

}  // namespace

TEST_CASE("local check: a fail names file and line, and counts as overdue for the control") {
    const policies::Pack pack = pack_with();
    const LocalCheck report = run(pack, with_days("999"));
    REQUIRE(report.results.size() == 1);
    CHECK(report.results[0].result.state == State::fail);
    CHECK(report.controls.size() == 93);
    CHECK(operation_of(report, "A.5.17") == Operation::not_effective);
    CHECK(operation_of(report, "A.8.8") == Operation::not_monitored);

    std::ostringstream text;
    print_check_text(text, report, terminal::Paint{false});
    CHECK(text.str().find("/etc/login.defs:7") != std::string::npos);
    CHECK(text.str().find("fix: Set at most 365.") != std::string::npos);
    CHECK(text.str().find("1 fail, 0 could not be checked, 0 waived, 0 not applicable, 0 pass") != std::string::npos);
}

TEST_CASE("local check: JSON has what the interface says") {
    const policies::Pack pack = pack_with();
    std::ostringstream out;
    print_check_json(out, run(pack, with_days("999")));
    const auto json = nlohmann::json::parse(out.str());
    CHECK(json["host"] == "web1");
    CHECK(json["at"] == "2026-11-24T22:00:00.000Z");
    CHECK(json["packs"][0]["pack"] == "mine");
    CHECK(json["packs"][0]["sha256"] == pack.digest.hex());
    const auto& result = json["results"][0];
    CHECK(result["check"] == "days");
    CHECK(result["state"] == "fail");
    CHECK(result["severity"] == "high");
    CHECK(result["controls"] == nlohmann::json::parse(R"([{"id":"A.5.17","strength":"direct"}])"));
    CHECK(result["population"] == 1);
    CHECK(result["violations"]["columns"] == nlohmann::json::parse(R"(["name","found","wanted","source"])"));
    CHECK(result["violations"]["rows"] ==
          nlohmann::json::parse(R"([["PASS_MAX_DAYS","999",365,"/etc/login.defs:7"]])"));
    CHECK(result["reason"].is_null());
    CHECK(result["collected_at"] == "2026-11-24T22:00:00.000Z");
    CHECK(json["controls"].size() == 93);
}

TEST_CASE("local check: parameters change the verdict, unknown ones are refused") {
    const policies::Pack pack = pack_with();
    CHECK(run(pack, with_days("999")).results[0].result.state == State::fail);
    CHECK(run(pack, with_days("999"), {}, {}, {"most_days=1000"}).results[0].result.state == State::pass);
    CHECK_THROWS_WITH(run(pack, with_days("1"), {}, {}, {"most_dais=1"}),
                      Catch::Contains("no pack has a parameter \"most_dais\"; there are most_days"));
    CHECK_THROWS_WITH(run(pack, with_days("1"), {}, {}, {"most_days"}), Catch::Contains("PARAMETER=VALUE"));
}

TEST_CASE("local check: a waiver covers a fail until its day, and nothing else") {
    const policies::Pack pack = pack_with();
    const std::vector<ConfiguredWaiver> holds{{"days", std::nullopt, "known", now + std::chrono::hours{1}}};
    const std::vector<ConfiguredWaiver> over{{"days", std::nullopt, "known", now - std::chrono::hours{1}}};
    const LocalCheck waived = run(pack, with_days("999"), {}, holds);
    CHECK(waived.results[0].result.state == State::waived);
    CHECK(waived.results[0].result.beneath == State::fail);
    CHECK(operation_of(waived, "A.5.17") != Operation::effective);
    CHECK(run(pack, with_days("999"), {}, over).results[0].result.state == State::fail);

    Collection broken = with_days("1");
    broken.results[0] =
        failed_result("login_defs", 1, Reason::permission_denied, "/etc/login.defs: Permission denied", now);
    CHECK(run(pack, broken, {}, holds).results[0].result.state == State::error);
}

TEST_CASE("local check: what could not be read is an error, says how to get it, and never better than no evidence") {
    const policies::Pack pack = pack_with();
    Collection broken = with_days("1");
    broken.results[0] =
        failed_result("login_defs", 1, Reason::permission_denied, "/etc/login.defs: Permission denied", now);
    const LocalCheck report = run(pack, broken);
    CHECK(report.results[0].result.state == State::error);
    CHECK(report.needing_root == std::vector<std::string>{"days"});
    CHECK(operation_of(report, "A.5.17") == Operation::no_evidence);
    std::ostringstream text;
    print_check_text(text, report, terminal::Paint{false});
    CHECK(text.str().find("Without root 1 could not be checked: days.") != std::string::npos);
}

TEST_CASE("local check: a collector without a result makes its check missing") {
    const policies::Pack pack = pack_with();
    CHECK(run(pack, Collection{}).results[0].result.state == State::missing);
}

TEST_CASE("local check: checks that were left out do not make a control look better") {
    const policies::Pack base = policies::load_pack(policies::linux_baseline_files(), policies::built_in_schemas());
    const policies::Check* with_direct = nullptr;
    std::string control;
    for (const policies::Check* check : base.checks_in_force())
        for (const policies::ControlLink& link : check->controls)
            if (link.strength == policies::Strength::direct) {
                with_direct = check;
                control = link.id;
            }
    const policies::Check* other = nullptr;
    for (const policies::Check* check : base.checks_in_force())
        if (check->control(control) == nullptr) other = check;
    if (with_direct == nullptr || other == nullptr) return;  // the pack is too small to tell
    const LocalCheck report = run(base, Collection{}, {other->id});
    CHECK(report.results.size() == 1);
    CHECK(operation_of(report, control) == Operation::no_evidence);
    CHECK_THROWS_WITH(run(base, Collection{}, {"no-such-check"}),
                      Catch::Contains("there is no check \"no-such-check\""));
}

TEST_CASE("local check: people see the controls of the checks that they asked for, programs all 93") {
    const policies::Pack base = policies::load_pack(policies::linux_baseline_files(), policies::built_in_schemas());
    const LocalCheck one = run(base, Collection{}, {"ssh-root-login"});
    std::ostringstream text;
    print_check_text(text, one, terminal::Paint{false});
    CHECK(text.str().find("  A.8.5 ") != std::string::npos);
    CHECK(text.str().find("A.8.8") == std::string::npos);
    CHECK(text.str().find("the other 92 controls are left out") != std::string::npos);
    CHECK(one.controls.size() == 93);

    std::ostringstream all;
    print_check_text(all, run(base, Collection{}), terminal::Paint{false});
    CHECK(all.str().find("  A.8.8 ") != std::string::npos);
    CHECK(all.str().find("left out") == std::string::npos);
}

TEST_CASE("local check: what a host says is printable and valid JSON, whatever it is") {
    const policies::Pack pack = pack_with();
    const LocalCheck report = run(pack, with_days("999\x1b[2J\xff"));
    std::ostringstream text;
    print_check_text(text, report, terminal::Paint{false});
    CHECK(text.str().find('\x1b') == std::string::npos);
    CHECK(text.str().find("999\\x1b[2J\\xff") != std::string::npos);
    std::ostringstream json;
    print_check_json(json, report);
    CHECK_NOTHROW(nlohmann::json::parse(json.str()));
}
