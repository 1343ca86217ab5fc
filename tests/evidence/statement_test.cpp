#include "evidence/statement.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"
#include "evidence/record.hpp"
#include "tests/evidence/random.hpp"

#include "tests/support/each_row.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

using namespace annexa::evidence;
using annexa::evidence::test::Random;
using nlohmann::json;

namespace {

const Instant noon = parse_instant("2026-11-24T12:00:00.000Z");

Statement example() {
    Statement statement;
    statement.host = {"2b1e7f0a-7c1d-4d0a-9a3e-0c5d1f2e3a4b", "web-1", sha256("enrolment")};
    statement.agent = {"0.1.0", sha256("key")};
    statement.sequence = 7;
    statement.previous = sha256("six");
    statement.log = {"annexa/5c8a", {42, sha256("root")}};
    statement.made_at = noon;
    statement.boot_id = "d0c6a9fe-0000-4000-8000-000000000001";
    statement.clock_synchronized = true;
    statement.machine = sha256("machine");
    statement.results = {
        {.collector = "users",
         .collected_at = noon,
         .same_as = std::nullopt,
         .reason = std::nullopt,
         .duration_ms = 12,
         .tables = {{"users", sha256("1")}, {"groups", sha256("2")}}},
        {.collector = "shadow",
         .collected_at = noon,
         .same_as = std::nullopt,
         .status = Status::error,
         .reason = Reason::permission_denied,
         .tables = {}},
        {.collector = "kernel", .collected_at = noon, .same_as = 3, .reason = std::nullopt, .tables = {}}};
    statement.due = {"sudoers"};
    return statement;
}

std::string code_of(std::string_view payload) {
    try {
        parse_statement(payload);
        return "";
    } catch (const coded_error& problem) {
        return problem.code();
    }
}

std::string schema_problem(const json& statement) {
    try {
        parse_statement(canonical_json(statement));
        return "";
    } catch (const coded_error& problem) {
        CHECK(problem.code() == "schema");
        return problem.what();
    }
}

Statement random_statement(Random& random) {
    Statement statement = example();
    statement.host.name = "h" + random.identifier();
    statement.sequence = 2 + random.up_to(1'000'000);
    statement.previous = random.digest();
    statement.log.head = {1 + random.up_to(1'000'000), random.digest()};
    statement.made_at = random.instant();
    if (random.chance(3)) statement.boot_id.reset();
    if (random.chance(3)) statement.clock_synchronized.reset();
    if (random.chance(3)) statement.machine.reset();
    if (random.chance(3)) statement.policy = random.digest();
    statement.results.clear();
    for (std::uint64_t i = random.up_to(6); i > 0; --i) {
        Result result;
        result.collector = random.identifier();
        result.collected_at = random.instant();
        if (random.chance(3)) {
            result.same_as = 1 + random.up_to(statement.sequence - 2);
        } else {
            result.version = 1 + static_cast<int>(random.up_to(9));
            result.status = static_cast<Status>(random.up_to(2));
            if (result.status != Status::ok) result.reason = static_cast<Reason>(random.up_to(17));
            result.duration_ms = random.up_to(largest_json_integer);
            for (const char* name : {"a", "b", "c"})
                if (random.chance(2)) result.tables.push_back({name, sha256(std::to_string(random.up_to(2)))});
        }
        if (random.chance(4)) result.rest = canonical_json({{"x-" + random.text(4), random.text(9)}});
        statement.results.push_back(result);
    }
    statement.due.clear();
    if (random.chance(2)) statement.due.push_back(random.identifier());
    if (random.chance(3))
        statement.dropped = {{"*", std::nullopt, std::nullopt, std::nullopt, "spool_corrupt"},
                             {"users", 3, random.instant(), random.instant(), "disk_full"}};
    if (random.chance(3)) statement.rollback = Rollback{random.up_to(99), random.digest()};
    if (random.chance(3))
        statement.lost_by_store = LostByStore{1,
                                              1 + random.up_to(statement.sequence - 2),
                                              random.text(40) + "n",
                                              random.up_to(99),
                                              random.digest(),
                                              {random.digest()}};
    if (random.chance(3))
        statement.alarm = Alarm{"log_forked", random.instant(), random.text(40), random.text(40), random.text(9)};
    if (random.chance(3)) statement.rest = canonical_json({{"y" + random.text(4), {1, 2.5, random.text(3)}}});
    return statement;
}

}  // namespace

