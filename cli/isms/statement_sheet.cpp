#include "cli/isms/cells.hpp"
#include "cli/isms/record_sheet.hpp"
#include "cli/isms/statement.hpp"
#include "cli/isms/statement_texts.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::Column;
using statement::text_in;

/// A column that is only shown.
struct Shown {
    const char* name;
    double width;
    std::string (*text)(const json& row);
};

const Shown shown[] = {
    {"theme", 15, [](const json& row) { return text_in(row, "theme"); }},
    {"owner_name", 24, [](const json& row) { return text_in(row, "owner_name"); }},
    {"rests_on", 40, [](const json& row) { return statement::titled(row, "based_on"); }},
    {"linked", 40, [](const json& row) { return statement::titled(row, "links"); }},
    {"evidence", 40, statement::evidence},
    {"newest_evidence", 14, [](const json& row) { return text_in(row, "newest_evidence"); }},
    {"indication", 40, statement::indication},
    {"indication_rests_on", 24, statement::legs},
    {"conclusion", 30, statement::conclusion},
    {"waivers", 30, statement::waivers},
    {"record", 9, [](const json& row) { return text_in(row, "record"); }},
    {"version", 9, [](const json& row) { return text_in(row, "version"); }},
};

/// What a person decides, in the order in which a reader asks.
constexpr const char* decided[] = {"control",       "title",    "description", "applicable", "ground",
                                   "justification", "based_on", "exclusion",   "how",        "implementation",
                                   "planned_until", "owner",    "next_review"};

const Shown* find_shown(const std::string& name) {
    const auto found =
        std::find_if(std::begin(shown), std::end(shown), [&](const Shown& each) { return each.name == name; });
    return found == std::end(shown) ? nullptr : found;
}

/// The API names what based_on rests on; the record has ids alone.
std::string decided_text(const Field& field, const json& row) {
    const auto member = row.find(field.name);
    if (member == row.end()) return {};
    if (field.name != "based_on") return cell_text(field, *member);
    json ids = json::array();
    for (const json& one : *member) ids.push_back(one.at("id"));
    return cell_text(field, ids);
}

std::string version_text(const json& statement) {
    const json& issue = statement.at("statement");
    if (!issue.is_object()) return "draft: never issued";
    return text_in(issue, "number") + ", issued " + short_time(issue.at("issued_at")) + " UTC, " +
           spoken(text_in(issue, "approval"));
}

}  // namespace

std::vector<Column> statement_columns(const Kind& kind) {
    std::vector<Column> columns;
    for (const char* name : decided)
        if (const Field* field = find_field(kind.fields, name)) columns.push_back(column_of(*field));
    for (Column& column : columns)
        if (column.name == "control") column.width = 10;
    for (const Shown& each : shown)
        columns.push_back({.name = each.name, .title = heading(each.name), .width = each.width, .read_only = true});
    return columns;
}

std::vector<std::pair<std::string, std::string>> statement_head(const json& statement, const Names& names) {
    std::vector<std::pair<std::string, std::string>> head;
    const json& scope = statement.at("scope");
    head.emplace_back("Organization", text_in(statement, "organization"));
    head.emplace_back("Scope", scope.is_object() ? text_in(scope, "title") + " (" + text_in(scope, "record") +
                                                       " version " + text_in(scope, "version") + ")"
                                                 : "none is approved");
    head.emplace_back("Version", version_text(statement));
    const json& in_force = statement.at("in_force");
    if (in_force.is_object()) {
        head.emplace_back("In force", text_in(in_force, "number"));
        head.emplace_back(
            "Approved by",
            names.of(text_in(in_force, "approved_by")) +
                (in_force.value("single_person", false) ? " (who also wrote it: nobody else holds the right)" : ""));
        head.emplace_back("Approved", short_time(in_force.at("approved_at")) + " UTC");
    } else {
        head.emplace_back("In force", "none is approved");
    }
    head.emplace_back("As of", short_time(statement.at("at")) + " UTC");
    if (const auto undecided = statement.at("undecided").get<std::int64_t>(); undecided != 0)
        head.emplace_back("Undecided",
                          "whether they apply is not decided of " + std::to_string(undecided) + " controls of Annex A");
    if (statement.value("single_person", false))
        head.emplace_back("Single person", "something that this rests on was asked for and approved by one person");
    return head;
}

sheets::Book statement_book(const json& statement, const Kind& kind, const Names& names) {
    sheets::Book book{.title = "Statement of Applicability",
                      .columns = statement_columns(kind),
                      .rows = {},
                      .about = statement_head(statement, names)};
    book.about.insert(book.about.begin(), {"Document", "Statement of Applicability, ISO/IEC 27001:2022, 6.1.3 d)"});
    book.about.emplace_back("To edit",
                            "What stands in black is read back by annexa isms import FILE --as soa; what is "
                            "grey is only shown.");
    for (const json& row : statement.at("rows")) {
        std::vector<std::string> texts;
        for (const Column& column : book.columns) {
            const Shown* only = find_shown(column.name);
            const Field* field = find_field(kind.fields, column.name);
            texts.push_back(only != nullptr ? only->text(row) : field != nullptr ? decided_text(*field, row) : "");
        }
        book.rows.push_back(std::move(texts));
    }
    return book;
}

}  // namespace annexa::cli
