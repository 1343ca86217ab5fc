#include "collectors/documentation.hpp"

#include "evidence/canonical_json.hpp"

namespace annexa::collectors {
namespace {

std::string quoted(std::string_view text) {
    std::string out;
    evidence::append_json_string(out, text);
    return out;
}

std::string truth(bool value) { return value ? "true" : "false"; }

std::string cost_name(Cost cost) { return quoted(cost == Cost::deep ? "deep" : "fast"); }

std::string capabilities(const Collector& collector) {
    std::string out = "[";
    for (const std::string_view name : capability_names(collector.needs))
        out += (out.size() == 1 ? "" : ", ") + quoted(name);
    return out + "]";
}

std::string collector_json(const Collector& collector) {
    std::string tables;
    for (const TableDefinition& table : collector.tables) tables += (tables.empty() ? "" : ", ") + quoted(table.name);
    return "  {\"name\": " + quoted(collector.name) + ", \"version\": " + std::to_string(collector.version) +
           ", \"cost\": " + cost_name(collector.cost) + ", \"reads_images\": " + truth(collector.reads_images) +
           ", \"runs_programs\": " + truth(collector.runs_programs) + ", \"capabilities\": " + capabilities(collector) +
           ",\n   \"sources\": " + quoted(collector.sources) + ", \"tables\": [" + tables + "]}";
}

std::string table_json(const Collector& collector, const TableDefinition& table) {
    std::string columns;
    for (const Column& column : table.columns)
        columns += (columns.empty() ? "\n" : ",\n") + ("    {\"name\": " + quoted(column.name)) +
                   ", \"type\": " + quoted(evidence::type_name(column.type)) +
                   ", \"nullable\": " + truth(column.nullable()) + ", \"volatile\": " + truth(column.is_volatile()) +
                   ", \"description\": " + quoted(column.description) + "}";
    return "  {\"table\": " + quoted(table.name) + ", \"description\": " + quoted(table.description) +
           ", \"collector\": " + quoted(collector.name) + ",\n   \"columns\": [" + columns +
           "],\n   \"sources\": " + quoted(collector.sources) + ", \"reads_images\": " + truth(collector.reads_images) +
           ", \"capabilities\": " + capabilities(collector) + ", \"cost\": " + cost_name(collector.cost) + "}";
}

}  // namespace

std::vector<std::string_view> capability_names(Capability needs) {
    std::vector<std::string_view> names;
    if (has(needs, Capability::dac_read_search)) names.emplace_back("dac_read_search");
    if (has(needs, Capability::net_admin)) names.emplace_back("net_admin");
    if (has(needs, Capability::sys_ptrace)) names.emplace_back("sys_ptrace");
    if (has(needs, Capability::audit_control)) names.emplace_back("audit_control");
    return names;
}

std::string schemas_json(std::span<const Collector* const> collectors) {
    std::string list;
    std::string tables;
    for (const Collector* collector : collectors) {
        list += (list.empty() ? "\n" : ",\n") + collector_json(*collector);
        for (const TableDefinition& table : collector->tables)
            tables += (tables.empty() ? "\n" : ",\n") + table_json(*collector, table);
    }
    return "{\n \"collectors\": [" + list + "\n ],\n \"tables\": [" + tables + "\n ]\n}\n";
}

}  // namespace annexa::collectors
