#include "evidence/table.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace annexa::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view names[] = {"text", "integer", "double", "boolean"};

bool is_wide(std::int64_t value) { return value > largest_json_integer || value < -largest_json_integer; }

void append_value(std::string& out, const Value& value) {
    struct Writer {
        std::string& out;
        void operator()(std::monostate) const { out += "null"; }
        void operator()(bool value) const { out += value ? "true" : "false"; }
        void operator()(std::int64_t value) const {
            const std::string digits = std::to_string(value);
            out += is_wide(value) ? '"' + digits + '"' : digits;
        }
        void operator()(double value) const { out += ecmascript_number(value); }
        void operator()(const std::string& value) const {
            if (is_plain_text(value)) {
                append_json_string(out, value);
            } else {
                out += "{\"base64\":\"" + to_base64(value) + "\"}";
            }
        }
    };
    std::visit(Writer{out}, value);
}

bool fits(const Value& value, Type type) {
    if (std::holds_alternative<std::monostate>(value)) return true;
    switch (type) {
        case Type::text: return std::holds_alternative<std::string>(value);
        case Type::integer: return std::holds_alternative<std::int64_t>(value);
        case Type::real: return std::holds_alternative<double>(value);
        case Type::boolean: return std::holds_alternative<bool>(value);
    }
    return false;
}

void check_shape(const Table& table, const TableLimits& limits) {
    if (table.columns.size() > limits.columns)
        throw error("table " + table.name + " has more than " + std::to_string(limits.columns) + " columns");
    for (const Row& row : table.rows) {
        if (row.size() != table.columns.size())
            throw error("table " + table.name + " has a row of " + std::to_string(row.size()) + " cells for " +
                        std::to_string(table.columns.size()) + " columns");
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!fits(row[i], table.columns[i].type))
                throw error("table " + table.name + ", column " + table.columns[i].name + ": a cell is not of type " +
                            std::string{type_name(table.columns[i].type)});
            if (const auto* text = std::get_if<std::string>(&row[i]); text != nullptr && text->size() > limits.cell_bytes)
                throw error("table " + table.name + ", column " + table.columns[i].name + ": a cell of more than " +
                            std::to_string(limits.cell_bytes) + " bytes");
        }
    }
}

void append_columns_and_rows(std::string& out, const Table& table, std::size_t most_bytes) {
    out += "{\"columns\":[";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (i != 0) out.push_back(',');
        out.push_back('[');
        append_json_string(out, table.columns[i].name);
        out += ",\"";
        out += type_name(table.columns[i].type);
        out += "\"]";
    }
    out += "],\"rows\":[";
    std::vector<std::string> rows;
    rows.reserve(table.rows.size());
    std::size_t bytes = out.size();
    for (const Row& row : table.rows) {
        rows.push_back(canonical_row(row));
        bytes += rows.back().size() + 1;
        if (bytes > most_bytes)
            throw error("table " + table.name + " is larger than " + std::to_string(most_bytes) + " bytes");
    }
    std::sort(rows.begin(), rows.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0) out.push_back(',');
        out += rows[i];
    }
    out += "],\"salt\":";
}

/// Reads a table from JSON events; what it accepts is compared with the canonical bytes afterwards, so it may be lenient
/// in spelling (a member twice, white space) but not in shape.
class TableReader {
  public:
    TableReader(SaltedTable& into, const TableLimits& limits) : into_{into}, limits_{limits} {}

