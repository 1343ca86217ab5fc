// A thin cover over the SQLite C API: handles that close themselves, errors that say what failed.
#pragma once

#include "evidence/errors.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace annexa::agent {

/// A failure of SQLite, by what it means for the spool.
class database_error : public evidence::error {
  public:
    enum class Kind { corrupt, full, other };
    database_error(Kind kind, const std::string& message) : error(message), kind_{kind} {}
    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

/// A prepared statement: bind in order, step through rows. Not thread-safe.
class Query {
  public:
    Query(sqlite3* database, std::string_view sql);
    Query& bind(std::int64_t value);
    Query& bind(std::string_view text);
    Query& bind_blob(std::string_view bytes);
    Query& bind_null();
    Query& bind(const std::optional<std::int64_t>& value) { return value ? bind(*value) : bind_null(); }
    /// True where there is a row.
    bool step();
    /// Runs to the end.
    void run();
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;  // bytes of a text or blob
    [[nodiscard]] bool is_null(int column) const;

  private:
    struct Finalise {
        void operator()(sqlite3_stmt* statement) const;
    };
    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, Finalise> statement_;
    int next_ = 1;
};

class Database {
  public:
    /// Opens or makes the file.
    explicit Database(const std::filesystem::path& file);
    Query query(std::string_view sql) { return Query{handle_.get(), sql}; }
    void execute(const char* sql);
    [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

/// BEGIN IMMEDIATE; rolled back unless commit() was called.
class Transaction {
  public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

  private:
    Database& database_;
    bool open_ = true;
};

}  // namespace annexa::agent
