#include "policies/database.hpp"

#include "policies/clock_vfs.hpp"
#include "policies/query_functions.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace annexa::policies {
namespace {

using evidence::Row;
using evidence::Table;
using evidence::Type;
using evidence::Value;

constexpr int longest_value = 1 << 20;            // of a check's query: text, blob or row
constexpr int longest_loaded_value = 1 << 26;     // a row of a table has up to 256 cells of 1 MiB
constexpr int handler_steps = 1000;               // the step counter is asked this often
constexpr sqlite3_int64 most_memory = 256 << 20;  // that one query may add to SQLite's own

std::string lower_case(std::string_view text) {
    std::string lower{text};
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::string quoted_name(std::string_view name) {
    std::string text{"\""};
    for (const char c : name) text += c == '"' ? std::string{"\"\""} : std::string{c};
    return text + '"';
}

std::string_view affinity(Type type) {
    switch (type) {
        case Type::text:
            return "TEXT";
        case Type::integer:
            return "INTEGER";
        case Type::real:
            return "REAL";
        case Type::boolean:
            return "INTEGER";
    }
    return "";
}

struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

struct CloseConnection {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};

struct Prepared {
    Statement statement;
    QueryFacts facts;
};

struct TableState {
    const TableSchema* schema = nullptr;
    std::vector<const ColumnSchema*> columns;  // of the form that this database has
    Statement insert, empty;
    bool loaded = false;
};

}  // namespace

struct EvaluationDatabase::Connection {
    ClockVfs clock;  // outlives the connection
    std::unique_ptr<sqlite3, CloseConnection> database;
    TableForm form;
    std::map<std::string, TableSchema, std::less<>> schemas;
    std::map<std::string, TableState, std::less<>> tables;
    std::map<std::string, Prepared> queries;

    bool own_statements = true;   // what is prepared or run is ours, no query of a pack
    QueryFacts* facts = nullptr;  // of the query that is being prepared
    std::string refusal;          // the authorizer's words
    std::uint64_t steps_left = 0;
    sqlite3_int64 memory_at_start = 0;
    bool out_of_memory = false;

    Connection(const Schemas& from, TableForm which);
    void execute(const std::string& sql);
    Statement prepare_own(const std::string& sql);
    Prepared& prepare(const std::string& sql);
    void make_table(const TableSchema& schema);
    int authorize(int action, const char* first, const char* second);
    int authorize_read(const std::string& table, const std::string& column);
    int authorize_function(const std::string& function);
    [[noreturn]] void fail(const std::string& what);
    template <typename OnRow>
    void step(Prepared& query, const Parameters& parameters, evidence::Instant now, const QueryLimits& limits,
              OnRow&& on_row);
};

namespace {

using Connection = EvaluationDatabase::Connection;

int authorizer(void* connection, int action, const char* first, const char* second, const char*, const char*) {
    return static_cast<Connection*>(connection)->authorize(action, first, second);
}

int count_steps(void* connection) {
    auto& self = *static_cast<Connection*>(connection);
    if (sqlite3_memory_used() - self.memory_at_start > most_memory) {
        self.out_of_memory = true;
        return 1;
    }
    if (self.steps_left < handler_steps) {
        self.steps_left = 0;
        return 1;
    }
    self.steps_left -= handler_steps;
    return 0;
}

/// While it lives, the authorizer lets all pass: SQLite may prepare a statement of ours again when it first runs.
class OwnStatements {
  public:
    explicit OwnStatements(Connection& connection) : connection_{connection} {
        connection_.own_statements = true;
        connection_.steps_left = std::numeric_limits<std::uint64_t>::max();
        connection_.memory_at_start = std::numeric_limits<sqlite3_int64>::max();
    }
    ~OwnStatements() { connection_.own_statements = false; }
    OwnStatements(const OwnStatements&) = delete;
    OwnStatements& operator=(const OwnStatements&) = delete;

  private:
    Connection& connection_;
};

void bind(sqlite3_stmt* statement, int index, const Value& value) {
    struct Binder {
        sqlite3_stmt* statement;
        int index;
        int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
        int operator()(bool flag) const { return sqlite3_bind_int(statement, index, flag ? 1 : 0); }
        int operator()(std::int64_t whole) const { return sqlite3_bind_int64(statement, index, whole); }
        int operator()(double real) const { return sqlite3_bind_double(statement, index, real); }
        int operator()(const std::string& text) const {
            // As TEXT with its bytes as they are: as a BLOB it would escape LIKE and GLOB. SQLite's own string
            // functions stop at a NUL, which would hide what stands behind it.
            if (text.find('\0') == std::string::npos)
                return sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
            std::string replaced;
            for (const char c : text) replaced += c == '\0' ? std::string{"\xef\xbf\xbd"} : std::string{c};
            return sqlite3_bind_text(statement, index, replaced.data(), static_cast<int>(replaced.size()),
                                     SQLITE_TRANSIENT);
        }
    };
    if (std::visit(Binder{statement, index}, value) != SQLITE_OK) throw evidence::error("SQLite refused a value");
}

Value column_value(sqlite3_stmt* statement, int index) {
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, index));
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, index);
        case SQLITE_TEXT:
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, index));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
            return bytes == nullptr ? std::string{} : std::string{bytes, size};
        }
        default:
            return std::monostate{};
    }
}