TEST_CASE("a statement's payload is canonical in-toto and reads back as it was") {
    const Statement statement = example();
    const std::string payload = serialise(statement);
    const json value = json::parse(payload);
    CHECK(canonical_json(value) == payload);
    CHECK(value["_type"] == "https://in-toto.io/Statement/v1");
    CHECK(value["predicateType"] == "https://annexa.example/evidence/v1");
    CHECK(value["subject"][0]["name"] == "enrolment:" + statement.host.id);
    CHECK(value["subject"][0]["digest"]["sha256"] == statement.host.enrolment.hex());
    CHECK(value["subject"][1]["name"] == "table:users");
    CHECK(value["predicate"]["results"][0]["tables"] == json{"users", "groups"});
    CHECK(value["predicate"]["results"][2] ==
          json{{"collector", "kernel"}, {"collected_at", "2026-11-24T12:00:00.000Z"}, {"same_as", 3}});
    CHECK_FALSE(value["predicate"].contains("dropped"));
    CHECK(parse_statement(payload) == statement);
}

TEST_CASE("every member of a statement stands in docs/evidence-format.md") {
    Statement statement = example();
    statement.policy = sha256("policy");
    statement.dropped = {{"*", std::nullopt, std::nullopt, std::nullopt, "spool_corrupt"}};
    statement.rollback = Rollback{3, sha256("three")};
    statement.lost_by_store = LostByStore{1, 6, "note\n", 3, sha256("leaf"), {}};
    statement.alarm = Alarm{"log_forked", noon, "known", "received", "detail"};
    statement.rest = R"({"tags":{"environment":"production"}})";  // what agent/assembly.cpp adds
    std::ifstream in{ANNEXA_SOURCE_DIR "/docs/evidence-format.md"};
    const std::string document{std::istreambuf_iterator<char>{in}, {}};
    const json predicate = json::parse(serialise(statement))["predicate"];
    for (const auto& [member, value] : predicate.items()) {
        INFO(member);
        CHECK(document.find("\n| `" + member + "` |") != std::string::npos);
    }
}

TEST_CASE("a further version of a table in one statement is a subject of its own") {
    Statement statement = example();
    Result later = statement.results.front();
    later.tables[0].digest = sha256("other");
    statement.results.push_back(later);
    statement.results.push_back(statement.results.front());
    const json value = json::parse(serialise(statement));
    REQUIRE(value["subject"].size() == 4);
    CHECK(value["subject"][3]["name"] == "table:users#2");
    CHECK(value["predicate"]["results"][3]["tables"] == json{"users#2", "groups"});
    CHECK(parse_statement(serialise(statement)) == statement);
    CHECK(named_tables(statement).size() == 3);
}

TEST_CASE("generated statements read back as they were") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    Random random;
    for (int i = 0; i < 300; ++i) {
        const Statement statement = random_statement(random);
        const std::string payload = serialise(statement);
        const Statement again = parse_statement(payload);
        CHECK(again == statement);
        CHECK(serialise(again) == payload);
    }
}

TEST_CASE("unknown members pass and stay") {
    json value = json::parse(serialise(example()));
    value["predicate"]["weather"] = {{"sky", "blue"}};
    value["predicate"]["results"][0]["effort"] = 3;
    value["predicate"]["host"]["colour"] = "red";
    value["subject"][0]["uri"] = "urn:x";
    value["extra"] = true;
    const Statement statement = parse_statement(canonical_json(value));
    CHECK(statement.rest == R"({"weather":{"sky":"blue"}})");
    CHECK(statement.results[0].rest == R"({"effort":3})");
    CHECK(parse_statement(serialise(statement)) == statement);
}

