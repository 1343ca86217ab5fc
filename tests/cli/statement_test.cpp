#include "cli/isms/statement.hpp"
#include "tests/cli/sheet_kinds.hpp"

#include <catch2/catch.hpp>

namespace annexa::cli::test {
namespace {

using nlohmann::json;

constexpr const char* hostile = "<script>alert(1)</script>";

json row(const std::string& control, const std::string& theme) {
    return {{"control", control},
            {"title", "Title of " + control},
            {"theme", theme},
            {"own", theme == "own"},
            {"record", nullptr},
            {"version", nullptr},
            {"description", nullptr},
            {"applicable", nullptr},
            {"ground", json::array()},
            {"justification", nullptr},
            {"exclusion", nullptr},
            {"implementation", nullptr},
            {"how", nullptr},
            {"planned_until", nullptr},
            {"next_review", nullptr},
            {"owner", nullptr},
            {"owner_name", nullptr},
            {"based_on", json::array()},
            {"links", json::array()},
            {"evidence", json::array()},
            {"newest_evidence", nullptr},
            {"indication", nullptr},
            {"conclusion", nullptr},
            {"conclusions", json::array()},
            {"waivers", json::array()}};
}

json statement() {
    json full = row("A.5.1", "organizational");
    full["record"] = "R-0007";
    full["applicable"] = true;
    full["ground"] = {"risk", "obligation"};
    full["justification"] = hostile;
    full["how"] = "=HYPERLINK(\"x\")";
    full["implementation"] = "planned";
    full["planned_until"] = "2027-03-31";
    full["owner"] = "R-0001";
    full["owner_name"] = "Ada & Co";
    full["based_on"] = {{{"id", "R-0008"}, {"kind", "risk"}, {"title", hostile}},
                        {{"id", "R-0009"}, {"kind", "risk"}, {"title", "Loss"}}};
    full["links"] = {{{"id", "R-0010"}, {"kind", "asset"}, {"title", "Keys"}, {"as", "protects"}}};
    full["evidence"] = {{{"id", "R-0011"},
                         {"kind", "evidence"},
                         {"title", "Minutes"},
                         {"form", "file"},
                         {"produced", "2026-11-02"},
                         {"period_from", nullptr},
                         {"period_to", nullptr},
                         {"valid_until", "2027-11-02"},
                         {"approval", "approved"}}};
    full["newest_evidence"] = "2026-11-02";
    full["indication"] = {{"status", "not_effective"},    {"sentence", "Not effective: 1 host fails."},
                          {"operation", "not_effective"}, {"coverage", {{"fresh", 1}, {"late", 0}, {"in_scope", 1}}},
                          {"records", "shown"},           {"rule", "adopted"},
                          {"single_person", true}};
    full["conclusion"] = {{"id", "R-0012"}, {"value", "effective"}, {"date", "2026-11-24"}, {"reason", hostile}};
    full["waivers"] = {{{"id", "w"},
                        {"check", "ssh-root-login"},
                        {"reason", "break-glass"},
                        {"until", "2027-04-01T00:00:00Z"},
                        {"single_person", false}}};
    json excluded = row("A.7.4", "physical");
    excluded["applicable"] = false;
    excluded["exclusion"] = "no rooms of our own";
    return {{"at", "2026-11-24T09:30:00Z"},
            {"organization", "Example <Ltd>"},
            {"scope", {{"record", "R-0020"}, {"version", 2}, {"title", "Everything"}}},
            {"statement",
             {{"record", "R-0030"},
              {"version", 4},
              {"number", "1.1"},
              {"issued_at", "2026-11-20T10:00:00Z"},
              {"digest", ""},
              {"approval", "proposed"}}},
            {"in_force",
             {{"record", "R-0030"},
              {"version", 3},
              {"number", "1.0"},
              {"digest", ""},
              {"approved_by", "R-0002"},
              {"approved_at", "2026-10-01T10:00:00Z"},
              {"single_person", true}}},
            {"undecided", 1},
            {"single_person", true},
            {"rows", {full, excluded, row("A.8.1", "technological"), row("OWN-1", "own")}}};
}

std::string cell(const sheets::Book& book, std::size_t row, const std::string& name) {
    for (std::size_t column = 0; column < book.columns.size(); ++column)
        if (book.columns[column].name == name) return book.rows.at(row).at(column);
    FAIL("no column " << name);
    return {};
}

}  // namespace

TEST_CASE("statement: its head says whose, which version, approved by whom, and what to know first", "[sheets]") {
    const auto head = statement_head(statement(), Names{sheet_records()});
    const std::vector<std::pair<std::string, std::string>> expected{
        {"Organization", "Example <Ltd>"},
        {"Scope", "Everything (R-0020 version 2)"},
        {"Version", "1.1, issued 2026-11-20 10:00 UTC, proposed"},
        {"In force", "1.0"},
        {"Approved by", "Bob, the builder (who also wrote it: nobody else holds the right)"},
        {"Approved", "2026-10-01 10:00 UTC"},
        {"As of", "2026-11-24 09:30 UTC"},
        {"Undecided", "whether they apply is not decided of 1 controls of Annex A"},
        {"Single person", "something that this rests on was asked for and approved by one person"},
    };
    CHECK(head == expected);
    json by_account = statement();
    by_account["in_force"]["approved_by"] = "0b7c";
    Names names{sheet_records()};
    names.add_accounts(
        {{{"id", "0b7c"}, {"login", "eve"}, {"name", ""}}, {{"id", "R-0001"}, {"login", "x"}, {"name", "y"}}});
    CHECK(statement_head(by_account, names)[4].second.starts_with("eve ("));
    CHECK(names.of("R-0001") == "Ada Lovelace");
    json draft = statement();
    draft["statement"] = draft["in_force"] = draft["scope"] = nullptr;
    const auto of_draft = statement_head(draft, Names{sheet_records()});
    CHECK(of_draft[1].second == "none is approved");
    CHECK(of_draft[2].second == "draft: never issued");
    CHECK(of_draft[3].second == "none is approved");
}

TEST_CASE("statement: as a sheet, one row a control, what is decided and what is shown", "[sheets]") {
    const Kinds kinds = sheet_kinds();
    const sheets::Book book = statement_book(statement(), kinds.get("applicability"), Names{sheet_records()});
    REQUIRE(book.rows.size() == 4);
    for (const auto& row : book.rows) CHECK(row.size() == book.columns.size());
    CHECK(book.columns[0].name == "control");
    CHECK(cell(book, 0, "applicable") == "yes");
    CHECK(cell(book, 0, "ground") == "risk\nobligation");
    CHECK(cell(book, 0, "based_on") == "R-0008\nR-0009");
    CHECK(cell(book, 0, "rests_on") == std::string{"R-0008 "} + hostile + "\nR-0009 Loss");
    CHECK(cell(book, 0, "linked") == "R-0010 Keys (protects)");
    CHECK(cell(book, 0, "evidence") == "R-0011 Minutes (produced 2026-11-02, approved, valid until 2027-11-02)");
    CHECK(cell(book, 0, "indication") == "Not effective: 1 host fails. (rests on a single person)");
    CHECK(cell(book, 0, "indication_rests_on") == "rule: adopted, operation: not effective, records: shown");
    CHECK(cell(book, 0, "conclusion") == std::string{"effective on 2026-11-24: "} + hostile);
    CHECK(cell(book, 0, "waivers") == "ssh-root-login through 2027-03-31: break-glass");
    CHECK(cell(book, 1, "applicable") == "no");
    CHECK(cell(book, 2, "applicable").empty());
    CHECK(cell(book, 3, "theme") == "own");
    for (const sheets::Column& column : book.columns)
        CHECK(column.read_only == (find_field(kinds.get("applicability").fields, column.name) == nullptr));
}

TEST_CASE("statement: as a page, every word of a user is text", "[sheets]") {
    const std::string page = statement_page(statement(), Names{sheet_records()});
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
    CHECK(page.find("Example &lt;Ltd&gt;") != std::string::npos);
    CHECK(page.find("Ada &amp; Co") != std::string::npos);
    CHECK(page.find("default-src 'none'") != std::string::npos);
    CHECK(page.find("style=") == std::string::npos);  // the policy would refuse it
    for (const std::string control : {"A.5.1", "A.7.4", "A.8.1", "OWN-1"})
        CHECK(page.find("Title of " + control) != std::string::npos);
    CHECK(page.find("4 controls: 1 apply (0 fully implemented, 0 partly, 1 planned, 0 not, 0 not said), 1 excluded, 2 "
                    "undecided") != std::string::npos);
}

}  // namespace annexa::cli::test
