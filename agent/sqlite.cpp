#include "agent/sqlite.hpp"

#include <sqlite3.h>

namespace annexa::agent {
namespace {

[[noreturn]] void fail(sqlite3* database, int code, const std::string& what) {
    using Kind = database_error::Kind;
    const int primary = code & 0xFF;
    const Kind kind = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? Kind::corrupt
                      : primary == SQLITE_FULL || code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC
                          ? Kind::full
                          : Kind::other;
    throw database_error(kind, what + ": " + (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code)));
}

}  // namespace

void Query::Finalise::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Query::Query(sqlite3* database, std::string_view sql) : database_{database} {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    statement_.reset(statement);
    if (code != SQLITE_OK) fail(database, code, "the spool cannot be asked");
}

Query& Query::bind(std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), next_++, value);
    return *this;
}

Query& Query::bind(std::string_view text) {
    sqlite3_bind_text(statement_.get(), next_++, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
}

Query& Query::bind_blob(std::string_view bytes) {
    sqlite3_bind_blob(statement_.get(), next_++, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
    return *this;
}

Query& Query::bind_null() {
    sqlite3_bind_null(statement_.get(), next_++);
    return *this;
}

bool Query::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail(database_, sqlite3_extended_errcode(database_), "the spool failed");
    return false;
}

void Query::run() {
    while (step()) {
    }
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Query::text(int column) const {
    const void* bytes = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return bytes == nullptr ? std::string{}
                            : std::string{static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::filesystem::path& file) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) fail(handle, code, "the spool " + file.string() + " cannot be opened");
    sqlite3_extended_result_codes(handle, 1);
}

void Database::execute(const char* sql) {
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(handle_.get(), code, "the spool failed");
}

Transaction::Transaction(Database& database) : database_{database} { database_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
    if (open_ && sqlite3_get_autocommit(database_.handle()) == 0)
        sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

}  // namespace annexa::agent