TEST_CASE("what counts for same_as is collector, version, status, reason and tables") {
    const Result first = example().results[0];
    Result second = first;
    second.collected_at += std::chrono::hours{1};
    second.duration_ms = 99;
    CHECK(same_outcome(first, second));
    second.tables[0].digest = sha256("x");
    CHECK_FALSE(same_outcome(first, second));
    second = first;
    second.version = 2;
    CHECK_FALSE(same_outcome(first, second));
}

TEST_CASE("beside same_as nothing else is written") {
    Statement statement = example();
    Result repeated = statement.results[0];
    repeated.same_as = 2;
    statement.results = {repeated};
    const Statement again = parse_statement(serialise(statement));
    CHECK(again.results[0].same_as == 2);
    CHECK(again.results[0].tables.empty());
    CHECK(named_tables(again).empty());
}

TEST_CASE("a member that is not as it should be is named") {
    const json good = json::parse(serialise(example()));
    REQUIRE(schema_problem(good).empty());
    struct Case {
        const char* pointer;
        json value;
        const char* names;
    };
    const auto bad = GENERATE(values<Case>({
        {"/_type", "x", "_type"},
        {"/subject", json::array(), "subject"},
        {"/subject/0/name", "enrolment:x", "subject[0].name"},
        {"/subject/0/digest/sha256", std::string(64, '0'), "subject[0].digest"},
        {"/subject/0/digest/sha256", std::string(64, 'A'), "subject[0].digest.sha256"},
        {"/subject/1/name", "file:x", "subject[1].name"},
        {"/subject/1/name", "table:users#2", "subject[1].name"},
        {"/subject/1/name", "table:users#1", "subject[1].name"},
        {"/subject/1/name", "table:others", "predicate.results[0].tables[0]"},
        {"/subject/2/name", "table:users", "subject[2].name"},
        {"/predicate", 1, "predicate"},
        {"/predicate/host/id", "web-1", "predicate.host.id"},
        {"/predicate/host/name", "a\nb", "predicate.host.name"},
        {"/predicate/host/enrolment", 1, "predicate.host.enrolment"},
        {"/predicate/agent/key_id", "", "predicate.agent.key_id"},
        {"/predicate/sequence", 0, "predicate.sequence"},
        {"/predicate/sequence", -1, "predicate.sequence"},
        {"/predicate/sequence", 1.5, "predicate.sequence"},
        {"/predicate/sequence", "7", "predicate.sequence"},
        {"/predicate/previous", nullptr, "predicate.previous"},
        {"/predicate/log/size", 0, "predicate.log.size"},
        {"/predicate/made_at", "2026-11-24T12:00:00Z", "predicate.made_at"},
        {"/predicate/boot_id", 1, "predicate.boot_id"},
        {"/predicate/clock", true, "predicate.clock"},
        {"/predicate/clock/synchronized", "yes", "predicate.clock.synchronized"},
        {"/predicate/machine", "x", "predicate.machine"},
        {"/predicate/results", json::object(), "predicate.results"},
        {"/predicate/results/0", 1, "predicate.results[0]"},
        {"/predicate/results/0/collector", "Users", "predicate.results[0].collector"},
        {"/predicate/results/0/version", 0, "predicate.results[0].version"},
        {"/predicate/results/0/status", "fine", "predicate.results[0].status"},
        {"/predicate/results/0/status", "error", "predicate.results[0].reason"},
        {"/predicate/results/0/reason", "crashed", "predicate.results[0].reason"},
        {"/predicate/results/1/reason", "mood", "predicate.results[1].reason"},
        {"/predicate/results/0/duration_ms", -1, "predicate.results[0].duration_ms"},
        {"/predicate/results/0/tables/0", "nowhere", "predicate.results[0].tables[0]"},
        {"/predicate/results/0/tables/1", "users", "predicate.results[0].tables[1]"},
        {"/predicate/results/0/tables", json{"groups"}, "found table:users"},
        {"/predicate/results/2/same_as", 7, "predicate.results[2].same_as"},
        {"/predicate/results/2/same_as", 0, "predicate.results[2].same_as"},
        {"/predicate/results/2/status", "ok", "predicate.results[2].status"},
        {"/predicate/due/0", "Bad Name", "predicate.due[0]"},
        {"/predicate/due", {"a", "a"}, "predicate.due[1]"},
        {"/predicate/policy", nullptr, "predicate.policy"},
        {"/predicate/dropped", json::array(), "predicate.dropped"},
        {"/predicate/rollback", {{"sequence", 1}}, "predicate.rollback.digest"},
        {"/predicate/lost_by_store", {{"from", 2}, {"to", 7}}, "predicate.lost_by_store.to"},
        {"/predicate/alarm", "help", "predicate.alarm"},
    }));
    json value = good;
    value[json::json_pointer{bad.pointer}] = bad.value;
    INFO(bad.pointer << " = " << bad.value);
    CHECK_THAT(schema_problem(value), Catch::Contains(bad.names));
}

