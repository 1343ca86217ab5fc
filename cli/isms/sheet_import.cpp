#include "cli/isms/sheet_import.hpp"

#include "cli/isms/sheet_header.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "policies/catalogue.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace annexa::cli {
namespace {

using nlohmann::json;
using sheets::Cell;
using sheets::CellType;
using sheets::Row;

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "5.1", "A5.1", "A 5.01" and "A.5.1 Policies …" as people write the controls of Annex A; another text stays.
std::string control_id(std::string_view text) {
    std::string_view rest = trimmed(text);
    if (rest.starts_with("A") || rest.starts_with("a")) rest.remove_prefix(1);
    while (!rest.empty() && (rest.front() == '.' || rest.front() == ' ')) rest.remove_prefix(1);
    const std::size_t dot = rest.find('.');
    if (dot != 1 || rest[0] < '5' || rest[0] > '8') return std::string{trimmed(text)};
    const std::string_view theme = rest.substr(0, 1);
    rest.remove_prefix(2);
    std::string_view number = rest.substr(0, rest.find_first_not_of("0123456789"));
    rest.remove_prefix(number.size());
    if (!is_digits(number) || number.size() > 2 || (!rest.empty() && rest.front() != ' ' && rest.front() != ':'))
        return std::string{trimmed(text)};
    if (number.size() == 2 && number.front() == '0') number.remove_prefix(1);
    return "A." + std::string{theme} + "." + std::string{number};
}

class Import {
  public:
    Import(const sheets::Sheet& sheet, const ImportInto& into)
        : sheet_{sheet}, into_{into}, titles_{into.records}, statement_{into.kind.name == "applicability"} {
        result_.changes = std::make_shared<json>(json::array());
        key_ = find_field(into.kind.fields, into.kind.key.empty() ? "title" : into.kind.key);
        for (const json& record : into.records) {
            by_id_.emplace(record.at("id").get<std::string>(), &record);
            if (record.at("kind") != into.kind.name || record.at("state") != "current" || key_ == nullptr) continue;
            const auto key = record.at("members").find(key_->name);
            if (key != record.at("members").end()) by_key_[cell_text(*key_, *key)].push_back(&record);
        }
    }

    ImportedSheet run() {
        header_ = read_header(sheet_, into_, result_);
        // Where columns are not understood, what stands in them is neither.
        if (!result_.problems.empty()) return std::move(result_);
        for (std::size_t i = header_.row + 1; i < sheet_.rows.size(); ++i) read_row(sheet_.rows[i]);
        return std::move(result_);
    }

  private:
    /// Which record a row is of.
    struct Target {
        const json* record = nullptr;  // none: a new one
        std::string name;              // as a change calls it
        std::string key;               // as it is to be
    };

    void problem(const Row& row, const BoundColumn* column, const std::string& message) {
        result_.problems.push_back({row.number, column != nullptr ? sheets::cell_name(column->column, row.number) : "",
                                    column != nullptr ? column->heading : "", message});
    }

    [[nodiscard]] static const Cell& cell_in(const Row& row, std::size_t column) {
        static const Cell none;
        return column < row.cells.size() ? row.cells[column] : none;
    }

    void read_row(const Row& row) {
        const bool blank = std::all_of(header_.columns.begin(), header_.columns.end(),
                                       [&](const BoundColumn& each) { return cell_in(row, each.column).blank(); });
        if (blank) return;
        ++result_.rows;
        const std::size_t before = result_.problems.size();
        if (!row.problem.empty()) return problem(row, nullptr, row.problem);
        for (std::size_t column = 0; column < row.cells.size(); ++column)
            if (!row.cells[column].blank() &&
                (column >= header_.without_heading.size() || header_.without_heading[column]))
                problem(row, nullptr,
                        sheets::cell_name(column, row.number) +
                            " holds something and its column has no heading; give it one, or empty it");
        for (const BoundColumn& column : header_.columns)
            if (const Cell& cell = cell_in(row, column.column); !cell.problem.empty())
                problem(row, &column, cell.problem);
        if (result_.problems.size() != before) return;
        const std::optional<Target> target = target_of(row);
        if (!target) return;
        json members = target->record != nullptr ? target->record->at("members") : json::object();
        const std::optional<json> base = base_of(row, *target);
        std::vector<CellDifference> differences = compare(row, *target, base, members);
        if (result_.problems.size() != before || differences.empty()) return;
        if (target->record == nullptr && statement_ && !complete_control(members)) return;
        add_change(row, *target, std::move(members), std::move(differences));
    }

