#include "cli/sheets/xlsx_writer.hpp"
#include "cli/sheets/file.hpp"
#include "cli/sheets/number_format.hpp"
#include "cli/sheets/zip_archive.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

using namespace annexa;
using namespace annexa::cli::sheets;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string part_of(const std::string& workbook, const std::string& name) {
    ZipArchive archive{workbook};
    const auto next = archive.open(name);
    std::string all;
    for (std::string_view piece = next(); !piece.empty(); piece = next()) all += piece;
    return all;
}

Book book_of(std::vector<std::vector<std::string>> rows) {
    return {.title = "Statement of Applicability",
            .columns = {{.name = "control", .title = "Control"},
                        {.name = "applicable", .title = "Applicable", .choices = {"yes", "no"}},
                        {.name = "until", .title = "Until", .type = ColumnType::date},
                        {.name = "cost", .title = "Cost", .type = ColumnType::number}},
            .rows = std::move(rows),
            .about = {{"Organization", "=Example & Söhne"}}};
}

}  // namespace

TEST_CASE("xlsx: what is written comes back as it was", "[sheets]") {
    const test::TemporaryDirectory folder;
    const std::vector<std::vector<std::string>> rows{
        {"A.5.1", "yes", "2026-11-24", "12.5"},
        {"=1+1", "no", "1900-02-28", "0.30000000000000004"},
        {"_x0041_ <&> \"日本\" \xF0\x9F\x94\x92", "", "24.11.2026", "x"},
        {" two\nlines\t ", "yes", "9999-12-31", "-3"},
        {"https://example.com/", "+x", "1900-03-01", "123456789012345"},
        {"'quoted", "@x", "", ""},
    };
    write_xlsx(book_of(rows), folder / "a.xlsx");
    const Sheet sheet = read_file(folder / "a.xlsx", "");
    CHECK(sheet.name == "Statement of Applicability");
    REQUIRE(sheet.rows.size() == rows.size() + 1);
    CHECK(sheet.rows[0].cells[3].text == "Cost");
    for (std::size_t row = 0; row < rows.size(); ++row)
        for (std::size_t column = 0; column < 4; ++column) {
            const auto& cells = sheet.rows[row + 1].cells;
            INFO(cell_name(column, static_cast<std::uint32_t>(row + 2)));
            CHECK((column < cells.size() ? cells[column].text : "") == rows[row][column]);
            CHECK((column >= cells.size() || cells[column].problem.empty()));
        }
    CHECK(sheet.rows[1].cells[2].type == CellType::date);
    CHECK(sheet.rows[1].cells[3].type == CellType::number);
    CHECK(read_file(folder / "a.xlsx", "About").rows.at(0).cells.at(1).text == "=Example & Söhne");
}

TEST_CASE("xlsx: nothing that is written is a formula or a link", "[sheets]") {
    const test::TemporaryDirectory folder;
    write_xlsx(book_of({{"=HYPERLINK(\"https://example.com\")", "https://example.com", "mailto:a@example.com", "=1"}}),
               folder / "a.xlsx");
    const std::string bytes = bytes_of(folder / "a.xlsx");
    const std::string sheet = part_of(bytes, "xl/worksheets/sheet1.xml");
    CHECK(sheet.find("<f>") == std::string::npos);
    CHECK(sheet.find("hyperlink") == std::string::npos);
    CHECK(sheet.find("state=\"frozen\"") != std::string::npos);
    CHECK(sheet.find("<dataValidation type=\"list\"") != std::string::npos);
    CHECK_FALSE(ZipArchive{bytes}.has("xl/worksheets/_rels/sheet1.xml.rels"));
}