TEST_CASE("a member that is absent is named") {
    const json good = json::parse(serialise(example()));
    const auto name = GENERATE(as<std::string>{}, "host", "agent", "sequence", "previous", "log", "made_at", "boot_id",
                               "clock", "machine", "results", "due");
    json value = good;
    value["predicate"].erase(name);
    CHECK_THAT(schema_problem(value), Catch::Contains("predicate." + name));
}

namespace {

struct BadBytes {
    const char* name;
    const char* code;
    std::function<std::string(const std::string& good)> bytes;
};

std::string of_type(const std::string& good, const char* type) {
    json value = json::parse(good);
    value["predicateType"] = type;
    return canonical_json(value);
}

const BadBytes bad_bytes[] = {
    {"white space before", "bad_json", [](const std::string& good) { return " " + good; }},
    {"invalid JSON", "bad_json", [](const std::string&) { return "{}x"; }},
    {"nothing", "bad_json", [](const std::string&) { return ""; }},
    {"duplicate members", "bad_json", [](const std::string&) { return R"({"a":1,"a":2})"; }},
    {"members that are not sorted", "bad_json", [](const std::string&) { return R"({"b":1,"a":2})"; }},
    {"a NUL", "bad_json", [](const std::string&) { return R"({"a":"\u0000"})"; }},
    {"invalid UTF-8", "bad_json", [](const std::string&) { return "{\"a\":\"\xff\"}"; }},
    {"an integer beyond 2^53", "bad_json", [](const std::string&) { return R"({"a":9007199254740993})"; }},
    {"nesting that is too deep", "bad_json", [](const std::string&) { return std::string(20'000, '['); }},
    {"no member at all", "schema", [](const std::string&) { return "{}"; }},
    {"what is too large", "too_large", [](const std::string&) { return std::string(largest_payload_bytes + 1, ' '); }},
    {"a mark's type", "wrong_type",
     [](const std::string& good) { return of_type(good, "https://annexa.example/mark/v1"); }},
    {"a record", "wrong_type",
     [](const std::string&) {
         return serialise(MarkRecord{"annexa/x", noon});
     }},
};

void is_refused(const BadBytes& bad) {
    const std::string good = serialise(example());
    CHECK(code_of(good).empty());
    CHECK(code_of(bad.bytes(good)) == bad.code);
}

const annexa::test::EachRow<bad_bytes, is_refused> each_refusal{"statement refuses: ", "[statement]",
                                                                CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("a statement that could not be read is not made") {
    Statement statement = example();
    statement.sequence = 0;
    CHECK_THROWS_AS(serialise(statement), error);
    statement = example();
    statement.results[0].reason = Reason::crashed;
    CHECK_THROWS_AS(serialise(statement), error);
    statement = example();
    statement.rest = R"({"host":1})";
    CHECK_THROWS_AS(serialise(statement), error);
    statement = example();
    statement.host.name = "\xff";
    CHECK_THROWS_AS(serialise(statement), error);
}
