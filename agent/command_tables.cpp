// annexa-agent tables: what there is to query.
#include "agent/commands.hpp"
#include "evidence/errors.hpp"
#include "policies/schema.hpp"
#include "terminal/output.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>
#include <ostream>

namespace annexa::agent {

using namespace terminal;
namespace {

using nlohmann::ordered_json;
using policies::ColumnSchema;
using policies::TableSchema;

ordered_json as_json(const TableSchema& table) {
    ordered_json columns = ordered_json::array();
    for (const ColumnSchema& column : table.columns)
        columns.push_back({{"name", column.name},
                           {"type", evidence::type_name(column.type)},
                           {"nullable", column.nullable},
                           {"volatile", column.is_volatile},
                           {"description", column.description}});
    return {{"table", table.name},
            {"description", table.description},
            {"collector", table.collector},
            {"columns", columns},
            {"sources", table.sources},
            {"reads_images", table.reads_images},
            {"capabilities", table.capabilities},
            {"cost", table.cost}};
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

void print_one(std::ostream& out, const TableSchema& table, const Paint& paint) {
    out << paint(Colour::bold, table.name) << "\n  " << table.description << "\n\n";
    evidence::Table columns{"",
                            {{"column", evidence::Type::text},
                             {"type", evidence::Type::text},
                             {"", evidence::Type::text},
                             {"description", evidence::Type::text}},
                            {}};
    for (const ColumnSchema& column : table.columns)
        columns.rows.push_back({column.name, std::string{evidence::type_name(column.type)},
                                std::string{column.nullable ? "nullable" : ""} +
                                    (column.nullable && column.is_volatile ? ", " : "") +
                                    (column.is_volatile ? "volatile" : ""),
                                column.description});
    print_aligned(out, columns, paint);
    out << "\nsources     " << table.sources << "\nimages      "
        << (table.reads_images ? "read with --root" : "needs the running system") << "\nprivilege   "
        << (table.capabilities.empty() ? "none" : joined(table.capabilities)) << "\ncost        " << table.cost
        << "\ncollector   " << table.collector << '\n';
}

}  // namespace

Exit command_tables(const TablesOptions& options, std::ostream& out, std::ostream&) {
    const policies::Schemas& schemas = policies::built_in_schemas();
    if (options.table && schemas.find(*options.table) == nullptr)
        throw evidence::error("there is no table \"" + *options.table + "\"; `annexa-agent tables` lists them");
    if (options.format == Format::json) {
        ordered_json all = ordered_json::array();
        for (const auto& [name, table] : schemas.tables)
            if (!options.table || *options.table == name) all.push_back(as_json(table));
        out << all.dump(1) << '\n';
        return Exit::fine;
    }
    const Paint paint = Paint::for_descriptor(STDOUT_FILENO);
    if (options.table) {
        print_one(out, *schemas.find(*options.table), paint);
        return Exit::fine;
    }
    evidence::Table list{
        "",
        {{"table", evidence::Type::text}, {"columns", evidence::Type::integer}, {"description", evidence::Type::text}},
        {}};
    for (const auto& [name, table] : schemas.tables)
        list.rows.push_back({name, static_cast<std::int64_t>(table.columns.size()), table.description});
    print_aligned(out, list, paint);
    return Exit::fine;
}

}  // namespace annexa::agent
