// The database that queries see: in memory, one host's tables and nothing else, read-only, bounded, without clock or
// chance.
//
// An authorizer admits SELECT over the tables of the schemas and an allow-list of functions when a query is prepared;
// the connection's VFS opens no file and its clock stands at `now`; every query ends after a number of SQLite steps
// that depends on nothing but the query and the rows. So a verdict is the same on host, store and auditor's laptop.
#pragma once

#include "evidence/errors.hpp"
#include "evidence/instant.hpp"
#include "evidence/table.hpp"
#include "policies/parameter.hpp"
#include "policies/schema.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

/// evidence: without volatile columns, the only form over which checks run. full: as collected, for `query`.
enum class TableForm { evidence, full };

struct QueryLimits {
    std::uint64_t steps = 50'000'000;  // of SQLite's virtual machine
    std::size_t rows = 10'000;
    std::size_t bytes = std::size_t{1} << 20;  // of the result
};

struct QueryResult {
    std::vector<std::string> columns;
    std::vector<evidence::Row> rows;  // in the order in which SQLite returned them
};

/// What the preparation of a query found out.
struct QueryFacts {
    std::vector<std::string> columns;                    // that it returns
    std::map<std::string, std::set<std::string>> reads;  // table → columns
    std::set<std::string> parameters;                    // names without colon; `now` among them where it is read
};

/// A query that is no valid query here, or that went past a limit. offset: byte in the SQL where known, else -1.
class query_error : public evidence::error {
  public:
    query_error(const std::string& what, int offset) : error(what), offset_{offset} {}
    [[nodiscard]] int offset() const { return offset_; }

  private:
    int offset_;
};

/// Makes the empty tables of all schemas once; may be used for one host after another. Not thread-safe: one a thread.
class EvaluationDatabase {
  public:
    EvaluationDatabase(const Schemas& schemas, TableForm form);
    ~EvaluationDatabase();
    EvaluationDatabase(EvaluationDatabase&&) noexcept;
    EvaluationDatabase& operator=(EvaluationDatabase&&) noexcept;

    /// Empties all tables: the next host.
    void clear();

    /// Replaces the rows of a table. Columns are taken by name: those that the schema does not know are left out, those
    /// that the table lacks are NULL. Throws evidence::error where a column is of another type or there is no such
    /// table.
    void load(const evidence::Table& table);

    /// True once load() has filled it since the last clear().
    [[nodiscard]] bool loaded(std::string_view table) const;

    /// Prepares without running. Throws query_error.
    QueryFacts examine(const std::string& sql);

    /// Runs one query. Throws query_error, also where a parameter that it uses is not given.
    QueryResult run(const std::string& sql, const Parameters& parameters, evidence::Instant now,
                    const QueryLimits& limits = {});

    /// Counts the rows of a query without keeping them; bounded by steps alone.
    std::int64_t count(const std::string& sql, const Parameters& parameters, evidence::Instant now,
                       const QueryLimits& limits = {});

    struct Connection;  // defined in database.cpp

  private:
    std::unique_ptr<Connection> connection_;
};

/// The tables that a query reads, for `annexa-agent query`: so that only they are collected. Throws query_error.
std::set<std::string> tables_read(const std::string& sql, const Schemas& schemas);

/// The version of the SQLite that is linked in; it stands in every result.
std::string_view sqlite_version();

}  // namespace annexa::policies
