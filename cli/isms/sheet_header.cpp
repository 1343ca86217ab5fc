#include "cli/isms/sheet_header.hpp"

#include "evidence/errors.hpp"

#include <algorithm>

namespace annexa::cli {
namespace {

using sheets::Cell;
using sheets::Column;
using sheets::Row;

constexpr std::size_t most_rows_above = 20;

enum class Meaning { unknown, nothing, id, version, field };

struct Read {
    Meaning meaning = Meaning::unknown;
    const Field* field = nullptr;
};

/// What a member's name stands for.
Read member_named(const ImportInto& into, const std::string& name) {
    if (name == "id") return {Meaning::id, nullptr};
    if (const Field* field = find_field(into.kind.fields, name); field != nullptr && !field->computed)
        return {Meaning::field, field};
    return {};
}

bool is_column(const Column& column, const std::string& heading) {
    return folded(column.name) == heading || folded(column.title) == heading;
}

/// A column that we write and do not read back.
const Column* shown_column(const ImportInto& into, const std::string& heading) {
    const auto found = std::find_if(into.columns.begin(), into.columns.end(), [&](const Column& column) {
        return column.read_only && is_column(column, heading);
    });
    return found != into.columns.end() ? &*found : nullptr;
}

/// Whether we wrote it: it bears the records' ids.
bool is_ours(const ImportInto& into, const Row& row) {
    return std::any_of(row.cells.begin(), row.cells.end(), [&](const Cell& cell) {
        const std::string heading = folded(cell.text);
        return (heading == "id" || (heading == "record" && shown_column(into, heading) != nullptr)) &&
               !into.mapping.contains(heading);
    });
}

Read meaning_of(const ImportInto& into, const std::string& heading, bool ours) {
    if (const auto mapped = into.mapping.find(heading); mapped != into.mapping.end()) {
        if (mapped->second.empty()) return {Meaning::nothing, nullptr};
        return member_named(into, mapped->second);
    }
    if (ours && shown_column(into, heading) != nullptr)
        return {heading == "version" ? Meaning::version : Meaning::nothing, nullptr};
    return member_named(into, heading);
}

bool tells_records_apart(const ImportInto& into, const Read& read) {
    return read.meaning == Meaning::id ||
           (read.meaning == Meaning::field && read.field->name == (into.kind.key.empty() ? "title" : into.kind.key));
}

std::string members_of(const ImportInto& into) {
    std::string names = "id";
    for (const Field& field : into.kind.fields)
        if (!field.computed) names += ", " + field.name;
    return names;
}

std::string headings_of(const Row& row) {
    std::string text;
    for (const Cell& cell : row.cells)
        if (!cell.text.empty()) text += (text.empty() ? "\"" : ", \"") + std::string{trimmed(cell.text)} + "\"";
    return sheets::excerpt(text, 500);
}

std::size_t header_row(const sheets::Sheet& sheet, const ImportInto& into) {
    for (std::size_t i = 0; i < std::min(sheet.rows.size(), most_rows_above); ++i)
        for (const Cell& cell : sheet.rows[i].cells)
            if (cell.problem.empty() && !cell.text.empty() &&
                tells_records_apart(into, meaning_of(into, folded(cell.text), true)))
                return i;
    const std::string key = into.kind.key.empty() ? "title" : into.kind.key;
    if (sheet.rows.empty()) throw evidence::error("has no rows; expected a header and one row a record");
    throw evidence::error("has no column `" + key +
                          "` or `id`, by which records are told apart: say which of its columns "
                          "it is with --map 'THEIR COLUMN=" +
                          key + "'. Row " + std::to_string(sheet.rows[0].number) + " has " +
                          headings_of(sheet.rows[0]));
}

void demand_mapped_members(const ImportInto& into) {
    for (const auto& [theirs, ours] : into.mapping)
        if (!ours.empty() && member_named(into, ours).meaning == Meaning::unknown)
            throw evidence::error("the column \"" + theirs + "\" is mapped to `" + ours +
                                  "`, which is no member of a " + into.kind.name + "; its members are " +
                                  members_of(into));
}

}  // namespace

const BoundColumn* SheetHeader::find(const Field* field) const {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const BoundColumn& each) { return each.field == field; });
    return found == columns.end() ? nullptr : &*found;
}

SheetHeader read_header(const sheets::Sheet& sheet, const ImportInto& into, ImportedSheet& imported) {
    demand_mapped_members(into);
    SheetHeader header;
    header.row = header_row(sheet, into);
    const Row& row = sheet.rows[header.row];
    const bool ours = is_ours(into, row);
    for (std::size_t column = 0; column < row.cells.size(); ++column) {
        const Cell& cell = row.cells[column];
        const std::string written{trimmed(cell.text)};
        const std::string heading = folded(written);
        header.without_heading.push_back(cell.blank());
        const auto problem = [&](const std::string& message) {
            imported.problems.push_back({row.number, sheets::cell_name(column, row.number), written, message});
        };
        if (cell.blank()) continue;
        if (!cell.problem.empty()) {
            problem(cell.problem);
            continue;
        }
        const Read read = meaning_of(into, heading, ours);
        if (const auto mapped = into.mapping.find(heading); mapped != into.mapping.end())
            imported.mapping_used.insert(*mapped);
        if (read.meaning == Meaning::unknown)
            problem("is no member of a " + into.kind.name + "; say --map '" + written + "=MEMBER', or --map '" +
                    written + "=' to leave it out. Members are " + members_of(into));
        if (read.meaning == Meaning::version) header.version = {column, written, nullptr};
        if (read.meaning != Meaning::id && read.meaning != Meaning::field) continue;
        if (const BoundColumn* other = header.find(read.field)) {
            problem("is `" + (read.field != nullptr ? read.field->name : std::string{"id"}) + "`, and so is column " +
                    sheets::column_name(other->column) + "; leave one out with --map '" + written + "='");
            continue;
        }
        header.columns.push_back({column, written, read.field});
        const std::string name = read.field != nullptr ? read.field->name : "id";
        imported.column_of.emplace(name, column);
        imported.heading_of.emplace(name, written);
    }
    return header;
}

}  // namespace annexa::cli
