#include "cli/isms/sheet_import.hpp"
#include "cli/isms/record_sheet.hpp"
#include "cli/isms/statement.hpp"
#include "cli/sheets/csv.hpp"
#include "cli/sheets/file.hpp"
#include "cli/sheets/xlsx_writer.hpp"
#include "tests/cli/sheet_kinds.hpp"
#include "tests/support/each_row.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <sstream>

namespace annexa::cli::test {
namespace {

using nlohmann::json;
using namespace annexa::test;

ImportedSheet import_sheet_of(const sheets::Sheet& sheet, const std::string& word, const ColumnMapping& mapping = {}) {
    const Kinds kinds = sheet_kinds();
    const Kind& kind = kinds.get(word);
    const json records = sheet_records();
    const auto columns = word == "applicability" ? statement_columns(kind) : record_columns(kind);
    const auto members_at = [](const std::string& id, std::uint64_t version) {
        return json{{"title", id == "R-0004" ? "Laptops" : "Policies"}, {"control", "A.5.1"}, {"count", version}};
    };
    return import_sheet(sheet, {kind, columns, records, mapping, members_at});
}

ImportedSheet imported(const std::string& csv, const std::string& word = "asset", const ColumnMapping& mapping = {}) {
    return import_sheet_of(sheets::read_csv(csv), word, mapping);
}

/// "E5 title: message" of the only problem; "row 5: message" where it has no cell.
std::string problem(const std::string& csv, const std::string& word = "asset", const ColumnMapping& mapping = {}) {
    const ImportedSheet result = imported(csv, word, mapping);
    REQUIRE(result.problems.size() == 1);
    const SheetProblem& only = result.problems.front();
    return (only.cell.empty() ? "row " + std::to_string(only.row) : only.cell + " " + only.heading) + ": " +
           only.message;
}

}  // namespace

TEST_CASE("import: our own sheets come back without a difference", "[sheets]") {
    const Kinds kinds = sheet_kinds();
    for (const std::string word : {"asset", "person"}) {
        const Kind& kind = kinds.get(word);
        json records = json::array();
        for (const json& each : sheet_records())
            if (each["kind"] == word && each["state"] == "current") records.push_back(each);
        const sheets::Book book = record_book(kind, records, Names{sheet_records()});
        std::ostringstream csv;
        sheets::write_csv(csv, book);
        const TemporaryDirectory folder;
        sheets::write_xlsx(book, folder / "a.xlsx");
        for (const sheets::Sheet& sheet : {sheets::read_csv(csv.str()), sheets::read_file(folder / "a.xlsx", "")}) {
            const ImportedSheet result = import_sheet_of(sheet, word);
            CHECK(result.rows == 2);
            CHECK(result.problems.empty());
            CHECK(result.differences.empty());
            CHECK(result.changes->empty());
        }
    }
}

TEST_CASE("import: what differs is the change, upon the version that is there", "[sheets]") {
    const ImportedSheet result = imported(
        "ID;Title;Type;Cost;Relevant;Next review;Labels;Says;Parts;Owner;At\n"
        "R-0004;Laptops;Very high;1200.5;yes;;\"a, b\nc\nd\";review, scope;=Keys;Bob, the "
        "builder;2026-11-24T10:00:00Z\n");
    REQUIRE(result.problems.empty());
    REQUIRE(result.changes->size() == 1);
    const json& change = result.changes->front();
    CHECK(change["record"] == "R-0004");
    CHECK(change["base"] == 3);
    CHECK_FALSE(change.contains("kind"));
    json expected = sheet_records()[3]["members"];
    expected.erase("next_review");
    expected["labels"] = {"a, b", "c", "d"};
    expected["says"] = {"review", "scope"};
    expected["owner"] = "R-0002";
    expected["at"] = "2026-11-24T10:00:00Z";
    CHECK(change["members"] == expected);
    std::string differing;
    for (const CellDifference& each : result.differences) differing += each.cell + " " + each.member + "; ";
    CHECK(differing == "F2 next_review; G2 labels; H2 says; J2 owner; K2 at; ");
    CHECK(result.differences[0].from == "2027-03-31");
    CHECK(result.differences[0].to.empty());
    CHECK(result.differences[0].name == "Laptops");
}

TEST_CASE("import: a row without an id is the record of its title, or a new one", "[sheets]") {
    const ImportedSheet result = imported("title,count\nLaptops,13\nServers,2\n,\n");
    REQUIRE(result.problems.empty());
    CHECK(result.rows == 2);
    REQUIRE(result.changes->size() == 2);
    CHECK((*result.changes)[0]["record"] == "R-0004");
    CHECK((*result.changes)[1] ==
          json({{"record", "row-3"}, {"kind", "asset"}, {"members", {{"title", "Servers"}, {"count", 2}}}}));
    CHECK(result.differences[1].record.empty());
    const ImportedSheet with_id = imported("id,title\nR-0500,Servers\n");
    CHECK((*with_id.changes)[0] ==
          json({{"record", "R-0500"}, {"kind", "asset"}, {"members", {{"title", "Servers"}}}}));
}

TEST_CASE("import: what another changed since the sheet was written stays, and what both changed is told", "[sheets]") {
    // Version 3 is the last, with 12 laptops; version 2 had 2 of them and no type.
    const std::string head = "id,title,count,type,version\n";
    CHECK(imported(head + "R-0004,Laptops,2,,2\n").changes->empty());  // not edited: 12 and the type stay
    const ImportedSheet edited = imported(head + "R-0004,Notebooks,2,,2\n");
    REQUIRE(edited.differences.size() == 1);
    CHECK(edited.differences[0].member == "title");
    CHECK((*edited.changes)[0]["members"]["count"] == 12);
    CHECK((*edited.changes)[0]["base"] == 3);
    CHECK(imported(head + "R-0004,Laptops,12,Very high,2\n").changes->empty());  // both made the same of it
    CHECK(
        problem(head + "R-0004,Laptops,5,,2\n") ==
        "C2 count: was changed by another since the sheet was written, to \"12\"; edit a fresh sheet, or, if yours is "
        "to stand, write 3 into the column version");
    CHECK(imported(head + "R-0004,Laptops,5,Very high,3\n").differences.size() == 1);
    CHECK(imported(head + "R-0004,Laptops,5,Very high,\n").differences.size() == 1);
    for (const std::string version : {"4", "0", "x", "2.5"})
        CHECK_THAT(
            problem(head + "R-0004,Laptops,12,Very high," + version + "\n"),
            Catch::Matchers::StartsWith("E2 version: expected the version that the row was written from, 1 to 3"));
    // A row of a control of which nothing was decided when the sheet was written.
    const std::string statement = "control,how,implementation,record,version\n";
    CHECK(imported(statement + "A.5.1,,,,\n", "applicability").changes->empty());
    CHECK(imported(statement + "A.5.1,,fully,,\n", "applicability").differences.size() == 1);
    CHECK_THAT(problem(statement + "A.5.1,y,,,\n", "applicability"),
               Catch::Matchers::StartsWith("B2 how: was changed by another since the sheet was written, to \"x\""));
}

TEST_CASE("import: columns that are only shown are passed over in our own sheets alone", "[sheets]") {
    CHECK(imported("id,title,owner_name,level\nR-0004,Laptops,whoever,9\n").changes->empty());
    for (const std::string column : {"owner_name", "Level", "Version"})
        CHECK_THAT(problem("title," + column + "\nLaptops,1\n"),
                   Catch::Matchers::StartsWith("B1 " + column + ": is no member of a asset; say --map '" + column +
                                               "=MEMBER'"));
    CHECK_THAT(problem("id,title,level\nX-1,Laptops,1\n", "asset", {{"id", ""}}),
               Catch::Matchers::StartsWith("C1 level: is no member"));
}

TEST_CASE("import: somebody's columns are mapped, and captions above the header passed over", "[sheets]") {
    const std::string csv = "Register of assets,,\nAsset name,How many,Seen by\nLaptops,13,Eve\n";
    const ImportedSheet result = imported(
        csv, "asset", {{"asset_name", "title"}, {"how_many", "count"}, {"seen_by", ""}, {"elsewhere", "notes"}});
    REQUIRE(result.problems.empty());
    REQUIRE(result.differences.size() == 1);
    CHECK(result.differences[0].member == "count");
    CHECK(result.differences[0].cell == "B3");
    CHECK(result.mapping_used == ColumnMapping{{"asset_name", "title"}, {"how_many", "count"}, {"seen_by", ""}});
    CHECK_THROWS_WITH(imported(csv), Catch::Matchers::Contains("has no column `title` or `id`") &&
                                         Catch::Matchers::Contains("--map 'THEIR COLUMN=title'"));
    CHECK_THROWS_WITH(imported("title\nx\n", "asset", {{"x", "level"}}),
                      Catch::Matchers::Contains("mapped to `level`, which is no member of a asset"));
    CHECK_THROWS_WITH(imported(""), Catch::Matchers::Contains("has no rows"));
}

namespace {

struct Wrong {
    const char* name;
    const char* csv;
    const char* words;
    const char* word = "asset";
};

const Wrong wrongs[] = {
    {"a German date", "title,next_review\nx,24.11.2026\n",
     "B2 next_review: expected a date YYYY-MM-DD; found \"24.11.2026\""},
    {"an American date", "title,next_review\nx,11/24/26\n",
     "B2 next_review: expected a date YYYY-MM-DD; found \"11/24/26\""},
    {"a day that there is not", "title,next_review\nx,2026-02-29\n",
     "B2 next_review: expected a date YYYY-MM-DD; found \"2026-02-29\""},
    {"a time of day where a day is expected", "title,next_review\nx,2026-02-28T10:00:00\n",
     "B2 next_review: expected a date YYYY-MM-DD"},
    {"a time without zone", "title,at\nx,2026-02-28T10:00:00\n", "B2 at: expected a time YYYY-MM-DDTHH:MM:SSZ"},
    {"words for a number", "title,count\nx,many\n", "B2 count: expected a whole number; found \"many\""},
    {"a fraction for a whole number", "title,count\nx,1.5\n", "B2 count: expected a whole number; found \"1.5\""},
    {"a comma in a number", "title;cost\nx;1.200,50\n",
     "B2 cost: expected a number such as 1200.50, without separators of thousands; found \"1.200,50\""},
    {"infinity", "title,cost\nx,inf\n", "B2 cost: expected a number such as 1200.50"},
    {"neither yes nor no", "title,relevant\nx,maybe\n", "B2 relevant: expected yes or no; found \"maybe\""},
    {"none of the choices", "title,type\nx,other\n",
     "B2 type: expected one of information, very_high; found \"other\""},
    {"none of the choices in a list", "title,says\nx,\"scope, other\"\n",
     "B2 says: expected one of scope, review; found \"other\""},
    {"a name that nobody has", "title,owner\nx,Eve\n",
     "B2 owner: expected the id of a record such as R-0042, or the title of one that is there (person, role); found "
     "\"Eve\""},
    {"a name that two have", "title,owner\nx,Ada Lovelace\n",
     "B2 owner: more than one is called \"Ada Lovelace\" (R-0001, R-0003); say which by its id"},
    {"a group that is no JSON", "title,assurances\nx,ISO\n",
     "B2 assurances: expected JSON, [{\"what\": …, \"until\": …}, …]; found \"ISO\""},
    {"an id of another tool", "id,title\nA-7,x\n",
     "A2 id: expected the id of a record such as R-0042, or nothing for a new one; found \"A-7\"; leave the column out "
     "with --map 'id='"},
    {"the id of another kind", "id,title\nR-0001,x\n", "A2 id: R-0001 is of the kind person, expected a asset"},
    {"the id of a deleted record", "id,title\nR-0006,x\n", "A2 id: R-0006 was deleted; leave the row out, or its id"},
    {"an id twice", "id,title\nR-0004,Laptops\nR-0004,Laptops\n",
     "A3 id: is the record R-0004, which row 2 is already; expected one row a record"},
    {"a title twice", "title\nx\nx\n", "A3 title: is \"x\", which row 2 is already"},
    {"an id and the title of the same record", "id,title\nR-0004,Laptops\n,Laptops\n",
     "B3 title: is the record R-0004, which row 2 is already"},
    {"two new ones of the name of a kind without key", "title,joined\nEve,\nEve,\n",
     "A3 title: is a new \"Eve\", which row 2 is already", "person"},
    {"no title", "title,count\n,3\n", "A2 title: is empty; expected what tells the record apart"},
    {"neither id nor title", "id,count\n,3\n", "A2 id: is empty; expected the id of the record"},
    {"a column twice", "title,Title\nx,y\n",
     "B1 Title: is `title`, and so is column A; leave one out with --map 'Title='"},
    {"an unknown column", "title,Colour\nx,red\n",
     "B1 Colour: is no member of a asset; say --map 'Colour=MEMBER', or --map 'Colour=' to leave it out. Members are "
     "id, title, owner,"},
    {"a cell without a heading", "title,\nx,y\n",
     "row 2: B2 holds something and its column has no heading; give it one, or empty it"},
    {"too few cells", "title,count\nx\n", "row 2: has 1 cells, the header has 2"},
    {"a quotation mark amiss", "title,count\nx\"y,1\n", "A2 title: holds a quotation mark and does not begin with one"},
};

void is_told(const Wrong& wrong) {
    CHECK_THAT(problem(wrong.csv, wrong.word), Catch::Matchers::StartsWith(wrong.words));
}

const EachRow<wrongs, is_told> each{"import: told with its place: ", "[sheets]", CATCH_INTERNAL_LINEINFO};

sheets::Sheet sheet_of(std::vector<std::vector<sheets::Cell>> rows) {
    sheets::Sheet sheet{"Sheet", {}};
    for (std::vector<sheets::Cell>& cells : rows)
        sheet.rows.push_back({static_cast<std::uint32_t>(sheet.rows.size() + 1), std::move(cells), ""});
    return sheet;
}

sheets::Cell text(const std::string& text) { return {sheets::CellType::text, text, ""}; }

}  // namespace

TEST_CASE("import: a problem of a cell is told where the cell is read, and not where its column is left out",
          "[sheets]") {
    const sheets::Sheet sheet =
        sheet_of({{text("id"), text("title"), text("count"), text("level")},
                  {{}, text("x"), {.problem = "holds a formula"}, {.problem = "holds a formula"}}});
    const ImportedSheet result = import_sheet_of(sheet, "asset");
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].cell == "C2");
    CHECK(import_sheet_of(sheet, "asset", {{"count", ""}}).problems.empty());
}

