#include "cli/isms/record_sheet.hpp"

#include "cli/isms/cells.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::Column;
using sheets::ColumnType;

/// What every kind has and nobody looks for first.
constexpr std::array common_last = {"owner", "next_review", "labels", "links", "notes"};

bool comes_last(const Field& field) {
    return std::find(common_last.begin(), common_last.end(), field.name) != common_last.end();
}

Column shown_only(const std::string& name, double width) {
    return {.name = name, .title = heading(name), .width = width, .read_only = true};
}

void add_once(std::vector<Column>& columns, Column column) {
    if (std::none_of(columns.begin(), columns.end(), [&](const Column& each) { return each.name == column.name; }))
        columns.push_back(std::move(column));
}

std::string member_text(const Kind& kind, const json& members, const std::string& name) {
    const Field* field = find_field(kind.fields, name);
    const auto member = members.find(name);
    return field != nullptr && member != members.end() ? cell_text(*field, *member) : std::string{};
}

}  // namespace

Column column_of(const Field& field) {
    Column column{.name = field.name, .title = heading(field.name), .read_only = field.computed};
    if (!field.many) {
        if (field.type == "date") column.type = ColumnType::date;
        if (field.type == "integer" || field.type == "number") column.type = ColumnType::number;
        if (field.type == "choice") column.choices = field.choices;
        if (field.type == "boolean") column.choices = {"yes", "no"};
    }
    column.width = field.type == "text" || field.type == "group"     ? 50
                   : field.type == "line"                            ? 30
                   : field.type == "date" || !column.choices.empty() ? 14
                                                                     : 12;
    return column;
}

std::vector<Column> record_columns(const Kind& kind) {
    std::vector<Column> columns{{.name = "id", .title = "ID", .width = 9}};
    for (const bool last : {false, true})
        for (const Field& field : kind.fields) {
            if (field.computed || comes_last(field) != last) continue;
            columns.push_back(column_of(field));
            if (field.name == "owner") columns.push_back(shown_only("owner_name", 24));
        }
    for (const Field& field : kind.fields)
        if (field.computed && !field.many && field.type != "group") add_once(columns, column_of(field));
    add_once(columns, shown_only("version", 9));
    if (kind.approvable) add_once(columns, shown_only("approval", 12));
    return columns;
}

sheets::Book record_book(const Kind& kind, const json& records, const Names& names) {
    sheets::Book book{.title = heading(kind.plural), .columns = record_columns(kind), .rows = {}};
    for (const json& record : records) {
        const json& members = record.at("members");
        if (!members.is_object()) continue;
        std::vector<std::string> row;
        for (const Column& column : book.columns) {
            if (column.name == "id") {
                row.push_back(record.at("id").get<std::string>());
            } else if (column.name == "owner_name") {
                const std::string owner = member_text(kind, members, "owner");
                row.push_back(owner.empty() ? "" : names.of(owner));
            } else if (find_field(kind.fields, column.name) != nullptr) {
                row.push_back(member_text(kind, members, column.name));
            } else {
                row.push_back(column.name == "version" ? record.at("version").dump()
                                                       : record.at("approval").get<std::string>());
            }
        }
        book.rows.push_back(std::move(row));
    }
    return book;
}

}  // namespace annexa::cli