std::size_t size_of(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? 8 : text->size() + 2;
}

}  // namespace

Connection::Connection(const Schemas& from, TableForm which) : form{which}, schemas{from.tables} {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                     clock.name());
    database.reset(raw);
    if (code != SQLITE_OK) throw evidence::error("SQLite cannot open a database in memory");
    const auto configure = [&](int option, int value) { sqlite3_db_config(raw, option, value, nullptr); };
    configure(SQLITE_DBCONFIG_DEFENSIVE, 1);
    configure(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    configure(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
    // A misspelt "column" in double quotes would be a string, and compare with nothing: a false pass.
    configure(SQLITE_DBCONFIG_DQS_DML, 0);
    configure(SQLITE_DBCONFIG_DQS_DDL, 0);
    execute("PRAGMA temp_store = MEMORY");
    const char* modules[] = {"json_each", "json_tree", nullptr};
    sqlite3_drop_modules(raw, modules);
    // A table-valued function declares its columns, by statements of SQLite's own, when it is first named.
    execute("SELECT 1 FROM json_each('[]'), json_tree('[]')");
    add_functions(raw);
    for (const auto& [table, schema] : schemas) make_table(schema);
    sqlite3_limit(raw, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(raw, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
    sqlite3_limit(raw, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(raw, SQLITE_LIMIT_COMPOUND_SELECT, 100);
    sqlite3_limit(raw, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
    sqlite3_limit(raw, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_set_authorizer(raw, authorizer, this);
    sqlite3_progress_handler(raw, handler_steps, count_steps, this);
    own_statements = false;
}

void Connection::fail(const std::string& what) {
    const int offset = sqlite3_error_offset(database.get());
    throw query_error(what, offset);
}

void Connection::execute(const std::string& sql) {
    if (sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw evidence::error(std::string{"SQLite: "} + sqlite3_errmsg(database.get()));
}

Statement Connection::prepare_own(const std::string& sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(database.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) throw evidence::error(std::string{"SQLite: "} + sqlite3_errmsg(database.get()));
    return Statement{raw};
}

void Connection::make_table(const TableSchema& schema) {
    TableState state;
    state.schema = &schema;
    std::string columns, marks;
    for (const ColumnSchema& column : schema.columns) {
        if (form == TableForm::evidence && column.is_volatile) continue;
        state.columns.push_back(&column);
        columns += (columns.empty() ? "" : ", ") + quoted_name(column.name) + ' ' + std::string{affinity(column.type)};
        marks += marks.empty() ? "?" : ", ?";
    }
    if (state.columns.empty()) return;  // a table of nothing but volatile columns has no evidence form
    execute("CREATE TABLE " + quoted_name(schema.name) + " (" + columns + ")");
    state.insert = prepare_own("INSERT INTO " + quoted_name(schema.name) + " VALUES (" + marks + ")");
    state.empty = prepare_own("DELETE FROM " + quoted_name(schema.name));
    tables.emplace(schema.name, std::move(state));
}

int Connection::authorize_read(const std::string& table, const std::string& column) {
    const std::string name = lower_case(table);
    if (const auto known = tables.find(name); known != tables.end()) {
        if (facts != nullptr) {
            std::set<std::string>& columns = facts->reads[known->first];
            // Where no column is read (count(*)), SQLite names none; rowid is no column of ours.
            if (known->second.schema->find(column) != nullptr) columns.insert(column);
        }
        return SQLITE_OK;
    }
    if (name == "json_each" || name == "json_tree") return SQLITE_OK;
    // A common table expression of which no column is read comes here by its name; SQLite's own tables must not.
    if (column.empty() && !name.starts_with("sqlite_") && !name.starts_with("pragma_")) return SQLITE_OK;
    refusal = "no such table: " + table;
    return SQLITE_DENY;
}

int Connection::authorize_function(const std::string& function) {
    const std::string name = lower_case(function);
    if (is_check_function(name) || (form == TableForm::full && is_query_function(name))) return SQLITE_OK;
    refusal = is_query_function(name)
                  ? "the function " + name + " reads a clock or a time zone: use :now and utc_date()"
                  : "the function " + name + " is not allowed";
    return SQLITE_DENY;
}

int Connection::authorize(int action, const char* first, const char* second) {
    if (own_statements) return SQLITE_OK;
    const std::string one = first == nullptr ? "" : first;
    const std::string two = second == nullptr ? "" : second;
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE:
            return SQLITE_OK;
        case SQLITE_READ:
            return authorize_read(one, two);
        case SQLITE_FUNCTION:
            return authorize_function(two);
        default:
            refusal = "only a SELECT is allowed";
            return SQLITE_DENY;
    }
}

Prepared& Connection::prepare(const std::string& sql) {
    if (const auto known = queries.find(sql); known != queries.end()) return known->second;
    if (sql.find('\0') != std::string::npos) throw query_error("a query holds no NUL", -1);
    Prepared query;
    sqlite3_limit(database.get(), SQLITE_LIMIT_LENGTH, longest_value);
    refusal.clear();
    facts = &query.facts;
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(database.get(), sql.c_str(), static_cast<int>(sql.size()) + 1,
                                        SQLITE_PREPARE_PERSISTENT, &raw, &rest);
    facts = nullptr;
    query.statement.reset(raw);
    if (code != SQLITE_OK) fail(refusal.empty() ? sqlite3_errmsg(database.get()) : refusal);
    if (raw == nullptr || sqlite3_column_count(raw) == 0) throw query_error("expected a SELECT", -1);
    if (sqlite3_stmt_isexplain(raw) != 0 || sqlite3_stmt_readonly(raw) == 0)
        throw query_error("only a SELECT is allowed", 0);
    sqlite3_stmt* second = nullptr;
    const int offset = static_cast<int>(rest - sql.c_str());
    const int rest_code = sqlite3_prepare_v2(database.get(), rest, -1, &second, nullptr);
    const bool more = second != nullptr || rest_code != SQLITE_OK;
    sqlite3_finalize(second);
    if (more) throw query_error("expected one SELECT, and nothing after it", offset);
    for (int i = 0; i < sqlite3_column_count(raw); ++i) {
        const char* column = sqlite3_column_name(raw, i);
        query.facts.columns.emplace_back(column == nullptr ? "" : column);
    }
    for (int i = 1; i <= sqlite3_bind_parameter_count(raw); ++i) {
        const char* name = sqlite3_bind_parameter_name(raw, i);
        if (name == nullptr || name[0] != ':')
            throw query_error(std::string{"expected a parameter as :name, not "} + (name == nullptr ? "?" : name), -1);
        query.facts.parameters.insert(name + 1);
    }
    return queries.emplace(sql, std::move(query)).first->second;
}

template <typename OnRow>
void Connection::step(Prepared& query, const Parameters& parameters, evidence::Instant now, const QueryLimits& limits,
                      OnRow&& on_row) {
    sqlite3_stmt* const statement = query.statement.get();
    struct Reset {
        sqlite3_stmt* statement;
        ~Reset() {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
        }
    } const reset{statement};
    std::vector<Value> bound;  // SQLite reads texts in place
    bound.reserve(query.facts.parameters.size());
    for (const std::string& name : query.facts.parameters) {
        if (name == "now") {
            bound.emplace_back(evidence::unix_seconds(now));
        } else {
            const auto parameter = parameters.find(name);
            if (parameter == parameters.end()) throw query_error("no parameter :" + name, -1);
            bound.push_back(bound_value(parameter->second));
        }
        bind(statement, sqlite3_bind_parameter_index(statement, (":" + name).c_str()), bound.back());
    }
    clock.set(now);
    steps_left = limits.steps;
    memory_at_start = sqlite3_memory_used();
    out_of_memory = false;
    sqlite3_limit(database.get(), SQLITE_LIMIT_LENGTH, longest_value);
    while (true) {
        const int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) return;
        if (code == SQLITE_ROW) {
            on_row(statement);
        } else if (code == SQLITE_INTERRUPT) {
            throw query_error(out_of_memory
                                  ? "the query needs more than " + std::to_string(most_memory >> 20) + " MiB of memory"
                                  : "the query runs longer than " + std::to_string(limits.steps) + " steps",
                              -1);
        } else {
            throw query_error(sqlite3_errmsg(database.get()), -1);
        }
    }
}

EvaluationDatabase::EvaluationDatabase(const Schemas& schemas, TableForm form)
    : connection_{std::make_unique<Connection>(schemas, form)} {}
EvaluationDatabase::~EvaluationDatabase() = default;
EvaluationDatabase::EvaluationDatabase(EvaluationDatabase&&) noexcept = default;
EvaluationDatabase& EvaluationDatabase::operator=(EvaluationDatabase&&) noexcept = default;

void EvaluationDatabase::clear() {
    const OwnStatements ours{*connection_};
    for (auto& [name, table] : connection_->tables) {
        if (!table.loaded) continue;
        sqlite3_step(table.empty.get());
        if (sqlite3_reset(table.empty.get()) != SQLITE_OK)
            throw evidence::error("SQLite cannot empty the table " + name);
        table.loaded = false;
    }
}

void EvaluationDatabase::load(const Table& table) {
    Connection& connection = *connection_;
    const auto found = connection.tables.find(table.name);
    if (found == connection.tables.end()) throw evidence::error("there is no table " + table.name);
    TableState& state = found->second;

    constexpr std::size_t lacking = static_cast<std::size_t>(-1);
    std::vector<std::size_t> from;
    for (const ColumnSchema* column : state.columns) {
        const auto at = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&](const evidence::ColumnType& c) { return c.name == column->name; });
        if (at != table.columns.end() && at->type != column->type)
            throw evidence::error("table " + table.name + ", column " + column->name + ": expected type " +
                                  std::string{evidence::type_name(column->type)});
        from.push_back(at == table.columns.end() ? lacking : static_cast<std::size_t>(at - table.columns.begin()));
    }
    // In the order of evidence whatever order they came in, so that a query without ORDER BY sees the same everywhere.
    std::vector<std::pair<std::string, Row>> rows;
    rows.reserve(table.rows.size());
    for (const Row& row : table.rows) {
        Row cells;
        cells.reserve(from.size());
        for (const std::size_t index : from) cells.push_back(index == lacking ? Value{} : row.at(index));
        std::string order = evidence::canonical_row(cells);
        rows.emplace_back(std::move(order), std::move(cells));
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

    const OwnStatements ours{connection};
    sqlite3_limit(connection.database.get(), SQLITE_LIMIT_LENGTH, longest_loaded_value);
    sqlite3_step(state.empty.get());
    sqlite3_reset(state.empty.get());
    state.loaded = true;
    sqlite3_stmt* const insert = state.insert.get();
    for (const auto& [order, cells] : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i) bind(insert, static_cast<int>(i) + 1, cells[i]);
        const int code = sqlite3_step(insert);
        sqlite3_reset(insert);
        if (code != SQLITE_DONE)
            throw evidence::error("table " + table.name + ": " + sqlite3_errmsg(connection.database.get()));
    }
    sqlite3_clear_bindings(insert);
}

bool EvaluationDatabase::loaded(std::string_view table) const {
    const auto found = connection_->tables.find(table);
    return found != connection_->tables.end() && found->second.loaded;
}

QueryFacts EvaluationDatabase::examine(const std::string& sql) { return connection_->prepare(sql).facts; }

QueryResult EvaluationDatabase::run(const std::string& sql, const Parameters& parameters, evidence::Instant now,
                                    const QueryLimits& limits) {
    Prepared& query = connection_->prepare(sql);
    QueryResult result;
    result.columns = query.facts.columns;
    std::size_t bytes = 0;
    connection_->step(query, parameters, now, limits, [&](sqlite3_stmt* statement) {
        Row row;
        for (int i = 0; i < static_cast<int>(result.columns.size()); ++i) {
            row.push_back(column_value(statement, i));
            if (const auto* real = std::get_if<double>(&row.back()); real != nullptr && !std::isfinite(*real))
                throw query_error("the query returns a number that is not finite", -1);
            bytes += size_of(row.back());
        }
        if (result.rows.size() >= limits.rows)
            throw query_error("the query returns more than " + std::to_string(limits.rows) + " rows", -1);
        if (bytes > limits.bytes)
            throw query_error("the query returns more than " + std::to_string(limits.bytes) + " bytes", -1);
        result.rows.push_back(std::move(row));
    });
    return result;
}

std::int64_t EvaluationDatabase::count(const std::string& sql, const Parameters& parameters, evidence::Instant now,
                                       const QueryLimits& limits) {
    std::int64_t rows = 0;
    connection_->step(connection_->prepare(sql), parameters, now, limits, [&](sqlite3_stmt*) { ++rows; });
    return rows;
}

std::set<std::string> tables_read(const std::string& sql, const Schemas& schemas) {
    EvaluationDatabase database{schemas, TableForm::full};
    std::set<std::string> tables;
    for (const auto& [table, columns] : database.examine(sql).reads) tables.insert(table);
    return tables;
}

std::string_view sqlite_version() { return sqlite3_libversion(); }

}  // namespace annexa::policies
