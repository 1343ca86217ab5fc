#include "evidence/table.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/members.hpp"
#include "evidence/table_reader.hpp"

#include <algorithm>
#include <set>

namespace annexa::evidence {
namespace {

constexpr std::string_view names[] = {"text", "integer", "double", "boolean"};

void append_value(std::string& out, const Value& value) {
    struct Writer {
        std::string& out;
        void operator()(std::monostate) const { out += "null"; }
        void operator()(bool value) const { out += value ? "true" : "false"; }
        void operator()(std::int64_t value) const {
            const std::string digits = std::to_string(value);
            out += is_wide_integer(value) ? '"' + digits + '"' : digits;
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

void check_shape(const Table& table, const TableLimits& limits) {
    if (table.columns.size() > limits.columns)
        throw error("table " + table.name + " has more than " + std::to_string(limits.columns) + " columns");
    if (table.columns.empty()) throw error("table " + table.name + " has no columns");
    std::set<std::string_view> seen;
    for (const ColumnType& column : table.columns) {
        if (!is_identifier(column.name))
            throw error("table " + table.name +
                        ": a column's name is lower-case letters, digits and underscores, not " + column.name);
        if (!seen.insert(column.name).second)
            throw error("table " + table.name + " has the column " + column.name + " twice");
    }
    for (const Row& row : table.rows) {
        if (row.size() != table.columns.size())
            throw error("table " + table.name + " has a row of " + std::to_string(row.size()) + " cells for " +
                        std::to_string(table.columns.size()) + " columns");
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!fits_type(row[i], table.columns[i].type))
                throw error("table " + table.name + ", column " + table.columns[i].name + ": a cell is not of type " +
                            std::string{type_name(table.columns[i].type)});
            if (const auto* text = std::get_if<std::string>(&row[i]);
                text != nullptr && text->size() > limits.cell_bytes)
                throw error("table " + table.name + ", column " + table.columns[i].name + ": a cell of more than " +
                            std::to_string(limits.cell_bytes) + " bytes");
        }
    }
}

void append_columns_and_rows(std::string& out, const Table& table, std::size_t most_bytes) {
    out += table_head(table.columns);
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
}

}  // namespace

bool is_wide_integer(std::int64_t value) { return value > largest_json_integer || value < -largest_json_integer; }

bool fits_type(const Value& value, Type type) {
    if (std::holds_alternative<std::monostate>(value)) return true;
    switch (type) {
        case Type::text:
            return std::holds_alternative<std::string>(value);
        case Type::integer:
            return std::holds_alternative<std::int64_t>(value);
        case Type::real:
            return std::holds_alternative<double>(value);
        case Type::boolean:
            return std::holds_alternative<bool>(value);
    }
    return false;
}

std::string table_head(const std::vector<ColumnType>& columns) {
    std::string out = "{\"columns\":[";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i != 0) out.push_back(',');
        out.push_back('[');
        append_json_string(out, columns[i].name);
        out.append(",\"").append(type_name(columns[i].type)).append("\"]");
    }
    return out + "],\"rows\":[";
}

std::string table_tail(std::string_view salt) {
    std::string out = "],\"salt\":";
    append_json_string(out, salt);
    out.push_back('}');
    return out;
}

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
    if (!is_plain_text(salt)) throw error("table " + table.name + ": a salt is plain text");
    std::string out;
    append_columns_and_rows(out, table, limits.bytes);
    out += table_tail(salt);
    if (out.size() > limits.bytes)
        throw error("table " + table.name + " is larger than " + std::to_string(limits.bytes) + " bytes");
    return out;
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
    bytes += "],\"salt\":";
    return to_hex(hmac_sha256(secret, bytes).view().substr(0, 16));
}

}  // namespace annexa::evidence
