#include "cli/sheets/csv.hpp"
#include "tests/support/each_row.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace annexa;
using namespace annexa::cli::sheets;

namespace {

std::vector<std::vector<std::string>> texts(const Sheet& sheet) {
    std::vector<std::vector<std::string>> all;
    for (const Row& row : sheet.rows) {
        all.emplace_back();
        for (const Cell& cell : row.cells) all.back().push_back(cell.text);
    }
    return all;
}

using Texts = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("csv: separators, quotation marks, line ends and a byte order mark", "[sheets]") {
    const Texts expected{{"id", "what"}, {"R-0001", "a, \"b\";\nc"}, {"", "d"}};
    CHECK(texts(read_csv("id,what\r\nR-0001,\"a, \"\"b\"\";\nc\"\r\n,d\r\n")) == expected);
    CHECK(texts(read_csv("\xEF\xBB\xBFid;what\nR-0001;\"a, \"\"b\"\";\nc\"\n;d")) == expected);
    CHECK(texts(read_csv("id\twhat\rR-0001\t\"a, \"\"b\"\";\nc\"\r\td")) == expected);
    CHECK(texts(read_csv("\"a,b\";c\n1;2\n")) == Texts{{"a,b", "c"}, {"1", "2"}});
    CHECK(texts(read_csv("only\n\nx\n")) == Texts{{"only"}, {"x"}});
    CHECK(read_csv("").rows.empty());
}

TEST_CASE("csv: rows bear the numbers that a program shows", "[sheets]") {
    const Sheet sheet = read_csv("a,b\n\"x\ny\",1\n,\nz,2\n");
    REQUIRE(sheet.rows.size() == 3);
    CHECK(sheet.rows[1].number == 2);
    CHECK(sheet.rows[2].number == 4);
}

TEST_CASE("csv: what is wrong with a row or a cell is said there", "[sheets]") {
    const Sheet sheet = read_csv("a,b\nx\nx,y,z\nx\"y,1\n\"x\"y,1\n");
    REQUIRE(sheet.rows.size() == 5);
    CHECK(sheet.rows[1].problem.find("has 1 cells, the header has 2") == 0);
    CHECK(sheet.rows[2].problem.find("has 3 cells, the header has 2") == 0);
    CHECK(sheet.rows[3].cells[0].problem.find("holds a quotation mark") == 0);
    CHECK(sheet.rows[4].cells[0].problem.find("goes on after its closing quotation mark") == 0);
    CHECK(sheet.rows[4].cells[1].text == "1");
}

TEST_CASE("csv: no cell begins a formula, and each text comes back", "[sheets]") {
    for (const std::string text : {"=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\tx", "'=x", "''+x", "'", "''",
                                   "-", "=", "'x", "x=1", "-5", "-5.25", "5", "", "ä=", " =x"}) {
        const std::string cell = defused(text);
        INFO(text);
        CHECK(restored(cell) == text);
        const bool number = text == "-5" || text == "-5.25";
        CHECK((number || cell.empty() || std::string{"=+-@\t\r"}.find(cell[0]) == std::string::npos));
    }
    std::ostringstream out;
    write_csv(out, {.title = "t",
                    .columns = {{.name = "a", .title = "A"}, {.name = "b", .title = "B"}},
                    .rows = {{"=1+1", "x\ny"}}});
    CHECK(out.str() == "a,b\r\n'=1+1,\"x\ny\"\r\n");
    CHECK(texts(read_csv(out.str())) == Texts{{"a", "b"}, {"=1+1", "x\ny"}});
}

namespace {

struct Refusal {
    const char* name;
    std::string bytes;
    const char* words;
};

std::string lines(std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += "a,b\n";
    return all;
}

const Refusal refusals[] = {
    {"UTF-16 with a byte order mark",
     std::string{"\xFF\xFE"
                 "a\0",
                 4},
     "is UTF-16; save it as UTF-8"},
    {"UTF-16, big end first", std::string{"\xFE\xFF\0a", 4}, "is UTF-16"},
    {"UTF-16 without a mark", std::string{"a\0;\0b\0", 6}, "line 1 holds a NUL byte, as UTF-16 does"},
    {"a NUL byte", std::string{"a,b\n1,\0\n", 8}, "line 2 holds a NUL byte"},
    {"Latin-1", "a,b\nx,gr\xFCn\n", "line 2 is not UTF-8: perhaps Latin-1 or Windows-1252; save it as UTF-8"},
    {"a quoted cell without an end", "a,b\nx,\"y\n", "row 2 begins a cell with a quotation mark, and none ends it"},
    {"100,001 rows", lines(100001), "more than 100,000 rows"},
    {"257 columns", std::string(256, ','), "more than 256 cells"},
    {"a cell of more than 128 KiB", "a\n" + std::string(140000, 'x'), "A2 holds more than 128 KiB"},
};

void is_refused(const Refusal& refusal) {
    CHECK_THROWS_WITH(read_csv(refusal.bytes), Catch::Matchers::Contains(refusal.words));
}

const test::EachRow<refusals, is_refused> each{"csv: refused in words: ", "[sheets]", CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("csv: 100,000 rows are read", "[sheets]") { CHECK(read_csv(lines(100000)).rows.size() == 100000); }
