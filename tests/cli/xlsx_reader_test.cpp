#include "cli/sheets/xlsx_reader.hpp"
#include "cli/sheets/file.hpp"
#include "evidence/errors.hpp"
#include "evidence/utf8.hpp"
#include "tests/cli/made_workbook.hpp"
#include "tests/support/each_row.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace annexa;
using namespace annexa::cli::sheets;
using test::data;
using test::MadeWorkbook;

namespace {

Sheet read(const MadeWorkbook& made) { return read_bytes(made.bytes(), ""); }

std::string inline_cell(const std::string& place, const std::string& text) {
    return "<c r=\"" + place + "\" t=\"inlineStr\"><is><t>" + text + "</t></is></c>";
}

/// The only row's cells.
std::vector<Cell> cells(const std::string& xml, const MadeWorkbook& around = {}) {
    MadeWorkbook made = around;
    made.sheet = data("<row r=\"3\">" + xml + "</row>");
    const Sheet sheet = read(made);
    REQUIRE(sheet.rows.size() == 1);
    CHECK(sheet.rows[0].number == 3);
    return sheet.rows[0].cells;
}

void has(const Cell& cell, CellType type, const std::string& text) {
    CHECK(cell.type == type);
    CHECK(cell.text == text);
    CHECK(cell.problem.empty());
}

}  // namespace

TEST_CASE("xlsx: texts shared, rich, inline and of formulas' results read the same", "[sheets]") {
    MadeWorkbook made;
    made.strings =
        "<si><t>one</t></si><si><r><rPr><b/></rPr><t>two </t></r><r><t>parts</t></r>"
        "<rPh sb=\"0\" eb=\"1\"><t>said</t></rPh></si><si><t xml:space=\"preserve\"> "
        "a&lt;b\n&#228;_x000D__x005F_x0041_ </t></si>";
    const auto found =
        cells("<c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\" t=\"s\"><v>1</v></c><c r=\"C3\" t=\"s\"><v>2</v></c>" +
                  inline_cell("D3", "in") + "<c r=\"F3\" t=\"str\"><v>str</v></c>",
              made);
    REQUIRE(found.size() == 6);
    has(found[0], CellType::text, "one");
    has(found[1], CellType::text, "two parts");
    has(found[2], CellType::text, " a<b\nä\r_x0041_ ");
    has(found[3], CellType::text, "in");
    CHECK(found[4].blank());
    has(found[5], CellType::text, "str");
}

TEST_CASE("xlsx: numbers, booleans and dates are in one form", "[sheets]") {
    MadeWorkbook made;
    made.styles =
        "<numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"[$-407]dd\\.mm\\.yy;@\"/>"
        "<numFmt numFmtId=\"165\" formatCode=\"0.00&quot; days&quot;\"/></numFmts>"
        "<cellStyleXfs><xf numFmtId=\"14\"/><xf numFmtId=\"14\"/></cellStyleXfs>"
        "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs>";
    const std::string xml =
        "<c r=\"A3\"><v>3</v></c><c r=\"B3\" t=\"n\"><v>2.50</v></c><c r=\"C3\" t=\"b\"><v>1</v></c>"
        "<c r=\"D3\" s=\"1\"><v>46350</v></c><c r=\"E3\" s=\"2\"><v>46350.75</v></c>"
        "<c r=\"F3\" s=\"3\"><v>46350</v></c><c r=\"G3\" t=\"d\"><v>2026-11-24T00:00:00.000</v></c>";
    auto found = cells(xml, made);
    REQUIRE(found.size() == 7);
    has(found[0], CellType::number, "3");
    has(found[1], CellType::number, "2.5");
    has(found[2], CellType::boolean, "true");
    has(found[3], CellType::date, "2026-11-24");
    has(found[4], CellType::date, "2026-11-24T18:00:00");
    has(found[5], CellType::number, "46350");
    has(found[6], CellType::date, "2026-11-24");
    made.properties = "date1904=\"1\"";
    found = cells(xml, made);
    has(found[3], CellType::date, "2030-11-25");
    found = cells("<c r=\"A3\" s=\"1\"><v>60</v></c><c r=\"B3\" s=\"1\"><v>-1</v></c>", {.styles = made.styles});
    CHECK(found[0].problem.find("expected YYYY-MM-DD") != std::string::npos);
    CHECK(found[1].problem.find("expected YYYY-MM-DD") != std::string::npos);
}