TEST_CASE("import: a NUL, as a workbook may hold it, is told", "[sheets]") {
    const ImportedSheet result = import_sheet_of(sheet_of({{text("title")}, {text(std::string{"a\0b", 3})}}), "asset");
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].message == "holds a NUL or another character that no text may hold");
}

TEST_CASE("import: one wrong row does not hide another, and none is changed", "[sheets]") {
    const ImportedSheet result = imported("title,count\nLaptops,x\nServers,2\n=Keys,y\n");
    REQUIRE(result.problems.size() == 2);
    CHECK(result.problems[0].row == 2);
    CHECK(result.problems[1].row == 4);
}

TEST_CASE("import: controls are told by their number, as people write it", "[sheets]") {
    for (const std::string control :
         {"A.5.1", "5.1", "A5.1", "A 5.01", "a.5.1", "A.5.1 Policies for information security", "5.1: Policies"}) {
        INFO(control);
        const ImportedSheet result = imported("control,how\n" + control + ",y\n", "applicability");
        REQUIRE(result.differences.size() == 1);
        CHECK(result.differences[0].record == "R-0007");
        CHECK(result.differences[0].member == "how");
        CHECK(result.differences[0].name == "A.5.1");
    }
    for (const std::string control : {"A.9.2.1", "X-1", "5.1.1", "15.1", "5.123"}) {
        INFO(control);
        const ImportedSheet result = imported("control,title,how\n" + control + ",t,y\n", "applicability");
        REQUIRE(result.changes->size() == 1);
        CHECK((*result.changes)[0]["members"]["control"] == control);
    }
    const ImportedSheet twice = imported("control,how\n5.1,y\nA.5.1,y\n", "applicability");
    REQUIRE(twice.problems.size() == 1);
    const ImportedSheet number =
        import_sheet_of(sheet_of({{text("control"), text("how")}, {{sheets::CellType::number, "5.1", ""}, text("y")}}),
                        "applicability");
    REQUIRE(number.problems.size() == 1);
    CHECK(number.problems[0].message ==
          "is the number 5.1, which may have been 5.10; expected text such as A.5.1: format the column as text");
}

