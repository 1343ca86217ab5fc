#include "policies/cases.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace annexa;
using namespace annexa::policies;
using policies::testing::check_text;
using policies::testing::pack_files;
using policies::testing::schemas;

namespace {

// Fails where a login shell belongs to an account that is not root's and has uid 0; needs to know the shell.
const std::string check = check_text(
    "SELECT username, uid AS found, :least AS wanted, '' AS source FROM users WHERE uid < :least AND coalesce(shell, "
    "'/bin/sh') <> '/bin/false'",
    "SELECT 1 FROM users");
const std::string pack_lines = "parameters: {least: {value: 1, title: Least, minimum: 0}}\n";

const std::string good_cases =
    "check: one\ncases:\n"
    "  - {name: bad, tables: {users: [[eve, 0, /bin/sh, null]]}, expect: fail, violations: [[eve, 0, 1, '']]}\n"
    "  - {name: good, tables: {users: [{username: root, uid: 0, shell: /bin/false}]}, expect: pass, population: 1}\n"
    "  - {name: nobody, expect: not_applicable, reason: nothing_to_check}\n";

CaseReport run(const std::string& cases, const std::string& check_lines = check, const FixtureReader& fixtures = {}) {
    FileTree files = pack_files(check_lines, pack_lines);
    if (!cases.empty()) files["cases/one.yaml"] = cases;
    return run_cases(load_pack(files, schemas()), files, schemas(), fixtures);
}

std::string only_failure(const CaseReport& report) {
    std::string all;
    for (const CaseFailure& failure : report.failures) all += failure.text() + "\n";
    return all;
}

}  // namespace

TEST_CASE("good cases pass, are counted, and more is derived from them") {
    const CaseReport report = run(good_cases);
    CHECK(only_failure(report).empty());
    CHECK(report.checks == 1);
    CHECK(report.cases == 3);
    // missing, error, stale; too old for each of username, uid and shell; NULL in shell where it passes
    CHECK(report.derived == 7);
    CHECK(report.skipped == 0);
}

TEST_CASE("a case that does not hold is named with file and line") {
    std::string cases = good_cases;
    cases.replace(cases.find("expect: fail"), 12, "expect: pass");
    CHECK(only_failure(run(cases)).find("cases/one.yaml:3:5: bad: expected pass, got fail with [\"eve\",0,1,\"\"]") !=
          std::string::npos);
    cases = good_cases;
    cases.replace(cases.find("[[eve, 0, 1, '']]"), 17, "[[eve, 0, 2, '']]");
    CHECK(only_failure(run(cases)) ==
          "cases/one.yaml:3:5: bad: expected the violations [\"eve\",0,2,\"\"], got [\"eve\",0,1,\"\"]\n");
    cases = good_cases;
    cases.replace(cases.find("population: 1"), 13, "population: 2");
    CHECK(only_failure(run(cases)) == "cases/one.yaml:4:5: good: expected a population of 2, got 1\n");
    cases = good_cases;
    cases.replace(cases.find("nothing_to_check"), 16, "does_not_apply");
    CHECK(only_failure(run(cases)).find("expected the reason does_not_apply") != std::string::npos);
}

TEST_CASE("a check through which NULL leaks as a pass is found out") {
    std::string leaking = check;
    leaking.replace(leaking.find("coalesce(shell, '/bin/sh')"), 26, "shell");
    CHECK(only_failure(run(good_cases, leaking)) ==
          "cases/one.yaml:4:5: good: still passes where users.shell is NULL: unknown is no pass (or name it in "
          "`null_may_pass`)\n");
    CHECK(only_failure(run(good_cases, leaking + "null_may_pass: [users.shell]\n")).empty());
    std::string cases = good_cases;
    cases.replace(cases.find("population: 1"), 13, "null_may_pass: [users.shell]");
    CHECK(only_failure(run(cases, leaking)).empty());
}

