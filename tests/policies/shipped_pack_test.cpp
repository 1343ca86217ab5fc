// The pack that annexa ships: it loads, its cases hold, and it is whole.
#include "policies/cases.hpp"
#include "policies/catalogue.hpp"
#include "policies/pack.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <set>

using namespace annexa::policies;

namespace {

const Pack& shipped() {
    static const Pack pack = load_pack(linux_baseline_files(), built_in_schemas());
    return pack;
}

std::set<std::string> known_ids() {
    std::ifstream file{ANNEXA_SOURCE_DIR "/tests/policies/check-ids.txt"};
    std::set<std::string> ids;
    for (std::string id; file >> id;) ids.insert(id);
    return ids;
}

}  // namespace

TEST_CASE("the shipped pack is valid") {
    CHECK_NOTHROW(shipped());
    CHECK(shipped().name == "linux-baseline");
}

TEST_CASE("the shipped pack's own cases hold") {
    const CaseReport report = run_cases(shipped(), linux_baseline_files(), built_in_schemas());
    for (const CaseFailure& failure : report.failures) UNSCOPED_INFO(failure.text());
    CHECK(report.failures.empty());
    CHECK(report.checks == shipped().checks.size());
}

TEST_CASE("what is embedded is what stands in the folder") {
    CHECK(read_pack_folder(ANNEXA_SOURCE_DIR "/policies/packs/linux-baseline") == linux_baseline_files());
}

TEST_CASE("every id of the shipped pack is one of the catalogue of ids, which never change") {
    const std::set<std::string> ids = known_ids();
    REQUIRE(ids.size() == 86);
    for (const Check& check : shipped().checks) {
        INFO(check.id);
        CHECK(ids.contains(check.id));
    }
}

TEST_CASE("every check stands for the controls that the catalogue of checks says, as strongly as it says") {
    std::ifstream file{ANNEXA_SOURCE_DIR "/tests/policies/check-controls.txt"};
    std::map<std::string, std::map<std::string, std::string>> wanted;
    std::string id, control, strength;
    while (file >> id >> control >> strength) wanted[id][control] = strength;
    REQUIRE(wanted.size() == 86);
    for (const Check& check : shipped().checks) {
        INFO(check.id);
        std::map<std::string, std::string> has;
        for (const ControlLink& link : check.controls) has[link.id] = strength_name(link.strength);
        CHECK(has == wanted[check.id]);
    }
}

TEST_CASE("what not every organization asks for is off until a pack switches it on") {
    const std::set<std::string> off = {"no-build-tools", "monitoring-agent", "configuration-drift", "sessions-time-out",
                                       "environments-apart"};
    for (const Check& check : shipped().checks) {
        INFO(check.id);
        CHECK(check.on_by_default == !off.contains(check.id));
    }
}

TEST_CASE("the shipped pack is broad enough to say something") {
    std::set<std::string> controls;
    for (const Check* check : shipped().checks_in_force())
        for (const ControlLink& link : check->controls) controls.insert(link.id);
    CHECK(shipped().checks_in_force().size() >= 30);
    CHECK(controls.size() >= 12);
}

TEST_CASE("the topics of the shipped pack are the twelve") {
    const std::set<std::string> topics = {"patching",       "software", "encryption", "passwords",
                                          "authentication", "accounts", "access",     "logging",
                                          "time",           "network",  "hardening",  "resilience"};
    for (const Check& check : shipped().checks) {
        INFO(check.id);
        CHECK(topics.contains(check.topic));
    }
}

TEST_CASE("what lets an attacker in at once is severe") {
    for (const char* id : {"ssh-root-login", "ssh-empty-passwords", "passwords-not-empty", "root-only-uid-zero",
                           "sudo-authenticates", "updates-security-pending", "os-supported", "firewall-default-deny"}) {
        const Check* check = shipped().find(id);
        INFO(id);
        CHECK((check == nullptr || check->severity >= Severity::high));
    }
}

TEST_CASE("every check says why and what to do, in a sentence") {
    for (const Check& check : shipped().checks) {
        INFO(check.id);
        CHECK(check.rationale.size() >= 40);
        CHECK(check.remediation.size() >= 20);
        CHECK(check.rationale.ends_with("."));
    }
}

TEST_CASE("the parameters of the shipped pack are all in use") {
    std::set<std::string> used;
    for (const Check& check : shipped().checks) used.insert(check.parameters.begin(), check.parameters.end());
    for (const auto& [name, parameter] : shipped().parameters) {
        INFO(name);
        CHECK(used.contains(name));
    }
}

TEST_CASE("the catalogue has the 93 controls in the standard's order") {
    const Catalogue& catalogue = annex_a();
    REQUIRE(catalogue.size() == 93);
    CHECK(catalogue.front().id == "A.5.1");
    CHECK(catalogue.back().id == "A.8.34");
    std::size_t organizational = 0, people = 0, physical = 0, technological = 0;
    for (const Control& control : catalogue) {
        organizational += control.theme == "organizational" ? 1 : 0;
        people += control.theme == "people" ? 1 : 0;
        physical += control.theme == "physical" ? 1 : 0;
        technological += control.theme == "technological" ? 1 : 0;
    }
    CHECK(organizational == 37);
    CHECK(people == 8);
    CHECK(physical == 14);
    CHECK(technological == 34);
    CHECK(find_control(catalogue, "A.8.8")->title == "Management of technical vulnerabilities");
    CHECK(find_control(catalogue, "A.8.35") == nullptr);
}

TEST_CASE("tables.json names every column's meaning") {
    for (const auto& [name, table] : built_in_schemas().tables) {
        INFO(name);
        CHECK_FALSE(table.description.empty());
        for (const ColumnSchema& column : table.columns) {
            INFO(column.name);
            CHECK_FALSE(column.description.empty());
        }
    }
}
