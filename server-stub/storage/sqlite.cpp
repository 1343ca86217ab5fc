#include "server-stub/storage/sqlite.hpp"

#include "server-stub/storage/store.hpp"

#include <sqlite3.h>
#include <limits>

namespace annexa::store::sqlite {

void Connection::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Connection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Connection::Connection(const std::filesystem::path& file, Mode mode) : file_{file.string()} {
    int flags = SQLITE_OPEN_NOMUTEX;
    if (mode == Mode::create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (mode == Mode::read_write) flags |= SQLITE_OPEN_READWRITE;
    if (mode == Mode::read_only) flags |= SQLITE_OPEN_READONLY;
    sqlite3* handle = nullptr;
    const int result = sqlite3_open_v2(file_.c_str(), &handle, flags, nullptr);
    handle_.reset(handle);
    if (result != SQLITE_OK) {
        if (handle == nullptr) throw store_unavailable(file_ + ": no memory for SQLite");
        fail("cannot be opened");
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 10'000);
    // A database may come from elsewhere (restore): nothing in its schema may call functions or load code.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

void Connection::fail(const std::string& doing) const {
    const int code = sqlite3_extended_errcode(handle_.get());
    const std::string what = file_ + ": " + doing + ": " + sqlite3_errmsg(handle_.get());
    if ((code & 0xff) == SQLITE_CONSTRAINT) throw contradiction(what);
    throw store_unavailable(what);
}

void Connection::execute(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        fail(std::string{"cannot run "} + std::string{sql}.substr(0, 60));
}

sqlite3_stmt* Connection::prepared(std::string_view sql) {
    auto& statement = statements_[sql];
    if (!statement) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                               &made, nullptr) != SQLITE_OK)
            fail("cannot prepare " + std::string{sql.substr(0, 60)});
        statement.reset(made);
    }
    return statement.get();
}

Query::Query(Connection& connection, std::string_view sql)
    : connection_{connection}, statement_{connection.prepared(sql)} {}

Query::~Query() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::string_view text) {
    if (sqlite3_bind_text64(statement_, ++parameter_, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK)
        connection_.fail("cannot bind");
    return *this;
}

Query& Query::bind_bytes(std::string_view bytes) {
    if (sqlite3_bind_blob64(statement_, ++parameter_, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                            SQLITE_TRANSIENT) != SQLITE_OK)
        connection_.fail("cannot bind");
    return *this;
}

Query& Query::bind(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw contradiction("a number is too large for the database");
    return bind(static_cast<std::int64_t>(number));
}

Query& Query::bind(std::int64_t number) {
    if (sqlite3_bind_int64(statement_, ++parameter_, number) != SQLITE_OK) connection_.fail("cannot bind");
    return *this;
}

Query& Query::bind(double number) {
    if (sqlite3_bind_double(statement_, ++parameter_, number) != SQLITE_OK) connection_.fail("cannot bind");
    return *this;
}

Query& Query::bind(evidence::Instant instant) {
    return bind(static_cast<std::int64_t>(instant.time_since_epoch().count()));
}
Query& Query::bind(const evidence::Digest& digest) { return bind_bytes(digest.view()); }

Query& Query::bind_null() {
    if (sqlite3_bind_null(statement_, ++parameter_) != SQLITE_OK) connection_.fail("cannot bind");
    return *this;
}

bool Query::step() {
    column_ = 0;
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    connection_.fail("cannot read or write");
}

void Query::run() {
    while (step()) {
    }
}

int Query::changed() const { return sqlite3_changes(connection_.get()); }

bool Query::null() {
    if (sqlite3_column_type(statement_, column_) != SQLITE_NULL) return false;
    ++column_;
    return true;
}

std::string Query::text() {
    const void* bytes = sqlite3_column_blob(statement_, column_);
    const int size = sqlite3_column_bytes(statement_, column_);
    ++column_;
    return bytes == nullptr ? std::string{}
                            : std::string{static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::int64_t Query::integer() { return sqlite3_column_int64(statement_, column_++); }
std::uint64_t Query::number() { return static_cast<std::uint64_t>(integer()); }
double Query::real() { return sqlite3_column_double(statement_, column_++); }
evidence::Instant Query::instant() { return evidence::Instant{std::chrono::milliseconds{integer()}}; }
evidence::Digest Query::digest() { return evidence::Digest::from_bytes(text()); }

std::optional<std::string> Query::optional_text() { return null() ? std::nullopt : std::optional{text()}; }
std::optional<std::uint64_t> Query::optional_number() { return null() ? std::nullopt : std::optional{number()}; }
std::optional<evidence::Instant> Query::optional_instant() { return null() ? std::nullopt : std::optional{instant()}; }
std::optional<evidence::Digest> Query::optional_digest() { return null() ? std::nullopt : std::optional{digest()}; }

Transaction::Transaction(Connection& connection) : connection_{connection} { connection_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
    // A failed statement may have rolled back already; an error here leaves nothing that was not there before.
    if (open_ && sqlite3_get_autocommit(connection_.get()) == 0)
        sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    connection_.execute("COMMIT");
    open_ = false;
}

}  // namespace annexa::store::sqlite
