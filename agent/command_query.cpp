// annexa-agent query: SQL over freshly collected tables.
#include "agent/commands.hpp"
#include "agent/local_collection.hpp"
#include "evidence/canonical_json.hpp"
#include "policies/database.hpp"
#include "terminal/output.hpp"

#include <unistd.h>
#include <ostream>
#include <set>

namespace annexa::agent {

using namespace terminal;
namespace {

// A person's question may be larger than a check's; these bound what a mistake costs.
constexpr policies::QueryLimits limits{2'000'000'000, 5'000'000, std::size_t{512} << 20};

/// Tables that could not be read make an answer wrong, not small: they end the command. What does not apply is empty.
void demand_tables(const Collection& collection, std::ostream& err) {
    std::string problems;
    for (const Collected& result : collection.results) {
        const std::string sentence = result.collector + ": " +
                                     (result.reason ? std::string{evidence::reason_code(*result.reason)} : "") +
                                     (result.message ? ": " + printable(*result.message) : "");
        if (result.status == evidence::Status::error) problems += "\n  " + sentence;
        if (result.status == evidence::Status::not_applicable)
            err << "annexa-agent: not applicable: " << sentence << '\n';
    }
    if (problems.empty()) return;
    const bool unprivileged = collection.machine && !collection.machine->privileged;
    throw evidence::error("the query cannot be answered, because tables could not be read:" + problems +
                          (unprivileged ? "\nrunning it as root may help" : ""));
}

void print_json(std::ostream& out, const evidence::Table& table) {
    std::set<std::string> names;
    for (const evidence::ColumnType& column : table.columns)
        if (!names.insert(column.name).second)
            throw evidence::error("two columns are called \"" + column.name + "\"; give one another name with AS");
    out << "[";
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        std::string line = row == 0 ? "\n{" : ",\n{";
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (i != 0) line.push_back(',');
            evidence::append_json_string(line, table.columns[i].name);
            const std::string cell = evidence::canonical_row({table.rows[row][i]});
            line += ":" + cell.substr(1, cell.size() - 2);
        }
        out << line << "}";
    }
    out << (table.rows.empty() ? "]\n" : "\n]\n");
}

}  // namespace

Exit command_query(const QueryOptions& options, std::ostream& out, std::ostream& err) {
    const std::set<std::string> tables = policies::tables_read(options.sql, policies::built_in_schemas());
    const Configuration configuration = local_configuration(options.configuration, options.root);
    policies::EvaluationDatabase database{policies::built_in_schemas(), policies::TableForm::full};
    if (!tables.empty()) {
        const Collection collection = collect_now(configuration, collectors_of(tables), options.root);
        demand_tables(collection, err);
        for (const Collected& result : collection.results)
            for (const evidence::Table& table : result.tables)
                if (policies::built_in_schemas().find(table.name) != nullptr) database.load(table);
    }
    policies::QueryResult result = database.run(options.sql, {}, evidence::SystemClock{}.now(), limits);
    evidence::Table answer;
    for (std::string& name : result.columns) answer.columns.push_back({std::move(name), evidence::Type::text});
    answer.rows = std::move(result.rows);
    switch (options.format) {
        case Format::json:
            print_json(out, answer);
            break;
        case Format::csv:
            print_csv(out, answer);
            break;
        case Format::text:
            print_aligned(out, answer, Paint::for_descriptor(STDOUT_FILENO));
            break;
    }
    return Exit::fine;
}

}  // namespace annexa::agent