TEST_CASE("import: a control of which nothing is decided needs no record; a decided one bears the standard's title",
          "[sheets]") {
    const ImportedSheet result = imported(
        "control,title,applicable,ground\nA.5.2,whatever,,\nA.5.3,whatever,no,\nOWN-1,Our own,,\n", "applicability");
    REQUIRE(result.problems.empty());
    CHECK(result.rows == 3);
    REQUIRE(result.changes->size() == 2);
    CHECK((*result.changes)[0] ==
          json({{"record", "row-3"},
                {"kind", "applicability"},
                {"members", {{"control", "A.5.3"}, {"title", "Segregation of duties"}, {"applicable", false}}}}));
    CHECK((*result.changes)[1]["members"] == json({{"control", "OWN-1"}, {"title", "Our own"}}));
    REQUIRE(result.differences.size() == 2);
    CHECK(result.differences[0].member == "applicable");
}

TEST_CASE("import: what the store refuses has its place", "[sheets]") {
    const ImportedSheet result = imported("title,Count\nLaptops,13\nServers,2\n");
    const SheetProblem cell = locate(result, "row-3", "count", "is too small");
    CHECK(cell.row == 3);
    CHECK(cell.cell == "B3");
    CHECK(cell.heading == "Count");
    const SheetProblem row = locate(result, "R-0004", "parts[0].to", "is missing");
    CHECK(row.row == 2);
    CHECK(row.cell.empty());
    CHECK(row.message == "parts[0].to is missing");
    CHECK(locate(result, "R-9999", "", "x").row == 0);
}

}  // namespace annexa::cli::test
