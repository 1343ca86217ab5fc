#include "policies/pack.hpp"
#include "tests/policies/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace annexa;
using namespace annexa::policies;
using policies::testing::check_text;
using policies::testing::pack_files;
using policies::testing::schemas;

namespace {

constexpr const char* good_violations =
    "SELECT username, uid AS found, 0 AS wanted, '' AS source FROM users WHERE uid = 0";

Pack load(const std::string& check, const std::string& pack_lines = "") {
    return load_pack(pack_files(check, pack_lines), schemas());
}

std::vector<std::string> errors_of(const FileTree& files) {
    std::vector<std::string> texts;
    try {
        load_pack(files, schemas());
    } catch (const pack_errors& problems) {
        for (const PackError& error : problems.errors()) texts.push_back(error.text());
    }
    return texts;
}

std::vector<std::string> errors_of(const std::string& check, const std::string& pack_lines = "") {
    return errors_of(pack_files(check, pack_lines));
}

bool one_error_with(const std::vector<std::string>& errors, const std::string& part) {
    INFO((errors.empty() ? "no error" : errors.front()));
    CHECK(errors.size() == 1);
    return errors.size() == 1 && errors.front().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a pack is loaded with what its checks read") {
    const Pack pack =
        load(check_text("SELECT username, uid AS found, :most AS wanted, '' AS source FROM users WHERE uid > :most AND "
                        "last_login < :now",
                        "SELECT 1 FROM users", "fix_within: 30d\ntolerance: 2\nnull_may_pass: [users.last_login]\n"),
             "parameters: {most: {value: 5, title: Most, unit: days, minimum: 1, maximum: 10}}\n");
    const Check& check = pack.checks.at(0);
    CHECK(pack.name == "test");
    CHECK(pack.version == "1.0");
    CHECK(check.fix_within == std::chrono::hours{720});
    CHECK(check.max_age == std::chrono::hours{26});
    CHECK(check.tolerance == 2);
    CHECK(check.reads == std::map<std::string, std::set<std::string>>{{"users", {"username", "uid", "last_login"}}});
    CHECK(check.collectors == std::vector<std::string>{"accounts"});
    CHECK(check.reads_now);
    CHECK(check.parameters == std::set<std::string>{"most"});
    CHECK(check.in_force);
    CHECK(pack.default_parameters().at("most") == ParameterValue::of(std::int64_t{5}));
}

TEST_CASE("whatever is wrong in a check is named with file, line and column") {
    const std::string good = check_text(good_violations);
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return errors_of(text);
    };
    CHECK(errors_of(good).empty());
    CHECK(one_error_with(changed("id: one", "id: two"),
                         "checks/one.yaml:1:5: `id`: expected one, as the file is called"));
    CHECK(one_error_with(changed("title: One\n", ""), "checks/one.yaml:1:1: expected `title` in a check"));
    CHECK(one_error_with(changed("severity: high", "severity: huge"),
                         "checks/one.yaml:4:11: `severity`: expected low, medium, high or critical"));
    CHECK(one_error_with(changed("A.8.2,", "A.8.99,"), "checks/one.yaml:6:10: no such control"));
    CHECK(one_error_with(changed("strength: direct", "strength: strong"),
                         "checks/one.yaml:6:27: `strength`: expected direct or partial"));
    CHECK(one_error_with(changed("max_age: 26h", "max_age: 26"),
                         "checks/one.yaml:11:10: `max_age`: expected a duration"));
    CHECK(one_error_with(changed("max_age: 26h", "max_age: 0"), "`max_age`: expected more than 0"));
    CHECK(one_error_with(changed("key: [username]", "key: [uid]"),
                         "expected the columns uid, found, wanted, source, got username, found, wanted, source"));
    CHECK(one_error_with(changed("rationale: Why.", "rationale: At most {nothing}."), "no such parameter: {nothing}"));
    CHECK(one_error_with(changed("rationale: Why.", "rationale: Why.\nextra: 1"),
                         "checks/one.yaml:13:1: unknown key `extra`"));
    CHECK(one_error_with(errors_of(good + "default: maybe\n"), "`default`: expected on or off"));
    CHECK(one_error_with(errors_of(good + "tolerance: -1\n"), "`tolerance`: expected a number of hosts"));
    CHECK(one_error_with(errors_of(good + "fix_within: soon\n"), "`fix_within`: expected a duration"));
    CHECK(
        one_error_with(errors_of(good + "null_may_pass: [users.shell]\n"), "expected TABLE.COLUMN that a query reads"));
    CHECK(one_error_with(errors_of(good + "null_may_pass: [users.uid]\n"), "users.uid is never NULL"));
    CHECK(one_error_with(errors_of(good + "applies_if: SELECT 1 FROM settings\n"),
                         "settings is read here and does not stand in `needs`"));
    CHECK(one_error_with(errors_of(good + "otherwise: not_installed\n"), "`otherwise`: expected `applies_if` beside it"));
    CHECK(one_error_with(errors_of(good + "applies_if: SELECT 1\notherwise: timed_out\n"), "`otherwise`: expected needs_running_system"));
    CHECK(one_error_with(errors_of(good + "id: one\n"), "`id` stands here twice"));
    CHECK(one_error_with(errors_of(good + "ansible: &x y\n"), "anchors are not allowed here"));
}

