// The schemas of all tables, as `annexa-collect --schemas` prints them and policies/tables.json keeps them.
//
// Owning, unlike evidence::TableDefinition: the programs that evaluate link no collector.
#pragma once

#include "evidence/table.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

struct ColumnSchema {
    std::string name;
    evidence::Type type = evidence::Type::text;
    bool nullable = false;
    bool is_volatile = false;  // in no evidence: `query` and `collect` show it, a check may not read it
    std::string description;
};

struct TableSchema {
    std::string name;
    std::string description;
    std::string collector;  // who makes it
    std::vector<ColumnSchema> columns;
    std::string sources;  // for people
    bool reads_images = false;
    std::vector<std::string> capabilities;
    std::string cost;  // "fast" or "deep"

    /// Nothing where there is no such column. Names are compared as written.
    [[nodiscard]] const ColumnSchema* find(std::string_view column) const;
};

struct CollectorSchema {
    std::string name;
    int version = 0;
    std::string cost;
    bool reads_images = false;
    bool runs_programs = false;
    std::vector<std::string> capabilities;
    std::string sources;
    std::vector<std::string> tables;
};

/// All that there is to read on a host.
struct Schemas {
    std::map<std::string, TableSchema, std::less<>> tables;
    std::map<std::string, CollectorSchema, std::less<>> collectors;

    [[nodiscard]] const TableSchema* find(std::string_view table) const;
};

/// Reads tables.json. Throws evidence::error naming what is wrong in it.
Schemas load_schemas(std::string_view tables_json);

/// Those that this program was built with.
const Schemas& built_in_schemas();

/// The table without the columns that the schema calls volatile; columns that it does not know stay.
evidence::Table evidence_form(evidence::Table table, const TableSchema& schema);

}  // namespace annexa::policies
