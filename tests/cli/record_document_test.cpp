#include "cli/isms/record_document.hpp"

#include "cli/isms/yaml_text.hpp"
#include "evidence/errors.hpp"
#include "policies/yaml.hpp"
#include "tests/cli/kinds.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace annexa::cli::test {
namespace {

using nlohmann::json;

json round_trip(const json& members) {
    static const Kinds known = kinds();
    const Kind& risk = known.get("risk");
    const std::string yaml = to_yaml({"R-0042", "risk", 3, std::make_shared<const json>(members)}, risk);
    INFO(yaml);
    const RecordDocument read = read_document(yaml, "risk.yaml", known);
    CHECK(read.id == "R-0042");
    CHECK(read.kind == "risk");
    CHECK(read.version == 3);
    // The same record is the same bytes.
    CHECK(to_yaml(read, risk) == yaml);
    return *read.members;
}

void append(std::string& text, std::uint32_t point) {
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += {static_cast<char>(0xc0 | (point >> 6)), static_cast<char>(0x80 | (point & 0x3f))};
    } else if (point < 0x10000) {
        text += {static_cast<char>(0xe0 | (point >> 12)), static_cast<char>(0x80 | ((point >> 6) & 0x3f)),
                 static_cast<char>(0x80 | (point & 0x3f))};
    } else {
        text += {static_cast<char>(0xf0 | (point >> 18)), static_cast<char>(0x80 | ((point >> 12) & 0x3f)),
                 static_cast<char>(0x80 | ((point >> 6) & 0x3f)), static_cast<char>(0x80 | (point & 0x3f))};
    }
}

}  // namespace

TEST_CASE("a text comes back byte for byte, whatever YAML would take it for") {
    for (const char* text : {"true",
                             "No",
                             "null",
                             "~",
                             "2027",
                             "007",
                             "1e3",
                             "0x10",
                             ".5",
                             "2027-03-31",
                             "12:30:00",
                             "- a",
                             "? a",
                             "a: b",
                             "a #b",
                             "#a",
                             "&a",
                             "*a",
                             "!a",
                             "|",
                             ">",
                             "%a",
                             "@a",
                             "`a`",
                             "'a'",
                             "\"a\"",
                             "{a}",
                             "[a]",
                             "a,b",
                             " a",
                             "a ",
                             "a  b",
                             "\ta",
                             "",
                             "=",
                             "<<",
                             "---",
                             "...",
                             "a\nb",
                             "a\n",
                             "a\n\n",
                             "\n",
                             "\na",
                             " a\nb",
                             "a \nb",
                             "a\n  b",
                             "a\n\tb",
                             "---\na",
                             "a\n...\nb",
                             "a\n# b\n",
                             "a\r\nb",
                             "Größe",
                             "日本語\n二行目",
                             "\xF0\x9F\x94\x92",
                             "\xEF\xBB\xBF"
                             "a",
                             "a\xC2\x85"
                             "b",
                             "a\xE2\x80\xA8"
                             "b",
                             "a\xE2\x80\xAE"
                             "b",
                             "\x01\x1b[31m",
                             "\x7f",
                             "\\n",
                             "a\\",
                             "=1+1",
                             "<script>"})
        CHECK(round_trip({{"title", text}, {"notes", text}, {"labels", json::array({text, text})}}) ==
              json({{"title", text}, {"notes", text}, {"labels", json::array({text, text})}}));
}

TEST_CASE("texts of any code points come back byte for byte") {
    std::mt19937 random{20261130};
    const std::string_view awkward = "\n\n  \t:#-?{}[],&*!|>'\"%@`\\aZ0.~=";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (auto length = random() % 24; length > 0; --length) {
            if (random() % 3 != 0) {
                text += awkward[random() % awkward.size()];
                continue;
            }
            const auto point = static_cast<std::uint32_t>(1 + random() % (random() % 2 == 0 ? 0x3000 : 0x10fffe));
            const bool surrogate = point >= 0xd800 && point <= 0xdfff;
            const bool nobodys = (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
            append(text, surrogate || nobodys ? 'x' : point);
        }
        const json members{{"notes", text},
                           {"milestones", json::array({{{"title", text}, {"words", json::array({text})}}})}};
        REQUIRE(round_trip(members) == members);
    }
}

