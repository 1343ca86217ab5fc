#include "evidence/table.hpp"
#include "evidence/errors.hpp"
#include "tests/evidence/random.hpp"

#include "tests/support/each_row.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

using namespace annexa::evidence;

namespace {

Table example() {
    return {"users",
            {{"username", Type::text}, {"uid", Type::integer}, {"load", Type::real}},
            {{"root", std::int64_t{0}, 1.0}, {"b\xff", std::monostate{}, 0.5}}};
}

}  // namespace

TEST_CASE("a table's canonical bytes sort rows and keep bytes that are no UTF-8") {
    CHECK(
        canonical(example(), "00") ==
        R"({"columns":[["username","text"],["uid","integer"],["load","double"]],"rows":[["root",0,1],[{"base64":"Yv8="},null,0.5]],"salt":"00"})");
}

TEST_CASE("a table reads back as it was") {
    Table table = example();
    table.rows.push_back({"max", std::numeric_limits<std::int64_t>::max(), 2.0});
    table.rows.push_back({"min", std::numeric_limits<std::int64_t>::min(), 2.0});
    const std::string bytes = canonical(table, "ab");
    const SaltedTable again = parse_table("users", bytes);
    CHECK(again.salt == "ab");
    CHECK(canonical(again.table, again.salt) == bytes);
    CHECK(again.table.rows.size() == 4);
}