    bool null() { return cell(std::monostate{}); }
    bool boolean(bool value) { return cell(value); }
    bool number_integer(json::number_integer_t value) { return integer(value); }
    bool number_unsigned(json::number_unsigned_t value) {
        return value <= static_cast<std::uint64_t>(largest_json_integer) ? integer(static_cast<std::int64_t>(value))
                                                                         : refuse(wide_integer);
    }
    bool number_float(json::number_float_t value, const std::string& text) {
        if (text.find_first_of(".eE") == std::string::npos) return refuse(wide_integer);
        return cell(value);
    }
    bool string(std::string& value) {
        if (value.size() > limits_.cell_bytes) return refuse("a cell of at most " + std::to_string(limits_.cell_bytes) + " bytes");
        if (!is_plain_text(value)) return refuse("text without NUL and noncharacters, else {\"base64\"}");
        switch (place_) {
            case Place::column: return column_part(std::move(value));
            case Place::cells: return text_cell(std::move(value));
            case Place::base64: return base64_cell(value);
            case Place::top:
                if (member_ != "salt") return refuse("columns, rows and salt");
                into_.salt = std::move(value);
                return true;
            default: return refuse("a table");
        }
    }
    bool binary(json::binary_t&) { return refuse("JSON"); }
    bool start_object(std::size_t) {
        if (place_ == Place::start) return go(Place::top);
        if (place_ == Place::cells) return go(Place::base64);
        return refuse("a table");
    }
    bool key(std::string& name) {
        if (place_ == Place::base64) return name == "base64" || refuse("\"base64\"");
        if (name != "columns" && name != "rows" && name != "salt") return refuse("columns, rows and salt");
        member_ = name;
        return true;
    }
    bool end_object() { return go(place_ == Place::base64 ? Place::cells : Place::end); }
    bool start_array(std::size_t) {
        switch (place_) {
            case Place::top: return go(member_ == "columns" ? Place::columns : member_ == "rows" ? Place::rows : Place::broken);
            case Place::columns:
                if (into_.table.columns.size() >= limits_.columns)
                    return refuse("at most " + std::to_string(limits_.columns) + " columns");
                column_.clear();
                return go(Place::column);
            case Place::rows:
                into_.table.rows.emplace_back();
                into_.table.rows.back().reserve(into_.table.columns.size());
                return go(Place::cells);
            default: return refuse("a table");
        }
    }
    bool end_array() {
        switch (place_) {
            case Place::columns:
            case Place::rows: return go(Place::top);
            case Place::column: return end_column();
            case Place::cells:
                if (into_.table.rows.back().size() != into_.table.columns.size()) return refuse("a cell for each column");
                return go(Place::rows);
            default: return refuse("a table");
        }
    }
    bool parse_error(std::size_t position, const std::string&, const json::exception&) {
        if (expected_.empty()) expected_ = "JSON";
        offset_ = position;
        return false;
    }

    [[nodiscard]] const std::string& expected() const { return expected_; }
    [[nodiscard]] std::size_t offset() const { return offset_; }

  private:
    enum class Place { start, top, columns, column, rows, cells, base64, end, broken };
    static constexpr const char* wide_integer = "an integer within +-(2^53-1); larger ones are strings of digits";

    bool refuse(std::string expected) {
        expected_ = std::move(expected);
        return false;
    }
    bool go(Place place) {
        if (place == Place::broken) return refuse("a table");
        place_ = place;
        return true;
    }
    bool column_part(std::string value) {
        if (column_.size() == 2) return refuse("[name, type]");
        column_.push_back(std::move(value));
        return true;
    }
    bool end_column() {
        if (column_.size() != 2) return refuse("[name, type]");
        const auto type = parse_type(column_[1]);
        if (!type) return refuse("a type: text, integer, double or boolean");
        if (!seen_.insert(column_[0]).second) return refuse("each column once, found \"" + column_[0] + "\" again");
        into_.table.columns.push_back({column_[0], *type});
        return go(Place::columns);
    }
    /// The type of the cell that comes next, or nothing (and a refusal) where none may come.
    std::optional<Type> next_type() {
        const Row& row = into_.table.rows.back();
        if (row.size() >= into_.table.columns.size()) {
            refuse("a cell for each column");
            return std::nullopt;
        }
        return into_.table.columns[row.size()].type;
    }
    bool cell(Value value) {
        if (place_ != Place::cells) return refuse("a table");
        const auto type = next_type();
        if (!type) return false;
        if (!fits(value, *type)) return refuse("a cell of type " + std::string{type_name(*type)});
        into_.table.rows.back().push_back(std::move(value));
        return true;
    }
    bool integer(std::int64_t value) {
        if (is_wide(value)) return refuse(wide_integer);
        if (place_ != Place::cells) return refuse("a table");
        const auto type = next_type();
        if (!type) return false;
        return *type == Type::real ? cell(static_cast<double>(value)) : cell(value);
    }
    bool text_cell(std::string value) {
        const auto type = next_type();
        if (!type) return false;
        if (*type != Type::integer) return cell(std::move(value));
        std::int64_t number = 0;
        const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (problem != std::errc{} || end != value.data() + value.size() || !is_wide(number))
            return refuse("a cell of type integer (a string only beyond 2^53-1)");
        return cell(number);
    }
    bool base64_cell(std::string_view text) {
        std::string bytes;
        try {
            bytes = from_base64(text);
        } catch (const format_error&) {
            return refuse("standard base64");
        }
        if (is_plain_text(bytes)) return refuse("plain text as a string, not as base64");
        place_ = Place::cells;
        const bool taken = cell(std::move(bytes));
        if (taken) place_ = Place::base64;
        return taken;
    }

