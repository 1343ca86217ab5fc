#include "agent/collected.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/reason.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <limits>
#include <set>

namespace annexa::agent {
namespace {

using evidence::format_error;
using evidence::Table;
using evidence::Type;
using evidence::Value;
using nlohmann::json;

constexpr std::size_t most_columns = 256;

[[noreturn]] void refuse(const std::string& expected) { throw format_error(0, expected); }

const json& member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) refuse("a member \"" + std::string{name} + "\"");
    return *found;
}

std::string text(const json& value, const char* what) {
    if (!value.is_string()) refuse(std::string{what} + ", a text");
    return value.get<std::string>();
}

std::optional<std::string> text_or_null(const json& value, const char* what) {
    if (value.is_null()) return std::nullopt;
    return text(value, what);
}

std::int64_t integer(const json& value, const char* what) {
    if (!value.is_number_integer()) refuse(std::string{what} + ", an integer");
    return value.get<std::int64_t>();
}

int small_integer(const json& value, const char* what) {
    const std::int64_t number = integer(value, what);
    if (number < 0 || number > std::numeric_limits<int>::max()) refuse(std::string{what} + ", a small integer");
    return static_cast<int>(number);
}

/// A text, or bytes that are no plain text as {"base64": "..."}.
std::string bytes(const json& value, const char* what) {
    if (value.is_object() && value.size() == 1 && value.contains("base64"))
        return evidence::from_base64(text(value["base64"], what));
    return text(value, what);
}

std::int64_t wide_integer(const std::string& digits) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc{} || end != digits.data() + digits.size()) refuse("an integer");
    return number;
}

Value cell(const json& value, Type type) {
    if (value.is_null()) return std::monostate{};
    switch (type) {
        case Type::boolean:
            if (!value.is_boolean()) refuse("a boolean cell");
            return value.get<bool>();
        case Type::integer:
            if (value.is_string()) return wide_integer(value.get_ref<const std::string&>());
            return integer(value, "a cell");
        case Type::real:
            if (!value.is_number()) refuse("a number in a cell");
            return value.get<double>();
        case Type::text:
            return bytes(value, "a cell");
    }
    refuse("a cell");
}

Table table(const std::string& name, const json& value) {
    if (!value.is_object()) refuse("a table");
    Table result{name, {}, {}};
    std::set<std::string> names;
    const json& columns = member(value, "columns");
    if (!columns.is_array() || columns.size() > most_columns) refuse("columns, at most 256");
    for (const json& column : columns) {
        if (!column.is_array() || column.size() != 2) refuse("a column [name, type]");
        const auto type = evidence::parse_type(text(column[1], "a type"));
        if (!type) refuse("a type: text, integer, double or boolean");
        result.columns.push_back({text(column[0], "a name"), *type});
        if (!names.insert(result.columns.back().name).second) refuse("each column once");
    }
    const json& rows = member(value, "rows");
    if (!rows.is_array()) refuse("rows");
    result.rows.reserve(rows.size());
    for (const json& row : rows) {
        if (!row.is_array() || row.size() != result.columns.size()) refuse("a cell for each column of " + name);
        evidence::Row& cells = result.rows.emplace_back();
        cells.reserve(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(cell(row[i], result.columns[i].type));
    }
    return result;
}

void append_text(std::string& out, std::string_view value) {
    if (evidence::is_plain_text(value)) return evidence::append_json_string(out, value);
    out += "{\"base64\":\"" + evidence::to_base64(value) + "\"}";
}

void append_optional(std::string& out, const std::optional<std::string>& value) {
    if (value)
        append_text(out, *value);
    else
        out += "null";
}

Table sources_table(std::string_view collector) {
    return {"sources_" + std::string{collector},
            {{"path", Type::text}, {"sha256", Type::text}, {"size", Type::integer}},
            {}};
}

Table messages_table(std::string_view collector, std::string_view message) {
    return {"messages_" + std::string{collector}, {{"message", Type::text}}, {{std::string{message}}}};
}

}  // namespace