namespace {

struct BadTable {
    const char* name;
    std::string text;
};

const std::string head = R"({"columns":[["a","integer"]],"rows":)";
const BadTable bad_tables[] = {
    {"rows that are not sorted", head + R"([[2],[1]],"salt":""})"},
    {"white space", head + R"([[1 ]],"salt":""})"},
    {"an integer beyond 2^53 written raw", head + R"([[9007199254740993]],"salt":""})"},
    {"a small integer as a text", head + R"([["12"]],"salt":""})"},
    {"a text in a column of integers", head + R"([["x"]],"salt":""})"},
    {"a row with too many cells", head + R"([[1,2]],"salt":""})"},
    {"a row with too few cells", head + R"([[]],"salt":""})"},
    {"duplicate members", head + R"([[1]],"salt":"","salt":""})"},
    {"a member that is not the format's", head + R"([[1]],"pepper":""})"},
    {"base64 in a column of integers", head + R"([[{"base64":"Yg=="}]],"salt":""})"},
    {"two columns of one name", R"({"columns":[["a","text"],["a","text"]],"rows":[],"salt":""})"},
    {"plain text as base64", R"({"columns":[["a","text"]],"rows":[[{"base64":"Yg=="}]],"salt":""})"},
    {"a NUL written as an escape", R"({"columns":[["a","text"]],"rows":[["\u0000"]],"salt":""})"},
    {"a NUL byte in a cell", std::string{R"({"columns":[["a","text"]],"rows":[["x)"} + '\0' + R"("]],"salt":""})"},
    {"invalid UTF-8 in a cell", std::string{R"({"columns":[["a","text"]],"rows":[["x)"} + '\xff' + R"("]],"salt":""})"},
    {"a type that is none", R"({"columns":[["a","date"]],"rows":[],"salt":""})"},
    {"no columns", R"({"rows":[],"columns":[],"salt":""})"},
    {"a list", "[]"},
    {"nothing", ""},
    {"nesting that is too deep", head + std::string(100'000, '[')},
};

void is_refused(const BadTable& bad) {
    CHECK_THROWS_AS(parse_table("t", bad.text), format_error);
    CHECK_THROWS_AS(check_table(bad.text), format_error);
}

const annexa::test::EachRow<bad_tables, is_refused> each_refusal{"table refuses: ", "[table]", CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("table refuses: what is too large, before memory is spent") {
    CHECK_THROWS_AS(parse_table("t", std::string(100, ' '), {.bytes = 99}), format_error);
    CHECK_THROWS_AS(canonical(example(), "", {.columns = 2}), error);
    CHECK_THROWS_AS(canonical(example(), "", {.cell_bytes = 3}), error);
}

TEST_CASE("volatile columns are not evidence") {
    static constexpr Column columns[] = {{"path", Type::text, "where"}, {"pid", Type::integer, "who", Trait::changing}};
    static constexpr TableDefinition definition{"sockets", "…", columns};
    Table table = make_table(definition);
    table.rows.push_back({"/run/x", std::int64_t{17}});
    table = evidence_form(table, definition);
    CHECK(table.columns.size() == 1);
    CHECK(table.rows == std::vector<Row>{{"/run/x"}});
}

TEST_CASE("equal content has an equal salt on one host and another elsewhere") {
    CHECK(table_salt(example(), "secret") == table_salt(example(), "secret"));
    CHECK(table_salt(example(), "secret") != table_salt(example(), "other"));
    CHECK(table_salt(example(), "secret").size() == 32);
}

TEST_CASE("generated tables read back as they were, rows sorted") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    test::Random random;
    for (int i = 0; i < 500; ++i) {
        Table table = random.table();
        if (table.columns.empty()) continue;
        const std::string bytes = canonical(table, "salt");
        const SaltedTable again = parse_table(table.name, bytes);
        std::sort(table.rows.begin(), table.rows.end(),
                  [](const Row& a, const Row& b) { return canonical_row(a) < canonical_row(b); });
        CHECK(again.table == table);
        CHECK(canonical(again.table, again.salt) == bytes);
        CHECK(check_table(bytes) == TableShape{table.columns, table.rows.size()});
    }
}

TEST_CASE("any other byte in a table's bytes is another table or none") {
    INFO("ANNEXA_TEST_SEED=" << test::seed());
    test::Random random;
    Table table = random.table();
    while (table.columns.empty() || table.rows.empty()) table = random.table();
    const std::string bytes = canonical(table, "salt");
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        try {
            const SaltedTable read = parse_table(table.name, bad);
            CHECK(canonical(read.table, read.salt) == bad);
        } catch (const format_error&) {
            // refused: as good
        }
    }
}

TEST_CASE("doubles that print without point and exponent are doubles") {
    const Table table{"t",
                      {{"a", Type::real}},
                      {{1e20}, {-9007199254740994.0}, {18446744073709551615.0}, {1e21}, {123456789012345680000.0}}};
    const std::string bytes = canonical(table, "");
    CHECK(canonical(parse_table("t", bytes).table, "") == bytes);
    CHECK_THROWS_AS(parse_table("t", R"({"columns":[["a","double"]],"rows":[[9007199254740993]],"salt":""})"),
                    format_error);
}

TEST_CASE("the longest cell reads back, as text and as base64") {
    const TableLimits limits{.cell_bytes = 30};
    for (const char c : {'x', '\xff'}) {
        Table table{"t", {{"a", Type::text}}, {{std::string(30, c)}}};
        CHECK(parse_table("t", canonical(table, "", limits), limits).table == table);
        table.rows[0] = {std::string(31, c)};
        CHECK_THROWS_AS(canonical(table, "", limits), error);
        CHECK_THROWS_AS(parse_table("t", canonical(table, ""), limits), format_error);
    }
}

TEST_CASE("columns have names that SQL takes, each another, and there is one at least") {
    const auto with = [](std::vector<ColumnType> columns) { return Table{"t", std::move(columns), {}}; };
    CHECK_NOTHROW(canonical(with({{"a_1", Type::text}}), ""));
    CHECK_THROWS_AS(canonical(with({}), ""), error);
    CHECK_THROWS_AS(canonical(with({{"", Type::text}}), ""), error);
    CHECK_THROWS_AS(canonical(with({{"a b", Type::text}}), ""), error);
    CHECK_THROWS_AS(canonical(with({{"A", Type::text}}), ""), error);
    CHECK_THROWS_AS(canonical(with({{"a", Type::text}, {"a", Type::text}}), ""), error);
    CHECK_THROWS_AS(canonical(with({{"a", Type::text}}), std::string_view{"\0", 1}), error);
    for (const char* columns :
         {"", "[\"\",\"text\"]", "[\"A\",\"text\"]", "[\"a\\\"b\",\"text\"]", "[\"a\"]", "\"a\"", "[1,\"text\"]"})
        CHECK_THROWS_AS(parse_table("t", R"({"columns":[)" + std::string{columns} + R"(],"rows":[],"salt":""})"),
                        format_error);
}