    [[nodiscard]] std::optional<Target> target_of(const Row& row) {
        const BoundColumn* id_column = header_.find(nullptr);
        const BoundColumn* key_column = header_.find(key_);
        const std::string id = id_column != nullptr ? std::string{trimmed(cell_in(row, id_column->column).text)} : "";
        Target target;
        if (key_column != nullptr) {
            const Cell& cell = cell_in(row, key_column->column);
            if (statement_ && cell.type == CellType::number) {
                problem(row, key_column,
                        "is the number " + cell.text + ", which may have been " + cell.text +
                            "0; expected text such as A.5.1: format the column as text");
                return std::nullopt;
            }
            target.key = statement_ ? control_id(cell.text) : std::string{trimmed(cell.text)};
        }
        const bool found = id.empty() ? by_key(row, key_column, target) : by_id(row, id_column, id, target);
        if (!found) return std::nullopt;
        const BoundColumn* told_by = id.empty() ? key_column : id_column;
        const std::string name = target.record != nullptr ? target.record->at("id").get<std::string>() : id;
        if (!name.empty() && !unique(row, told_by, "the record " + name)) return std::nullopt;
        if (!target.key.empty() && !into_.kind.key.empty() && !unique(row, key_column, "\"" + target.key + "\""))
            return std::nullopt;
        if (name.empty() && into_.kind.key.empty() && !unique(row, key_column, "a new \"" + target.key + "\""))
            return std::nullopt;
        target.name = !name.empty() ? name : "row-" + std::to_string(row.number);
        return target;
    }

    bool unique(const Row& row, const BoundColumn* column, const std::string& what) {
        const auto [first, fresh] = seen_.emplace(what, row.number);
        if (!fresh)
            problem(row, column,
                    "is " + sheets::excerpt(what, 100) + ", which row " + std::to_string(first->second) +
                        " is already; expected one row a record");
        return fresh;
    }

    bool by_id(const Row& row, const BoundColumn* column, const std::string& id, Target& target) {
        if (!is_record_id(id)) {
            problem(
                row, column,
                "expected the id of a record such as R-0042, or nothing for a new one; found \"" + sheets::excerpt(id) +
                    "\"" +
                    (column->heading.empty() ? "" : "; leave the column out with --map '" + column->heading + "='"));
            return false;
        }
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) return true;
        const json& record = *found->second;
        const std::string kind = record.at("kind").get<std::string>();
        const std::string state = record.at("state").get<std::string>();
        if (kind == into_.kind.name && state == "current") {
            target.record = &record;
            return true;
        }
        problem(row, column,
                id + (kind != into_.kind.name ? " is of the kind " + kind + ", expected a " + into_.kind.name
                                              : " was " + state + "; leave the row out, or its id"));
        return false;
    }

    bool by_key(const Row& row, const BoundColumn* column, Target& target) {
        if (column == nullptr) {
            problem(row, header_.find(nullptr), "is empty; expected the id of the record");
            return false;
        }
        if (target.key.empty()) {
            problem(row, column, "is empty; expected what tells the record apart");
            return false;
        }
        const auto found = by_key_.find(target.key);
        if (found == by_key_.end()) return true;
        if (found->second.size() > 1) {
            problem(row, column,
                    "more than one " + into_.kind.name + " is called \"" + sheets::excerpt(target.key) +
                        "\"; say which in a column `id`");
            return false;
        }
        target.record = found->second.front();
        return true;
    }

    /// What the record was when the row was written, where another has changed it since.
    std::optional<json> base_of(const Row& row, const Target& target) {
        if (!header_.version || target.record == nullptr) return std::nullopt;
        const std::string text{trimmed(cell_in(row, header_.version->column).text)};
        // Of a control that nobody had decided then there was no record.
        if (text.empty()) return statement_ ? std::optional{json::object()} : std::nullopt;
        const auto last = target.record->at("version").get<std::uint64_t>();
        std::uint64_t version = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
        if (error != std::errc{} || end != text.data() + text.size() || version == 0 || version > last) {
            problem(row, &*header_.version,
                    "expected the version that the row was written from, 1 to " + std::to_string(last) + "; found \"" +
                        text + "\"");
            return std::nullopt;
        }
        if (version == last) return std::nullopt;
        json members = into_.members_at(target.record->at("id").get<std::string>(), version);
        return members.is_object() ? std::optional{std::move(members)} : std::nullopt;
    }