TEST_CASE("xlsx: what a cell cannot hold is refused, and no file is left", "[sheets]") {
    const test::TemporaryDirectory folder;
    const Book book = book_of({{"A.5.1", std::string(32768, 'x'), "", ""}});
    std::ostringstream out;
    CHECK_THROWS_WITH(
        write_whole(folder / "a.xlsx", out, [&](const std::filesystem::path& path) { write_xlsx(book, path); }),
        "the text for the cell B2 is longer than the 32,767 characters that a cell holds; write it as CSV");
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("files: written whole, or to standard output", "[sheets]") {
    const test::TemporaryDirectory folder;
    std::ostringstream out;
    const auto write = [](const std::filesystem::path& path) { std::ofstream{path} << "text"; };
    write_whole(folder / "a", out, write);
    CHECK(bytes_of(folder / "a") == "text");
    CHECK(out.str().empty());
    write_whole({}, out, write);
    CHECK(out.str() == "text");
    std::filesystem::create_symlink(folder / "a", folder / "link");
    write_whole(folder / "link", out, [](const std::filesystem::path& path) { std::ofstream{path} << "other"; });
    CHECK(bytes_of(folder / "a") == "other");
    CHECK(std::filesystem::is_symlink(folder / "link"));
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    const int pipe = ::open((folder / "pipe").c_str(), O_RDWR);
    write_whole(folder / "pipe", out, write);
    char read[4] = {};
    CHECK(::read(pipe, read, sizeof read) == 4);
    CHECK(std::string(read, sizeof read) == "text");
    ::close(pipe);
    CHECK(std::filesystem::is_fifo(folder / "pipe"));
    CHECK_THROWS_WITH(write_whole(folder.path(), out, write), Catch::Matchers::EndsWith("is a folder"));
    CHECK_THROWS_WITH(write_whole(folder / "none/a", out, write),
                      Catch::Matchers::Contains("No such file or directory"));
}

TEST_CASE("files: one that cannot be read is named", "[sheets]") {
    const test::TemporaryDirectory folder;
    CHECK_THROWS_WITH(read_file(folder / "none.xlsx", ""),
                      Catch::Matchers::EndsWith("none.xlsx: cannot be read; give an .xlsx or .csv file"));
    CHECK_THROWS_WITH(read_file(folder.path(), ""),
                      Catch::Matchers::EndsWith("is a folder; give an .xlsx or .csv file"));
    std::ofstream{folder / "a.csv"} << "a,b\n1,2\n";
    CHECK_THROWS_WITH(read_file(folder / "a.csv", "Risks"),
                      Catch::Matchers::EndsWith("is CSV and has no sheets; leave --sheet out"));
}

TEST_CASE("dates: formats that show days, and the days of numbers", "[sheets]") {
    for (const std::string code :
         {"yyyy-mm-dd", "d.m.yy", "[$-409]d\\-mmm\\-yy;@", "\"on \"dd/mm/yyyy", "m/d/yy h:mm", "DD.MM.YYYY"})
        CHECK(is_date_format(164, code));
    for (const std::string code :
         {"General", "0.00", "#,##0\\ \"days\"", "[Red]0", "h:mm:ss", "mm:ss", "[h]:mm", "\\d0", "_d0", "\"open"})
        CHECK_FALSE(is_date_format(164, code));
    for (const unsigned id : {14U, 22U, 31U, 57U}) CHECK(is_date_format(id, ""));
    for (const unsigned id : {0U, 9U, 18U, 21U, 45U, 49U}) CHECK_FALSE(is_date_format(id, ""));
    // What Excel 2019 and LibreOffice 7.4 show for these numbers.
    CHECK(date_text(1, false) == "1900-01-01");
    CHECK(date_text(59, false) == "1900-02-28");
    CHECK_FALSE(date_text(60, false));
    CHECK(date_text(61, false) == "1900-03-01");
    CHECK(date_text(46350, false) == "2026-11-24");
    CHECK(date_text(2958465, false) == "9999-12-31");
    CHECK_FALSE(date_text(2958466, false));
    CHECK_FALSE(date_text(0, false));
    CHECK(date_text(0, true) == "1904-01-01");
    CHECK(date_text(46350.5, false) == "2026-11-24T12:00:00");
    CHECK(date_text(46350.9999999, false) == "2026-11-25");
    CHECK_FALSE(date_text(std::numeric_limits<double>::quiet_NaN(), false));
    CHECK(date_serial("2026-11-24") == 46350);
    CHECK(date_serial("1900-03-01") == 61);
    CHECK_FALSE(date_serial("1900-02-28"));
    CHECK_FALSE(date_serial("2026-02-29"));
    CHECK_FALSE(date_serial("24.11.2026"));
}