TEST_CASE("xlsx: places that are left out are the next ones; what is empty is no row", "[sheets]") {
    MadeWorkbook made;
    made.sheet = data(
        "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row r=\"9\" spans=\"1:3\"><c r=\"A9\" s=\"1\"/></row>"
        "<row r=\"12\"><c r=\"C12\"><v>7</v></c></row>");
    const Sheet sheet = read(made);
    CHECK(sheet.name == "Risks");  // the first is hidden
    REQUIRE(sheet.rows.size() == 2);
    CHECK(sheet.rows[0].number == 1);
    has(sheet.rows[0].cells.at(1), CellType::number, "2");
    CHECK(sheet.rows[1].number == 12);
    has(sheet.rows[1].cells.at(2), CellType::number, "7");
}

TEST_CASE("xlsx: what is told of a hostile file is a text that a terminal may show", "[sheets]") {
    std::string wide = "x";
    for (int i = 0; i < 100; ++i) wide += "ä";
    const auto found = cells("<c r=\"A3\" t=\"e\"><v>" + wide + "</v></c>");
    CHECK(evidence::is_utf8(found.at(0).problem));
    const test::TemporaryDirectory folder;
    std::ofstream{folder / "a.xlsx", std::ios::binary}
        << MadeWorkbook{.sheet = data("<row><c r=\"\u009b1m" + wide + "\"/></row>")}.bytes();
    try {
        static_cast<void>(read_file(folder / "a.xlsx", ""));
        FAIL("read");
    } catch (const evidence::error& refusal) {
        CHECK(std::string{refusal.what()}.find("where it cannot be") != std::string::npos);
        CHECK(evidence::is_utf8(refusal.what()));
        CHECK(std::string{refusal.what()}.find("\u009b") == std::string::npos);
    }
}

TEST_CASE("xlsx: any prefix of the namespace, and elements of others between", "[sheets]") {
    test::Parts parts = MadeWorkbook{}.parts();
    for (auto& [name, content] : parts)
        if (name == "xl/worksheets/sheet1.xml")
            content =
                "<x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\" "
                "xmlns:y=\"urn:other\"><x:sheetData>"
                "<x:row><x:c><y:f>1</y:f><y:v>7</y:v><x:v>3</x:v></x:c><y:c><x:v>4</x:v></y:c></x:row></x:sheetData>"
                "<y:mergeCell ref=\"A1:B1\"/></x:worksheet>";
    const Sheet sheet = read_bytes(test::zip_of(parts), "");
    REQUIRE(sheet.rows.size() == 1);
    REQUIRE(sheet.rows[0].cells.size() == 1);
    has(sheet.rows[0].cells[0], CellType::number, "3");
}

TEST_CASE("xlsx: a sheet is asked for by its name", "[sheets]") {
    const MadeWorkbook made{.sheet = data("<row><c><v>1</v></c></row>")};
    CHECK(read_bytes(made.bytes(), "Hidden").rows.at(0).cells.at(0).text == "unseen");
    CHECK_THROWS_WITH(read_bytes(made.bytes(), "Other"),
                      "has no sheet \"Other\"; there are \"Hidden\", \"Risks\": name one with --sheet");
}

TEST_CASE("xlsx: formulas, errors and merged cells are problems of their cells", "[sheets]") {
    MadeWorkbook made;
    made.sheet = data(
                     "<row r=\"1\"><c r=\"A1\"><f>1+1</f><v>2</v></c><c r=\"B1\" t=\"str\"><f t=\"shared\" "
                     "si=\"0\"/><v>x</v></c>"
                     "<c r=\"C1\" t=\"e\"><v>#REF!</v></c><c r=\"D1\" t=\"s\"><v>5</v></c></row>"
                     "<row r=\"2\">" +
                     inline_cell("A2", "a") + inline_cell("C2", "c") + "</row><row r=\"3\">" + inline_cell("A3", "b") +
                     "</row>") +
                 "<mergeCells count=\"1\"><mergeCell ref=\"B2:C3\"/></mergeCells>";
    const Sheet sheet = read(made);
    REQUIRE(sheet.rows.size() == 3);
    CHECK(sheet.rows[0].cells[0].problem ==
          "holds a formula; expected a value: copy the cells and paste them as values");
    CHECK(sheet.rows[0].cells[1].problem == sheet.rows[0].cells[0].problem);
    CHECK(sheet.rows[0].cells[2].problem == "holds the error #REF!; expected a value");
    CHECK(sheet.rows[0].cells[3].problem == "refers to a text that the file does not have; save it anew");
    for (const Row* row : {&sheet.rows[1], &sheet.rows[2]}) {
        REQUIRE(row->cells.size() == 3);
        CHECK(row->cells[0].problem.empty());
        for (const std::size_t column : {std::size_t{1}, std::size_t{2}})
            CHECK(row->cells[column].problem ==
                  "is part of the merged cells B2:C3; expected one value a cell: unmerge them, and repeat the value");
    }
}