    std::vector<CellDifference> compare(const Row& row, const Target& target, const std::optional<json>& base,
                                        json& members) {
        std::vector<CellDifference> differences;
        for (const BoundColumn& column : header_.columns) {
            if (column.field == nullptr) continue;
            const Field& field = *column.field;
            // The standard's titles are not the organization's to change.
            if (statement_ && field.name == "title" &&
                policies::find_control(policies::annex_a(), target.key) != nullptr)
                continue;
            const Cell& cell = cell_in(row, column.column);
            const json now = members.value(field.name, json());
            const json then = base ? base->value(field.name, json()) : now;
            const std::string from = cell_text(field, now);
            if (cell.text == from || cell.text == cell_text(field, then)) continue;
            json value;
            if (const std::string wrong = read_cell(field, cell, titles_, value); !wrong.empty()) {
                problem(row, &column, wrong);
                continue;
            }
            if (statement_ && &field == key_) value = target.key;
            const std::string to = cell_text(field, value);
            if (value == now || to == from || value == then) continue;
            if (then != now) {
                problem(row, &column,
                        "was changed by another since the sheet was written, to \"" + sheets::excerpt(from, 60) +
                            "\"; edit a fresh sheet, or, if yours is to stand, write " +
                            target.record->at("version").dump() + " into the column " + header_.version->heading);
                continue;
            }
            if (value.is_null())
                members.erase(field.name);
            else
                members[field.name] = value;
            if (statement_ && &field == key_) continue;  // which control a row is of is not said by anybody
            differences.push_back({row.number, sheets::cell_name(column.column, row.number),
                                   target.record != nullptr ? target.record->at("id").get<std::string>() : "", "",
                                   field.name, from, to});
        }
        return differences;
    }

    /// A control of Annex A of which nothing is said but what it is needs no record; one that has something said bears
    /// the standard's title.
    static bool complete_control(json& members) {
        const policies::Control* control =
            policies::find_control(policies::annex_a(), members.value("control", std::string{}));
        if (control == nullptr) return true;
        members["title"] = control->title;
        return members.size() > 2;
    }

    void add_change(const Row& row, const Target& target, json members, std::vector<CellDifference> differences) {
        const auto name = members.find(statement_ ? "control" : "title");
        for (CellDifference& difference : differences) {
            difference.name = name != members.end() && name->is_string() ? name->get<std::string>() : target.name;
            result_.differences.push_back(std::move(difference));
        }
        json change{{"record", target.name}, {"members", std::move(members)}};
        if (target.record != nullptr)
            change["base"] = target.record->at("version");
        else
            change["kind"] = into_.kind.name;
        result_.changes->push_back(std::move(change));
        result_.row_of.emplace(target.name, row.number);
    }

    const sheets::Sheet& sheet_;
    const ImportInto& into_;
    RecordTitles titles_;
    bool statement_;  // rows are controls: their key is written in many ways
    const Field* key_ = nullptr;
    std::map<std::string, const json*, std::less<>> by_id_;
    std::map<std::string, std::vector<const json*>, std::less<>> by_key_;
    std::map<std::string, std::uint32_t> seen_;
    SheetHeader header_;
    ImportedSheet result_;
};

}  // namespace

ImportedSheet import_sheet(const sheets::Sheet& sheet, const ImportInto& into) { return Import{sheet, into}.run(); }

SheetProblem locate(const ImportedSheet& imported, const std::string& record, const std::string& path,
                    const std::string& message) {
    SheetProblem problem;
    problem.message = message;
    if (const auto row = imported.row_of.find(record); row != imported.row_of.end()) problem.row = row->second;
    const std::string member = path.substr(0, path.find_first_of(".["));
    const auto column = imported.column_of.find(member);
    if (column != imported.column_of.end() && problem.row != 0) {
        problem.cell = sheets::cell_name(column->second, problem.row);
        problem.heading = imported.heading_of.at(member);
    } else if (!path.empty()) {
        problem.message = path + " " + message;  // it has no column
    }
    return problem;
}

}  // namespace annexa::cli