TEST_CASE("an unknown table stops nothing else from being found") {
    std::string text = check_text(good_violations);
    text.replace(text.find("needs: [users]"), 14, "needs: [no_such_table]");
    const auto errors = errors_of(text);
    REQUIRE(errors.size() == 2);
    CHECK(errors[0] == "checks/one.yaml:7:9: no such table: `no_such_table`");
    CHECK(errors[1].find("the table users is read here and does not stand in `needs`") != std::string::npos);
}

TEST_CASE("an error in the middle of a query is placed there") {
    const auto errors = errors_of(
        check_text("|\n  SELECT username, uid AS found,\n    0 AS wanted, '' AS source\n  FROM users WHERE uidd = 0"));
    CHECK(one_error_with(errors, "checks/one.yaml:12:20: `violations`: no such column: uidd"));
}

TEST_CASE("queries of a check are refused with the reason") {
    const auto violations = [](const std::string& sql) { return errors_of(check_text(sql)); };
    CHECK(one_error_with(violations("SELECT username, 1 AS found, :missing AS wanted, '' AS source FROM users"),
                         "no such parameter: :missing"));
    CHECK(one_error_with(violations("DELETE FROM users"), "only a SELECT is allowed"));
    CHECK(one_error_with(violations("SELECT username, random() AS found, 0 AS wanted, '' AS source FROM users"),
                         "the function random is not allowed"));
    CHECK(one_error_with(violations("SELECT username, date('now') AS found, 0 AS wanted, '' AS source FROM users"),
                         "use :now and utc_date()"));
    CHECK(one_error_with(violations("[a, b]"), "expected a SELECT, got a list"));
    CHECK(one_error_with(violations("12"), "expected a SELECT, got a whole number"));
}

TEST_CASE("a check that reads a volatile column is invalid, and is told so") {
    std::string text = check_text("SELECT name AS username, pid AS found, 0 AS wanted, '' AS source FROM processes");
    text.replace(text.find("needs: [users]"), 14, "needs: [processes]");
    CHECK(one_error_with(errors_of(text), "the column pid of processes is volatile"));
}

