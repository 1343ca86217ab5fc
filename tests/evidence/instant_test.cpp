#include "evidence/instant.hpp"
#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

using namespace annexa::evidence;

TEST_CASE("an instant prints as RFC 3339 with milliseconds and reads back") {
    const Instant instant = parse_instant("2026-11-24T09:30:00.125Z");
    CHECK(to_string(instant) == "2026-11-24T09:30:00.125Z");
    CHECK(unix_seconds(instant) == 1795512600);
}

TEST_CASE("offsets and other numbers of decimals are understood") {
    CHECK(parse_instant("2026-11-24T10:30:00+01:00") == parse_instant("2026-11-24T09:30:00.000Z"));
    CHECK(to_string(parse_instant("2026-11-24T09:30:00.1Z")) == "2026-11-24T09:30:00.100Z");
    CHECK(to_string(parse_instant("2026-11-24T09:30:00.123999999Z")) == "2026-11-24T09:30:00.123Z");
}

TEST_CASE("what is no time is refused") {
    const auto text =
        GENERATE("", "2026", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
                 "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Z ", "x026-01-01T00:00:00Z");
    CHECK_THROWS_AS(parse_instant(text), format_error);
}

TEST_CASE("only years of four digits are read and written") {
    CHECK(to_string(parse_instant("0000-01-01T00:00:00Z")) == "0000-01-01T00:00:00.000Z");
    CHECK(to_string(parse_instant("9999-12-31T23:59:59.999Z")) == "9999-12-31T23:59:59.999Z");
    CHECK_THROWS_AS(parse_instant("0000-01-01T00:00:00+01:00"), format_error);
    CHECK_THROWS_AS(parse_instant("9999-12-31T23:59:59-01:00"), format_error);
    CHECK_THROWS_AS(parse_instant("9999-12-31T23:59:60Z"), format_error);
    CHECK_THROWS_AS(to_string(parse_instant("9999-12-31T23:59:59.999Z") + std::chrono::milliseconds{1}), error);
}

TEST_CASE("seconds round down before 1970 too") {
    CHECK(unix_seconds(parse_instant("1969-12-31T23:59:59.500Z")) == -1);
    CHECK(unix_seconds(parse_instant("2026-11-24T09:30:00.999Z")) == 1795512600);
}