Collected failed_result(std::string_view collector, int version, evidence::Reason reason, std::string_view message,
                        evidence::Instant at) {
    Collected result;
    result.collector = collector;
    result.version = version;
    result.status = evidence::Status::error;
    result.reason = reason;
    result.message = message;
    result.collected_at = at;
    result.tables = {messages_table(collector, message), sources_table(collector)};
    return result;
}

Collected parse_collected(std::string_view bytes_of_result) {
    const json value = evidence::parse_json(bytes_of_result, {std::size_t{64} << 20, 16});
    if (!value.is_object()) refuse("a collector's result");
    Collected result;
    result.collector = text(member(value, "collector"), "a collector");
    result.version = small_integer(member(value, "version"), "a version");
    const auto status = evidence::parse_status(text(member(value, "status"), "a status"));
    if (!status) refuse("a status: ok, not_applicable or error");
    result.status = *status;
    if (const auto reason = text_or_null(member(value, "reason"), "a reason")) {
        result.reason = evidence::parse_reason(*reason);
        if (!result.reason) refuse("a known reason, found \"" + *reason + "\"");
    }
    if ((result.status == evidence::Status::ok) == result.reason.has_value())
        refuse("a reason with every status but ok");
    if (const json& message = member(value, "message"); !message.is_null())
        result.message = bytes(message, "a message");
    result.duration_ms = integer(member(value, "duration_ms"), "a duration");
    result.collected_at = evidence::parse_instant(text(member(value, "collected_at"), "a time"));
    const json& sources = member(value, "sources");
    if (!sources.is_array()) refuse("sources");
    for (const json& source : sources) {
        Source one{bytes(member(source, "path"), "a path"), text_or_null(member(source, "sha256"), "a digest"),
                   std::nullopt};
        const Value size = cell(member(source, "size"), Type::integer);
        if (const auto* known = std::get_if<std::int64_t>(&size)) one.size_bytes = *known;
        result.sources.push_back(std::move(one));
    }
    const json& tables = member(value, "tables");
    if (!tables.is_object()) refuse("tables");
    for (const auto& [name, content] : tables.items()) result.tables.push_back(table(name, content));
    return result;
}

std::string table_json(const Table& table) {
    std::string out = "{\"columns\":[";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        out += i == 0 ? "[" : ",[";
        evidence::append_json_string(out, table.columns[i].name);
        out += ",\"" + std::string{evidence::type_name(table.columns[i].type)} + "\"]";
    }
    out += "],\"rows\":[";
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (i != 0) out.push_back(',');
        out += evidence::canonical_row(table.rows[i]);
    }
    return out + "]}";
}

std::string to_json(const Collected& result) {
    std::string out = "{\"collector\":";
    append_text(out, result.collector);
    out += ",\"version\":" + std::to_string(result.version) + ",\"status\":\"" +
           std::string{status_name(result.status)} + "\",\"reason\":";
    append_optional(out,
                    result.reason ? std::optional<std::string>{evidence::reason_code(*result.reason)} : std::nullopt);
    out += ",\"message\":";
    append_optional(out, result.message);
    out += ",\"duration_ms\":" + std::to_string(result.duration_ms) + ",\"collected_at\":\"" +
           evidence::to_string(result.collected_at) + "\"";
    out += ",\"sources\":[";
    for (std::size_t i = 0; i < result.sources.size(); ++i) {
        const Source& source = result.sources[i];
        out += i == 0 ? "{\"path\":" : ",{\"path\":";
        append_text(out, source.path);
        out += ",\"sha256\":";
        append_optional(out, source.sha256);
        const std::string size = evidence::canonical_row({source.size_bytes ? Value{*source.size_bytes} : Value{}});
        out += ",\"size\":" + size.substr(1, size.size() - 2) + "}";
    }
    out += "],\"tables\":{";
    for (std::size_t i = 0; i < result.tables.size(); ++i) {
        if (i != 0) out.push_back(',');
        append_text(out, result.tables[i].name);
        out.push_back(':');
        out += table_json(result.tables[i]);
    }
    return out + "}}";
}

}  // namespace annexa::agent
