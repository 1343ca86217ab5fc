#include "policies/schema.hpp"

#include "embedded/policies_data.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::error;
using nlohmann::json;

ColumnSchema read_column(const json& from) {
    const auto type = evidence::parse_type(from.at("type").get<std::string>());
    if (!type) throw error("column " + from.at("name").get<std::string>() + " has no known type");
    return {from.at("name").get<std::string>(), *type, from.at("nullable").get<bool>(), from.at("volatile").get<bool>(),
            from.at("description").get<std::string>()};
}

TableSchema read_table(const json& from) {
    TableSchema table;
    table.name = from.at("table").get<std::string>();
    table.description = from.at("description").get<std::string>();
    table.collector = from.at("collector").get<std::string>();
    for (const json& column : from.at("columns")) table.columns.push_back(read_column(column));
    table.sources = from.at("sources").get<std::string>();
    table.reads_images = from.at("reads_images").get<bool>();
    table.capabilities = from.at("capabilities").get<std::vector<std::string>>();
    table.cost = from.at("cost").get<std::string>();
    return table;
}

CollectorSchema read_collector(const json& from) {
    return {from.at("name").get<std::string>(),    from.at("version").get<int>(),
            from.at("cost").get<std::string>(),    from.at("reads_images").get<bool>(),
            from.at("runs_programs").get<bool>(),  from.at("capabilities").get<std::vector<std::string>>(),
            from.at("sources").get<std::string>(), from.at("tables").get<std::vector<std::string>>()};
}

}  // namespace

const ColumnSchema* TableSchema::find(std::string_view column) const {
    const auto at =
        std::find_if(columns.begin(), columns.end(), [&](const ColumnSchema& c) { return c.name == column; });
    return at == columns.end() ? nullptr : &*at;
}

const TableSchema* Schemas::find(std::string_view table) const {
    const auto at = tables.find(table);
    return at == tables.end() ? nullptr : &at->second;
}

Schemas load_schemas(std::string_view tables_json) {
    Schemas schemas;
    try {
        const json document = evidence::parse_json(tables_json);
        for (const json& entry : document.at("collectors")) {
            CollectorSchema collector = read_collector(entry);
            schemas.collectors.insert_or_assign(collector.name, std::move(collector));
        }
        for (const json& entry : document.at("tables")) {
            TableSchema table = read_table(entry);
            if (schemas.find(table.name) != nullptr) throw error("table " + table.name + " stands there twice");
            if (!schemas.collectors.contains(table.collector))
                throw error("table " + table.name + " is of the collector " + table.collector +
                            ", which is not listed");
            schemas.tables.insert_or_assign(table.name, std::move(table));
        }
    } catch (const json::exception& problem) {
        throw error(std::string{"tables.json: "} + problem.what());
    } catch (const error& problem) {
        throw error(std::string{"tables.json: "} + problem.what());
    }
    return schemas;
}

const Schemas& built_in_schemas() {
    static const Schemas schemas = load_schemas(embedded::policies_data().at("tables.json"));
    return schemas;
}

evidence::Table evidence_form(evidence::Table table, const TableSchema& schema) {
    std::vector<bool> keep;
    for (const evidence::ColumnType& column : table.columns) {
        const ColumnSchema* known = schema.find(column.name);
        keep.push_back(known == nullptr || !known->is_volatile);
    }
    const auto filter = [&keep](auto& cells) {
        std::size_t to = 0;
        for (std::size_t from = 0; from < cells.size() && from < keep.size(); ++from)
            if (keep[from]) {
                if (to != from) cells[to] = std::move(cells[from]);
                ++to;
            }
        cells.resize(to);
    };
    filter(table.columns);
    for (evidence::Row& row : table.rows) filter(row);
    return table;
}

}  // namespace annexa::policies
