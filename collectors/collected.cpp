#include "collectors/collected.hpp"

#include "collectors/support/text.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"

#include <chrono>
#include <new>

namespace annexa::collectors {
namespace {

using evidence::is_plain_text;

constexpr evidence::Column source_columns[] = {
    {"path", Type::text, "File, or name of the interface, that was read"},
    {"sha256", Type::text, "SHA-256 of a file that everybody may read", Trait::nullable},
    {"size", Type::integer, "Bytes that were read", Trait::nullable},
};
constexpr evidence::Column message_columns[] = {{"message", Type::text, "Why there is no other table"}};

void set_failure(Collected& into, Outcome outcome, Reason reason, std::string_view message) {
    into.outcome = outcome;
    into.reason = reason;
    into.message = text::printable(message);
    into.tables.clear();
}

bool fits(const Value& value, const Column& column) {
    switch (value.index()) {
        case 0:
            return column.nullable();
        case 1:
            return column.type == Type::boolean;
        case 2:
            return column.type == Type::integer;
        case 3:
            return column.type == Type::real;
        default:
            return column.type == Type::text;
    }
}

std::optional<std::string> row_violation(const TableDefinition& definition, const Row& row) {
    if (row.size() != definition.columns.size()) return "a row of " + std::to_string(row.size()) + " cells";
    for (std::size_t i = 0; i < row.size(); ++i)
        if (!fits(row[i], definition.columns[i]))
            return "a cell of column " + std::string{definition.columns[i].name} + " that its schema does not allow";
    return std::nullopt;
}

std::string json_text(std::string_view text) {
    std::string out;
    if (is_plain_text(text)) {
        evidence::append_json_string(out, text);
    } else {
        out = "{\"base64\":\"" + evidence::to_base64(text) + "\"}";
    }
    return out;
}

void append_table(std::string& out, const Table& table) {
    out += json_text(table.name) + ":{\"columns\":[";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (i != 0) out += ',';
        out += "[" + json_text(table.columns[i].name) + ",\"" +
               std::string{evidence::type_name(table.columns[i].type)} + "\"]";
    }
    out += "],\"rows\":[";
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (i != 0) out += ',';
        out += evidence::canonical_row(table.rows[i]);
    }
    out += "]}";
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
    constexpr std::string_view names[] = {"ok", "not_applicable", "error"};
    return names[static_cast<std::size_t>(outcome)];
}

Collected failed(const Collector& collector, Reason reason, std::string_view message) {
    Collected result{.collector = std::string{collector.name}, .version = collector.version};
    set_failure(result, Outcome::error, reason, message);
    return result;
}

Collected collect_here(const Collector& collector, Machine& machine) {
    Collected result{.collector = std::string{collector.name}, .version = collector.version};
    const auto begin = std::chrono::steady_clock::now();
    try {
        Host host = machine.host();
        if (!collector.reads_images) running_kernel(host);
        result.tables = collector.collect(host);
        if (const auto violation = schema_violation(collector, result.tables))
            set_failure(result, Outcome::error, Reason::bad_output, *violation);
    } catch (const not_applicable& failure) {
        set_failure(result, Outcome::not_applicable, failure.reason(), failure.what());
    } catch (const host_error& failure) {
        set_failure(result, Outcome::error, failure.reason(), failure.what());
    } catch (const evidence::format_error& failure) {
        set_failure(result, Outcome::error, Reason::malformed_source, failure.what());
    } catch (const std::bad_alloc&) {
        set_failure(result, Outcome::error, Reason::out_of_memory, "the memory limit was reached");
    } catch (const std::exception& failure) {
        set_failure(result, Outcome::error, Reason::internal, failure.what());
    }
    result.sources = machine.sources.sources();
    if (const auto time = machine.time()) result.collected_at = *time;
    result.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
    return result;
}

std::optional<std::string> schema_violation(const Collector& collector, const std::vector<Table>& tables) {
    if (tables.size() != collector.tables.size())
        return std::to_string(tables.size()) + " tables, where its schema has " +
               std::to_string(collector.tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const TableDefinition& definition = collector.tables[i];
        const std::string name{definition.name};
        if (tables[i].name != definition.name || tables[i].columns != evidence::make_table(definition).columns)
            return "a table that is not " + name + " of its schema";
        for (const Row& row : tables[i].rows)
            if (const auto violation = row_violation(definition, row)) return "table " + name + ": " + *violation;
    }
    return std::nullopt;
}

Table sources_table(const Collected& collected) {
    const std::string name = "sources_" + collected.collector;
    Table table = make_table({name, "", source_columns});
    for (const Source& source : collected.sources) {
        Row row{source.path, std::monostate{}, std::monostate{}};
        if (source.sha256) row[1] = *source.sha256;
        if (source.size_bytes) row[2] = static_cast<std::int64_t>(*source.size_bytes);
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::vector<Source> sources_of(const Table& table) {
    const TableDefinition definition{"sources", "", source_columns};
    if (table.columns != make_table(definition).columns) throw evidence::error("sources of another form");
    std::vector<Source> sources;
    for (const Row& row : table.rows) {
        if (const auto violation = row_violation(definition, row)) throw evidence::error("sources with " + *violation);
        Source source{std::get<std::string>(row[0]), std::nullopt, std::nullopt};
        if (const auto* digest = std::get_if<std::string>(&row[1])) source.sha256 = *digest;
        if (const auto* size = std::get_if<std::int64_t>(&row[2]))
            source.size_bytes = static_cast<std::uint64_t>(*size);
        sources.push_back(std::move(source));
    }
    return sources;
}

std::vector<Table> all_tables(const Collected& collected) {
    std::vector<Table> result = collected.tables;
    result.push_back(sources_table(collected));
    if (!collected.message.empty()) {
        const std::string messages_name = "messages_" + collected.collector;
        Table messages = make_table({messages_name, "", message_columns});
        messages.rows.push_back({collected.message});
        result.push_back(std::move(messages));
    }
    return result;
}

std::string to_json(const Collected& collected) {
    std::string out = "{\"collected_at\":" + json_text(evidence::to_string(collected.collected_at));
    out += ",\"collector\":" + json_text(collected.collector);
    out += ",\"duration_ms\":" + std::to_string(collected.duration_ms);
    out += ",\"message\":" + (collected.message.empty() ? "null" : json_text(collected.message));
    out += ",\"reason\":" + (collected.reason ? json_text(evidence::reason_code(*collected.reason)) : "null");
    out += ",\"sources\":[";
    for (std::size_t i = 0; i < collected.sources.size(); ++i) {
        const Source& source = collected.sources[i];
        if (i != 0) out += ',';
        out += "{\"path\":" + json_text(source.path);
        out += ",\"sha256\":" + (source.sha256 ? json_text(*source.sha256) : "null");
        out += ",\"size\":" + (source.size_bytes ? std::to_string(*source.size_bytes) : "null") + "}";
    }
    out += "],\"status\":" + json_text(outcome_name(collected.outcome)) + ",\"tables\":{";
    bool first = true;
    for (const Table& table : all_tables(collected)) {
        if (!first) out += ',';
        first = false;
        append_table(out, table);
    }
    return out + "},\"version\":" + std::to_string(collected.version) + "}";
}

}  // namespace annexa::collectors
