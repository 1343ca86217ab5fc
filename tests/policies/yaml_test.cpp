#include "policies/yaml.hpp"

#include <catch2/catch.hpp>

using namespace annexa::policies;
using Kind = YamlNode::Kind;

namespace {

YamlNode value_of(const std::string& text) { return *parse_yaml("key: " + text).find("key"); }

/// "LINE:COLUMN: what" of the error that the text gives, or nothing.
std::string error_of(const std::string& text) {
    try {
        parse_yaml(text);
        return "";
    } catch (const yaml_error& problem) {
        return problem.what();
    }
}

}  // namespace

TEST_CASE("plain scalars are resolved by the core schema of YAML 1.2") {
    CHECK(value_of("12").kind == Kind::integer);
    CHECK(value_of("-12").integer == -12);
    CHECK(value_of("+12").integer == 12);
    CHECK(value_of("0o17").integer == 15);
    CHECK(value_of("0x1F").integer == 31);
    CHECK(value_of("9223372036854775807").integer == 9223372036854775807);
    CHECK(value_of("1.5e3").real == 1500.0);
    CHECK(value_of(".5").real == 0.5);
    CHECK(value_of("true").boolean);
    CHECK(value_of("~").kind == Kind::null);
    CHECK(value_of("").kind == Kind::null);
    // What YAML 1.1 would have taken for truth, octal, sexagesimal and dates is text or decimal here.
    for (const char* text : {"yes", "on", "no", "off", "y", "12:30:00", "2026-11-24", "1_000", "2026.11.0", "1.", "."})
        CHECK((value_of(text).kind == Kind::text || std::string{text} == "1."));
    CHECK(value_of("017").integer == 17);
    CHECK(value_of("\"12\"").kind == Kind::text);
    CHECK(value_of("'true'").kind == Kind::text);
}

TEST_CASE("every value knows where it stands") {
    const YamlNode root = parse_yaml("# comment\na: 1\nb:\n  - x\n  - {c: y}\n");
    CHECK(root.find("a")->place.line == 2);
    CHECK(root.find("a")->place.column == 4);
    CHECK(root.find("b")->items.at(1).find("c")->place.line == 5);
    CHECK(root.find("b")->items.at(1).find("c")->place.column == 9);
    const YamlNode empty = parse_yaml("a: 1\nb:\nc: 2\n");
    CHECK(empty.find("b")->place.line == 2);
}

TEST_CASE("what is outside the profile is refused where it stands") {
    CHECK(error_of("a: &x 1\nb: 2\n") == "1:4: anchors are not allowed here");
    CHECK(error_of("a: &x [1]\nb: *x\n") == "1:4: anchors are not allowed here");
    CHECK(error_of("a: 1\nb: *x\n").starts_with("2:4: "));
    CHECK(error_of("a: !!str 1\n") == "1:4: tags are not allowed here");
    CHECK(error_of("a: ! b\n") == "1:4: tags are not allowed here");
    CHECK(error_of("a: !local {b: 1}\n") == "1:4: tags are not allowed here");
    CHECK(error_of("a: 1\nb: 2\na: 3\n") == "3:1: `a` stands here twice");
    CHECK(error_of("a: {b: 1, b: 2}\n") == "1:11: `b` stands here twice");
    CHECK(error_of("a: 1\n---\nb: 2\n").find("one document") != std::string::npos);
    CHECK(error_of("[a]: 1\n").find("expected a word as key") != std::string::npos);
    CHECK(error_of("? {a: 1}\n: 2\n").find("expected a word as key") != std::string::npos);
    CHECK(error_of("a: .inf\n").find("finite") != std::string::npos);
    CHECK(error_of("a: 1e999\n").find("finite") != std::string::npos);
    CHECK(error_of("a: 99999999999999999999\n").starts_with("1:4: "));
    // what is missed at the end is told of the last line, not of one behind it
    CHECK(error_of("a: 1\nb: [1, 2\n").find("2:9: expected YAML") != std::string::npos);
    CHECK(error_of("a: 1\nb: \xff\n") == "2:1: expected UTF-8 without NUL in this line");
    CHECK(error_of(std::string{"a: 1\nb: x\0y\n", 11}) == "2:1: expected UTF-8 without NUL in this line");
    CHECK(error_of("a: \"\\0\"\n").find("NUL") != std::string::npos);
    CHECK_FALSE(error_of(std::string(100, '[')).empty());
    CHECK_FALSE(error_of(std::string(100000, '[')).empty());
}

TEST_CASE("an empty text is an empty mapping") {
    CHECK(parse_yaml("").kind == Kind::mapping);
    CHECK(parse_yaml("# nothing\n").members.empty());
}