TEST_CASE("a check needs a case that passes and one that fails") {
    CHECK(only_failure(run("check: one\ncases:\n  - {name: nobody, expect: not_applicable}\n")) ==
          "cases/one.yaml:1:1: expected a case that passes\ncases/one.yaml:1:1: expected a case that fails\n");
    CHECK(only_failure(run("")) == "checks/one.yaml:1:1: expected its cases in cases/one.yaml\n");
}

TEST_CASE("what is wrong in a file of cases is named") {
    const auto with = [](const std::string& line) { return only_failure(run(good_cases + line)); };
    CHECK(with("  - {name: x, expect: maybe}\n").find("cases/one.yaml:6:23: `expect`: expected pass, fail") == 0);
    CHECK(with("  - {name: x, expect: pass, colour: red}\n").find("unknown key `colour`") != std::string::npos);
    CHECK(with("  - {name: x, tables: {settings: []}, expect: pass}\n")
              .find("the check does not need the table settings") != std::string::npos);
    CHECK(with("  - {name: x, tables: {users: [[a, 1]]}, expect: pass}\n")
              .find("expected a row of users as [username, uid, shell, last_login]") != std::string::npos);
    CHECK(with("  - {name: x, tables: {users: [{username: a, uid: b}]}, expect: pass}\n")
              .find("uid: expected integer, got text") != std::string::npos);
    CHECK(with("  - {name: x, tables: {users: [{username: null}]}, expect: pass}\n")
              .find("username: expected text, got nothing") != std::string::npos);
    CHECK(with("  - {name: x, tables: {users: [{user: a}]}, expect: pass}\n")
              .find("no column user in the evidence of users") != std::string::npos);
    CHECK(with("  - {name: x, parameters: {most: 1}, expect: pass}\n").find("no such parameter: most") !=
          std::string::npos);
    CHECK(with("  - {name: x, parameters: {least: -1}, expect: pass}\n").find("least: expected at least 0, got -1") !=
          std::string::npos);
    CHECK(with("  - {name: x, now: soon, expect: pass}\n").find("`now`: expected a time") != std::string::npos);
    CHECK(with("  - {name: bad, expect: not_applicable}\n").find("a case of the name bad stands here twice") !=
          std::string::npos);
    FileTree files = pack_files(check, pack_lines);
    files["cases/one.yaml"] = good_cases;
    files["cases/two.yaml"] = "check: two\n";
    CHECK(only_failure(run_cases(load_pack(files, schemas()), files, schemas())) ==
          "cases/two.yaml:1:1: there is no check two\n");
}

TEST_CASE("cases on hosts are skipped without fixtures and run with them") {
    const std::string cases = good_cases + "  - {name: real, host: accounts/real, expect: fail}\n";
    CHECK(run(cases).skipped == 1);
    const FixtureReader fixtures = [](const std::string& fixture, std::span<const std::string> collectors) {
        CHECK(fixture == "accounts/real");
        CHECK(std::vector<std::string>(collectors.begin(), collectors.end()) == std::vector<std::string>{"accounts"});
        return policies::testing::host_with({policies::testing::user("toor", 0)});
    };
    const CaseReport report = run(cases, check, fixtures);
    CHECK(only_failure(report).empty());
    CHECK(report.cases == 4);
    CHECK(report.skipped == 0);
    const FixtureReader none = [](const std::string&, std::span<const std::string>) -> HostEvidence {
        throw evidence::error("no such fixture");
    };
    CHECK(only_failure(run(cases, check, none)) == "cases/one.yaml:6:5: real: host accounts/real: no such fixture\n");
}

TEST_CASE("a case can say when it is") {
    const std::string timed = check_text(
        "SELECT username, last_login AS found, :now AS wanted, '' AS source FROM users WHERE last_login IS NULL OR "
        ":now - last_login > 100",
        "SELECT 1 FROM users");
    CHECK(only_failure(
              run("check: one\ncases:\n"
                  "  - {name: old, now: 1201, tables: {users: [[a, 1, s, 1100]]}, expect: fail, violations: [[a, 1100, "
                  "1201, '']]}\n"
                  "  - {name: new, now: '1970-01-01T00:20:00Z', tables: {users: [[a, 1, s, 1100]]}, expect: pass}\n",
                  timed))
              .empty());
}