    SaltedTable& into_;
    const TableLimits& limits_;
    Place place_ = Place::start;
    std::string member_;
    std::vector<std::string> column_;
    std::set<std::string> seen_;
    std::string expected_;
    std::size_t offset_ = 0;
};

}  // namespace

std::string_view type_name(Type type) { return names[static_cast<std::size_t>(type)]; }

std::optional<Type> parse_type(std::string_view name) {
    for (std::size_t i = 0; i < std::size(names); ++i)
        if (names[i] == name) return static_cast<Type>(i);
    return std::nullopt;
}

Table make_table(const TableDefinition& definition) {
    Table table{std::string{definition.name}, {}, {}};
    for (const Column& column : definition.columns) table.columns.push_back({std::string{column.name}, column.type});
    return table;
}

std::string canonical_row(const Row& row) {
    std::string out = "[";
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i != 0) out.push_back(',');
        append_value(out, row[i]);
    }
    out.push_back(']');
    return out;
}

std::string canonical(const Table& table, std::string_view salt, const TableLimits& limits) {
    check_shape(table, limits);
    std::string out;
    append_columns_and_rows(out, table, limits.bytes);
    append_json_string(out, salt);
    out.push_back('}');
    if (out.size() > limits.bytes)
        throw error("table " + table.name + " is larger than " + std::to_string(limits.bytes) + " bytes");
    return out;
}

SaltedTable parse_table(std::string_view name, std::string_view bytes, const TableLimits& limits) {
    if (bytes.size() > limits.bytes) throw format_error(limits.bytes, "at most " + std::to_string(limits.bytes) + " bytes");
    SaltedTable result;
    result.table.name = name;
    TableReader reader{result, limits};
    if (!json::sax_parse(bytes, &reader)) throw format_error(reader.offset(), reader.expected());
    const std::string again = canonical(result.table, result.salt, limits);
    if (again != bytes) {
        const auto difference = std::mismatch(again.begin(), again.end(), bytes.begin(), bytes.end());
        throw format_error(static_cast<std::size_t>(difference.second - bytes.begin()),
                           "the canonical form: members in order, rows sorted, numbers as ECMAScript prints them");
    }
    return result;
}

Table evidence_form(Table table, const TableDefinition& definition) {
    for (std::size_t i = table.columns.size(); i-- > 0;) {
        const bool drop = std::any_of(definition.columns.begin(), definition.columns.end(), [&](const Column& column) {
            return column.is_volatile() && column.name == table.columns[i].name;
        });
        if (!drop) continue;
        table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(i));
        for (Row& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return table;
}

std::string table_salt(const Table& table, std::string_view secret) {
    std::string bytes;
    append_json_string(bytes, table.name);
    append_columns_and_rows(bytes, table, TableLimits{}.bytes);
    return to_hex(hmac_sha256(secret, bytes).view().substr(0, 16));
}

}  // namespace annexa::evidence