namespace {

struct Refusal {
    const char* name;
    std::string (*bytes)();
    const char* words;
};

std::string without(const std::string& part) {
    test::Parts parts = MadeWorkbook{}.parts();
    std::erase_if(parts, [&](const auto& each) { return each.first == part; });
    return test::zip_of(parts);
}

std::string repeated(std::size_t count, const std::string& text) {
    std::string all;
    all.reserve(count * text.size());
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

std::string sheet_bytes(const std::string& sheet) { return MadeWorkbook{.sheet = sheet}.bytes(); }

const Refusal refusals[] = {
    {"an old workbook or an encrypted one",
     [] { return std::string{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"} + std::string(600, '\0'); },
     "old .xls workbook or encrypted; save it as .xlsx, without a password"},
    {"an OpenDocument file",
     [] {
         return test::zip_of({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", "<a/>"}});
     },
     "is an OpenDocument file; save it as .xlsx"},
    {"a PDF", [] { return std::string{"%PDF-1.7 …"}; }, "is a PDF"},
    {"nothing at all", [] { return std::string{}; }, "is empty"},
    {"an archive that is none", [] { return std::string{"PK\x03\x04 and so on"}; }, "is damaged"},
    {"an archive cut short",
     [] {
         const std::string whole = MadeWorkbook{}.bytes();
         return whole.substr(0, whole.size() / 2);
     },
     "is damaged"},
    {"another archive",
     [] {
         return test::zip_of({{"a.txt", "b"}});
     },
     "is a ZIP archive and no workbook"},
    {"a workbook without its sheet", [] { return without("xl/worksheets/sheet1.xml"); },
     "has no part xl/worksheets/sheet1.xml"},
    {"a workbook without its workbook", [] { return without("xl/workbook.xml"); }, "has no part xl/workbook.xml"},
    {"more than 2,000 parts",
     [] {
         test::Parts parts = MadeWorkbook{}.parts();
         for (int i = 0; i < 2001; ++i) parts.emplace_back("x" + std::to_string(i), "");
         return test::zip_of(parts);
     },
     "more than 2,000 parts"},
    {"two parts of one name",
     [] {
         test::Parts parts = MadeWorkbook{}.parts();
         parts.emplace_back("XL/Workbook.xml", "");
         return test::zip_of(parts);
     },
     "two parts of the name"},
    {"a bomb: 300 MiB of blanks in a part", [] { return sheet_bytes(std::string(std::size_t{300} << 20, ' ')); },
     "unpacks to more than 256 MiB"},
    {"a bomb in two parts",
     [] {
         return MadeWorkbook{.sheet = std::string(std::size_t{140} << 20, ' '),
                             .strings = std::string(std::size_t{140} << 20, ' ')}
             .bytes();
     },
     "unpacks to more than 256 MiB"},
    {"deep XML", [] { return sheet_bytes(repeated(100, "<a>") + repeated(100, "</a>")); },
     "more than 64 elements in one another"},
    {"a document type", [] { return MadeWorkbook{.prolog = "<!DOCTYPE worksheet>"}.bytes(); },
     "declares a document type"},
    {"a billion laughs",
     [] {
         return MadeWorkbook{
             .sheet = data("<row><c t=\"inlineStr\"><is><t>&c;</t></is></c></row>"),
             .prolog = "<!DOCTYPE w [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]>"}
             .bytes();
     },
     "declares a document type"},
    {"a file of the machine as an entity",
     [] {
         return MadeWorkbook{.sheet = data("<row><c t=\"inlineStr\"><is><t>&x;</t></is></c></row>"),
                             .prolog = "<!DOCTYPE w [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"}
             .bytes();
     },
     "declares a document type"},
    {"XML that is none", [] { return sheet_bytes("<sheetData><row></sheetData>"); }, "is not well-formed XML"},
    {"a tag without an end", [] { return sheet_bytes("<row " + std::string(std::size_t{3} << 20, 'a')); },
     "tag of more than 1 MiB"},
    {"rows out of order", [] { return sheet_bytes(data("<row r=\"2\"/><row r=\"2\"/>")); }, "rows out of order at 2"},
    {"a cell in another row", [] { return sheet_bytes(data("<row r=\"2\"><c r=\"A3\"><v>1</v></c></row>")); },
     "has a cell A3 where it cannot be"},
    {"a cell twice",
     [] { return sheet_bytes(data("<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"A2\"><v>1</v></c></row>")); },
     "has a cell A2 where it cannot be"},
    {"a cell far to the right", [] { return sheet_bytes(data("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>")); },
     "XFD1; expected at most 256 columns"},
    {"a row beyond the last", [] { return sheet_bytes(data("<row r=\"1048577\"/>")); }, "out of order at 1048577"},
    {"100,001 rows", [] { return sheet_bytes(data(repeated(100001, "<row><c><v>1</v></c></row>"))); },
     "more than 100,000 rows"},
    {"too many cells by their width",
     [] { return sheet_bytes(data(repeated(10000, "<row><c/>" + repeated(254, "<c/>") + "<c><v>1</v></c></row>"))); },
     "more than 2,000,000 cells"},
    {"a text of more than 128 KiB",
     [] {
         return sheet_bytes(data("<row><c t=\"inlineStr\"><is><t>" + std::string(200000, 'a') + "</t></is></c></row>"));
     },
     "more than 128 KiB"},
    {"one long text in many cells",
     [] {
         return MadeWorkbook{.sheet = data(repeated(1000, "<row><c t=\"s\"><v>0</v></c></row>")),
                             .strings = "<si><t>" + std::string(100000, 'a') + "</t></si>"}
             .bytes();
     },
     "more than 64 MiB of text"},
    {"more than 1,000,000 shared texts", [] { return MadeWorkbook{.strings = repeated(1000001, "<si/>")}.bytes(); },
     "more than 1,000,000 texts"},
    {"more than 65,536 styles",
     [] { return MadeWorkbook{.styles = "<cellXfs>" + repeated(65537, "<xf/>") + "</cellXfs>"}.bytes(); },
     "more than 65,536 styles"},
    {"merged cells without number",
     [] { return sheet_bytes("<mergeCells>" + repeated(10001, "<mergeCell ref=\"A1:B1\"/>") + "</mergeCells>"); },
     "more than 10,000 merged cells"},
    {"merged cells over and over",
     [] {
         return sheet_bytes(data(repeated(1000, "<row><c><v>1</v></c></row>")) + "<mergeCells>" +
                            repeated(9999, "<mergeCell ref=\"A1:XFD1048576\"/>") + "</mergeCells>");
     },
     "too many merged cells"},
};

void is_refused(const Refusal& refusal) {
    CHECK_THROWS_WITH(read_bytes(refusal.bytes(), ""), Catch::Matchers::Contains(refusal.words));
}

const test::EachRow<refusals, is_refused> each{"xlsx: refused in words: ", "[sheets]", CATCH_INTERNAL_LINEINFO};

}  // namespace

TEST_CASE("xlsx: 100,000 rows are read", "[sheets]") {
    const Sheet sheet = read_bytes(sheet_bytes(data(repeated(100000, "<row><c><v>1</v></c></row>"))), "");
    CHECK(sheet.rows.size() == 100000);
    CHECK(sheet.rows.back().number == 100000);
}

TEST_CASE("xlsx: an encrypted part is refused in words", "[sheets]") {
    // Bit 0 of the flags of the first entry, in its local header and in the directory (APPNOTE 4.4.4).
    std::string bytes = MadeWorkbook{}.bytes();
    bytes[6] = static_cast<char>(bytes[6] | 1);
    const std::size_t directory = bytes.find("PK\x01\x02");
    bytes[directory + 8] = static_cast<char>(bytes[directory + 8] | 1);
    CHECK_THROWS_WITH(read_bytes(bytes, ""), "is encrypted; save it without a password");
}

TEST_CASE("xlsx: any byte changed is read or refused, never more", "[sheets]") {
    const std::string whole = MadeWorkbook{.sheet = data("<row>" + inline_cell("A1", "x") + "</row>")}.bytes();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
        try {
            const Sheet sheet = read_bytes(bytes, "");
            CHECK(sheet.rows.size() <= 1);
        } catch (const evidence::error& refusal) {
            CHECK_FALSE(std::string{refusal.what()}.empty());
        }
    }
}