TEST_CASE("all errors of a pack are found at once, in the order of the files") {
    FileTree files = pack_files(check_text("SELECT nothing FROM users"), "surprise: 1\n");
    files["checks/two.yaml"] = "id: two\n";
    files["checks/three.yml"] = "";
    files["notes.txt"] = "";
    files["checks/four.yaml"] = "a: [";
    const auto errors = errors_of(files);
    CHECK(
        std::any_of(errors.begin(), errors.end(), [](const auto& e) { return e.starts_with("checks/four.yaml:1:"); }));
    CHECK(std::any_of(errors.begin(), errors.end(), [](const auto& e) { return e.starts_with("checks/one.yaml:9:"); }));
    CHECK(std::any_of(errors.begin(), errors.end(),
                      [](const auto& e) { return e.starts_with("checks/two.yaml:1:1: expected `title`"); }));
    CHECK(std::any_of(errors.begin(), errors.end(), [](const auto& e) {
        return e == "checks/three.yml:1:1: expected pack.yaml, checks/ID.yaml or cases/ID.yaml";
    }));
    CHECK(std::any_of(errors.begin(), errors.end(),
                      [](const auto& e) { return e.starts_with("pack.yaml:4:1: unknown key `surprise`"); }));
    CHECK(std::is_sorted(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
        return a.substr(0, a.find(':')) < b.substr(0, b.find(':'));
    }));
}

TEST_CASE("a pack.yaml that cannot be read is one error and not one a parameter") {
    FileTree files = pack_files(check_text("SELECT username, :x AS found, 0 AS wanted, '' AS source FROM users"));
    files["pack.yaml"] = "pack: [\n";
    CHECK(one_error_with(errors_of(files), "pack.yaml:"));
    files.erase("pack.yaml");
    CHECK(one_error_with(errors_of(files), "pack.yaml:1:1: expected this file"));
}

TEST_CASE("parameters are checked where they are defined") {
    const auto parameters = [](const std::string& lines) {
        return errors_of(check_text(good_violations), "parameters:\n" + lines);
    };
    CHECK(parameters("  a: {value: 5, title: T, minimum: 1, maximum: 9}\n  b: {value: [x, y], title: T}\n  c: {value: "
                     "[], title: T}\n  d: {value: 0.5, title: T, maximum: 1}\n")
              .empty());
    CHECK(one_error_with(parameters("  a: {value: 5, title: T, minimum: 6}\n"),
                         "pack.yaml:5:14: `value`: expected at least 6, got 5"));
    CHECK(one_error_with(parameters("  a: {value: x, title: T, minimum: 6}\n"),
                         "`minimum`: expected a number, beside a value that is one"));
    CHECK(one_error_with(parameters("  a: {title: T}\n"), "expected `value` in a parameter"));
    CHECK(one_error_with(parameters("  a: {value: 1}\n"), "expected `title` in a parameter"));
    CHECK(one_error_with(parameters("  a: {value: [1, x], title: T}\n"), "expected items of one kind"));
    CHECK(one_error_with(parameters("  a: {value: {x: 1}, title: T}\n"),
                         "expected a number, text, true, false or a list"));
    CHECK(one_error_with(parameters("  A-b: {value: 1, title: T}\n"), "as a parameter's name"));
    CHECK(one_error_with(parameters("  a: {value: 1, title: T, colour: red}\n"), "unknown key `colour`"));
}

TEST_CASE("a pack switches checks on and off by id and by topic") {
    const std::string off = check_text(good_violations) + "default: off\n";
    CHECK_FALSE(load(off).checks.at(0).in_force);
    CHECK(load(off, "enable: [one]\n").checks.at(0).in_force);
    CHECK(load(off, "enable: ['topic:accounts']\n").checks.at(0).in_force);
    CHECK_FALSE(load(off, "enable: [one]\ndisable: [one]\n").checks.at(0).in_force);
    CHECK_FALSE(load(check_text(good_violations), "disable: ['topic:accounts']\n").checks.at(0).in_force);
    CHECK(load(check_text(good_violations), "disable: ['topic:accounts']\n").checks_in_force().empty());
    CHECK(one_error_with(errors_of(off, "disable: [two]\n"), "expected the id of a check or topic:NAME, got `two`"));
    CHECK(one_error_with(errors_of(off, "enable: ['topic:none']\n"), "got `topic:none`"));
}