TEST_CASE("numbers, truth values, empty lists and groups come back as they were") {
    const json members{{"likelihood", -9007199254740991},
                       {"cost", 0.1},
                       {"relevant", false},
                       {"labels", json::array()},
                       {"entries", json::array({0, 17})},
                       {"plan", {{"on", true}, {"due", "2027-03-31"}}},
                       {"milestones", json::array({json::object(), {{"words", json::array()}}})}};
    CHECK(round_trip(members) == members);
    CHECK(round_trip({{"cost", 1e300}}) == json({{"cost", 1e300}}));
    CHECK(round_trip(json::object()) == json::object());
}

TEST_CASE("what people write by hand is taken by the type of the member") {
    const Kinds known = kinds();
    const auto read = [&](const std::string& members) {
        return *read_document("kind: risks\nmembers:\n" + members, "f", known).members;
    };
    CHECK(read("  title: 2027\n") == json({{"title", "2027"}}));
    CHECK(read("  title: 1.10\n") == json({{"title", "1.10"}}));
    CHECK(read("  title: yes\n  relevant: true\n") == json({{"title", "yes"}, {"relevant", true}}));
    CHECK(read("  due: 2027-03-31\n  notes:\n") == json({{"due", "2027-03-31"}}));
    CHECK(read("  milestones: [{title: a, due: 2027-03-31}]\n") ==
          json({{"milestones", json::array({{{"title", "a"}, {"due", "2027-03-31"}}})}}));
}

TEST_CASE("what is no record is refused with its place") {
    const Kinds known = kinds();
    const auto refused = [&](const std::string& text) -> std::string {
        try {
            read_document(text, "risks/a.yaml", known);
        } catch (const evidence::error& problem) {
            return problem.what();
        }
        return {};
    };
    CHECK_THAT(refused("kind: risk\nmembers:\n  colour: red\n"),
               Catch::StartsWith("risks/a.yaml:3:3: ") && Catch::Contains("no member colour"));
    CHECK_THAT(refused("kind: risk\nmembers:\n  likelihood: high\n"),
               Catch::StartsWith("risks/a.yaml:3:") && Catch::Contains("a whole number"));
    CHECK_THAT(refused("kind: risk\nmembers:\n  labels: a\n"), Catch::Contains("expected a list"));
    CHECK_THAT(refused("kind: dragon\n"), Catch::Contains("no kind of record dragon"));
    CHECK_THAT(refused("members: {}\n"), Catch::Contains("kind: is missing"));
    CHECK_THAT(refused("kind: risk\nversion: 0\n"), Catch::Contains("version"));
    CHECK_THAT(refused("kind: risk\nowner: R-0001\n"), Catch::Contains("expected id, kind, version or members"));
    CHECK_THAT(refused("kind: risk\nmembers: {labels: [*a]}\n"), Catch::Contains("anchor"));
    CHECK_THAT(refused("kind: &a risk\n"), Catch::Contains("anchor"));
    CHECK_THAT(refused("kind: risk\nmembers: {title: a, title: b}\n"), Catch::Contains("twice"));
    CHECK_THAT(refused("kind: risk\nmembers: " + std::string(100, '[') + std::string(100, ']')),
               Catch::Contains("64 levels"));
    CHECK_THAT(refused(std::string((std::size_t{4} << 20) + 1, ' ')), Catch::Contains("4 MiB"));
    CHECK_THAT(refused("kind: risk\nmembers: {title: \xff}\n"), Catch::Contains("UTF-8"));
    CHECK_THAT(refused("- kind: risk\n"), Catch::Contains("expected id, kind"));
    CHECK_THAT(refused("{\"kind\": \"risk\", \"members\": 1}"), Catch::Contains("members"));
}

TEST_CASE("what the store alone writes is left out of what people edit") {
    const Kinds known = kinds();
    const Kind& risk = known.get("risk");
    const RecordDocument document = document_of(
        {{"id", "R-0001"}, {"kind", "risk"}, {"version", 2}, {"members", {{"title", "a"}, {"level", 9}}}}, risk);
    CHECK(*document.members == json({{"title", "a"}}));
    CHECK(to_yaml(document, risk) == "id: R-0001\nkind: risk\nversion: 2\nmembers:\n  title: a\n");
}

TEST_CASE("what annexa isms get --format json printed is read too") {
    const Kinds known = kinds();
    const RecordDocument read = read_document(
        R"({"id":"R-0001","kind":"risk","version":2,"digest":"00","members":{"title":"\ud83d\udd12"}})", "f", known);
    CHECK(read.id == "R-0001");
    CHECK(read.version == 2);
    CHECK(*read.members == json({{"title", "\xF0\x9F\x94\x92"}}));
}

}  // namespace annexa::cli::test
