#include "agent/collected.hpp"

#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::agent;
using evidence::Type;

namespace {

Collected example() {
    Collected result;
    result.collector = "users";
    result.version = 3;
    result.status = evidence::Status::ok;
    result.duration_ms = 12;
    result.collected_at = evidence::parse_instant("2026-11-24T22:00:00.123Z");
    result.sources = {{"/etc/passwd", std::string(64, 'a'), 1200},
                      {"/etc/sh\xff"
                       "adow",
                       std::nullopt, std::nullopt}};
    result.tables = {{"sources_users", {{"path", Type::text}, {"sha256", Type::text}, {"size", Type::integer}}, {}},
                     {"users",
                      {{"uid", Type::integer}, {"name", Type::text}, {"load", Type::real}, {"on", Type::boolean}},
                      {{std::int64_t{9007199254740993}, std::string{"r\0t", 3}, 1.5, true},
                       {std::monostate{}, "caf\xe9", 2.0, std::monostate{}}}}};
    return result;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("collected: a result survives writing and reading, whatever its cells hold") {
    const Collected result = example();
    CHECK(parse_collected(to_json(result)) == result);
    Collected other = example();
    other.status = evidence::Status::not_applicable;
    other.reason = evidence::Reason::not_installed;
    other.message = "no sshd";
    CHECK(parse_collected(to_json(other)) == other);
}

TEST_CASE("collected: wide integers and bytes travel as the table format says") {
    const std::string text = to_json(example());
    CHECK(text.find("[\"9007199254740993\",{\"base64\":\"cgB0\"},1.5,true]") != std::string::npos);
    CHECK(text.find("[null,{\"base64\":\"Y2Fm6Q==\"},2,null]") != std::string::npos);
}

TEST_CASE("collected: what is no result is refused") {
    const std::string good = to_json(example());
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"\"status\":\"ok\"", "\"status\":\"fine\""},
             {"\"reason\":null", "\"reason\":\"timed_out\""},
             {"\"reason\":null", "\"reason\":3"},
             {"\"version\":3", "\"version\":\"3\""},
             {"\"collected_at\":\"2026", "\"collected_at\":\"20x6"},
             {"[\"uid\",\"integer\"]", "[\"uid\",\"int\"]"},
             {"[\"uid\",\"integer\"]", "[\"name\",\"integer\"]"},
             {"1.5,true]", "1.5]"},
             {"1.5,true]", "1.5,\"true\"]"},
             {"\"9007199254740993\"", "\"9007199254740993x\""},
             {"cgB0", "cgB"},
             {"\"version\":3", "\"version\":3,\"version\":3"},
             {"\"sources\":[", "\"sources\":[7,"},
             {"\"tables\":{", "\"tables\":{\"x\":[],"},
         }) {
        INFO(from << " -> " << to);
        CHECK_THROWS_AS(parse_collected(with(good, from, to)), evidence::error);
    }
    CHECK_THROWS_AS(parse_collected("[]"), evidence::error);
    CHECK_THROWS_AS(parse_collected(good.substr(0, good.size() - 1)), evidence::error);
}

TEST_CASE("collected: a collector that gave nothing is an error with its two tables") {
    const Collected result = failed_result("users", 3, evidence::Reason::crashed, "it ended",
                                           evidence::parse_instant("2026-11-24T22:00:00Z"));
    CHECK(result.status == evidence::Status::error);
    REQUIRE(result.tables.size() == 2);
    CHECK(result.tables[0].name == "messages_users");
    CHECK(parse_collected(to_json(result)) == result);
}