TEST_CASE("a pack's digest is of its files without the cases") {
    FileTree files = pack_files(check_text(good_violations));
    const evidence::Digest digest = pack_digest(files);
    files["cases/one.yaml"] = "check: one\n";
    CHECK(pack_digest(files) == digest);
    CHECK(load_pack(files, schemas()).digest == digest);
    files["checks/one.yaml"] += "# a remark\n";
    CHECK(pack_digest(files) != digest);
    CHECK(pack_digest({{"pack.yaml", "a"}}) ==
          evidence::sha256(R"({"pack.yaml":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"})"));
}

TEST_CASE("parameter values are read from a command line and shown in texts") {
    const Pack pack =
        load(check_text(good_violations),
             "parameters:\n  most: {value: 5, title: M, minimum: 1, maximum: 10}\n"
             "  names: {value: [a], title: N}\n  ratio: {value: 0.5, title: R}\n  strict: {value: true, title: S}\n");
    const auto parse = [&](const char* name, const char* text) {
        return parse_parameter(pack.parameters.find(name)->second, text);
    };
    CHECK(parse("most", "7") == ParameterValue::of(std::int64_t{7}));
    CHECK(parse("ratio", "0.25") == ParameterValue::of(0.25));
    CHECK(parse("strict", "false") == ParameterValue::of(false));
    CHECK(parse("names", "x, y") == ParameterValue{true, {std::string{"x"}, std::string{"y"}}});
    CHECK(parse("names", "") == ParameterValue{true, {}});
    CHECK(parse("names", R"(["a,b", "c"])") == ParameterValue{true, {std::string{"a,b"}, std::string{"c"}}});
    CHECK_THROWS_WITH(parse("names", R"(["a,b")"), Catch::Contains("names: expected a JSON array"));
    CHECK_THROWS_WITH(parse("names", "[1]"), "names: expected text, got 1");
    CHECK_THROWS_WITH(parse("names", "[[]]"), "names: expected items of text");
    CHECK_THROWS_WITH(parse("most", "11"), "most: expected at most 10, got 11");
    CHECK_THROWS_WITH(parse("most", "many"), "most: expected a whole number, got many");
    CHECK_THROWS_WITH(parse("strict", "yes"), "strict: expected true or false, got yes");
    Parameters values = pack.default_parameters();
    CHECK(fill_in("at most {most} of {names}, ${HOME} {{ item }} {other} {", values) ==
          "at most 5 of a, ${HOME} {{ item }} {other} {");
    CHECK(bound_value(parse("names", "x,y\"z")) == evidence::Value{R"(["x","y\"z"])"});
}

TEST_CASE("a pack is read from a folder, with every file that could be meant as a check") {
    const auto folder = std::filesystem::temp_directory_path() / ("annexa-pack-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "checks");
    struct Remove {
        std::filesystem::path path;
        ~Remove() { std::filesystem::remove_all(path); }
    } const remove{folder};
    for (const auto& [path, text] : pack_files(check_text(good_violations))) std::ofstream{folder / path} << text;
    std::ofstream{folder / "README.md"} << "not read";
    std::ofstream{folder / "checks/.one.yaml.swp"} << "not read";
    CHECK(read_pack_folder(folder) == pack_files(check_text(good_violations)));
    std::ofstream{folder / "checks/other.yml"} << "x";
    CHECK(one_error_with(errors_of(read_pack_folder(folder)),
                         "checks/other.yml:1:1: expected pack.yaml, checks/ID.yaml"));
    CHECK_THROWS_WITH(read_pack_folder(folder / "none"), Catch::Contains("no such folder"));
}

TEST_CASE("durations are read and printed") {
    const Pack pack = load(check_text(good_violations) + "fix_within: 2w\n");
    CHECK(pack.checks.at(0).fix_within == std::chrono::hours{336});
}
