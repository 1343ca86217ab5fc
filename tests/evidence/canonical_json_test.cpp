#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include "tests/support/each_row.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

using namespace annexa::evidence;
using nlohmann::json;

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("numbers print as ECMAScript prints them") {
    CHECK(ecmascript_number(0.0) == "0");
    CHECK(ecmascript_number(-0.0) == "0");
    CHECK(ecmascript_number(1.0) == "1");
    CHECK(ecmascript_number(1e21) == "1e+21");
    CHECK(ecmascript_number(1e20) == "100000000000000000000");
    CHECK(ecmascript_number(1e-6) == "0.000001");
    CHECK(ecmascript_number(1e-7) == "1e-7");
    CHECK(ecmascript_number(123456.789) == "123456.789");
    CHECK(ecmascript_number(5e-324) == "5e-324");
    CHECK(ecmascript_number(1.7976931348623157e308) == "1.7976931348623157e+308");
    CHECK(ecmascript_number(9007199254740993.0) == "9007199254740992");
    CHECK(ecmascript_number(-1.5) == "-1.5");
}

TEST_CASE("members sort by UTF-16 units") {
    json value;
    value["\xef\xac\xb3"] = 1;      // U+FB33
    value["\xf0\x9f\x98\x80"] = 2;  // U+1F600, whose surrogates sort before U+FB33
    value["a"] = 3;
    CHECK(canonical_json(value) == "{\"a\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
}

namespace {

struct BadJson {
    const char* name;
    std::string text;
};

const BadJson bad_json[] = {
    {"duplicate members", "{\"a\":1,\"a\":2}"},
    {"an integer beyond 2^53", "9007199254740992"},
    {"an integer below -2^53", "-9007199254740992"},
    {"an integer of thirty digits", "123456789012345678901234567890"},
    {"a NUL written as an escape", "\"\\u0000\""},
    {"a NUL byte behind a value", std::string{"{}\0", 3}},
    {"a NUL byte between values", std::string{"1\0 2", 4}},
    {"a NUL byte within a text", std::string{"\"a\0\"", 4}},
    {"a code point that is no character", "\"\\ufdd0\""},
    {"half a surrogate pair", "\"\\ud800\""},
    {"invalid UTF-8", "{\"a\":\"\xff\"}"},
    {"a comma before the end", "[1,]"},
    {"two values", "1 2"},
    {"nothing", ""},
    {"a word that is cut off", "nul"},
    {"a number beyond a double", "1e999"},
    {"a byte order mark", "\xef\xbb\xbf{}"},
    {"a comment", "// a\n1"},
    {"a sign without a number", "-"},
    {"a number with a leading zero", "01"},
    {"NaN", "NaN"},
    {"single quotes", "'a'"},
    {"nesting that is too deep", std::string(1000, '[')},
};

void is_refused(const BadJson& bad) { CHECK_THROWS_AS(parse_json(bad.text), format_error); }

const annexa::test::EachRow<bad_json, is_refused> each_refusal{"canonical JSON refuses: ", "[json]",
                                                               CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("canonical JSON refuses: what is too large or too deep for its bounds") {
    CHECK_THROWS_AS(parse_json("[1,2,3]", {.bytes = 3, .depth = 8}), format_error);
    CHECK_THROWS_AS(parse_json("[[[1]]]", {.bytes = 8, .depth = 2}), format_error);
    CHECK_NOTHROW(parse_json("[[1]]", {.bytes = 8, .depth = 2}));
}

TEST_CASE("published vectors of RFC 8785") {
    const std::filesystem::path vectors = std::filesystem::path{ANNEXA_SOURCE_DIR} / "../shared/data/vectors/jcs";
    if (!std::filesystem::exists(vectors)) {
        WARN("the published vectors are not beside this checkout");
        return;
    }
    int seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator{vectors / "input"}) {
        INFO(entry.path().filename());
        CHECK(canonical_json(json::parse(read_file(entry.path()))) ==
              read_file(vectors / "output" / entry.path().filename()));
        ++seen;
    }
    CHECK(seen == 6);
}

TEST_CASE("a refusal says where reading ended") {
    try {
        parse_json(R"({"first":1,"first":2})");
        FAIL("accepted");
    } catch (const format_error& problem) {
        CHECK(problem.offset() >= 18);
        CHECK(problem.offset() <= 20);
        CHECK(problem.expected() == "each member once, found \"first\" again");
    }
}

TEST_CASE("an integer that a double cannot hold is not canonical JSON") {
    CHECK(canonical_json(largest_json_integer) == "9007199254740991");
    CHECK(canonical_json(-largest_json_integer) == "-9007199254740991");
    CHECK_THROWS_AS(canonical_json(largest_json_integer + 1), error);
    CHECK_THROWS_AS(canonical_json(-largest_json_integer - 1), error);
    CHECK_THROWS_AS(canonical_json(~std::uint64_t{0}), error);
    CHECK(canonical_json(1e300) == "1e+300");
    CHECK_THROWS_AS(canonical_json(json(std::string("\xff"))), error);
    CHECK_THROWS_AS(ecmascript_number(std::numeric_limits<double>::infinity()), error);
    CHECK_THROWS_AS(ecmascript_number(std::numeric_limits<double>::quiet_NaN()), error);
}

TEST_CASE("text is UTF-8 without overlong forms, surrogates or what lies beyond Unicode") {
    for (const char* good :
         {"", "a", "\xc3\xa9", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbd"})
        CHECK(is_plain_text(good));
    for (const char* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
          "\xc3\x28", "\xef\xbf\xbe", "\xef\xb7\x90", "\xf0\x9f\xbf\xbf"})
        CHECK_FALSE(is_plain_text(bad));
    CHECK_FALSE(is_plain_text(std::string_view{"\0", 1}));
}
