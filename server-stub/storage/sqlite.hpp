// SQLite as the storage backend uses it: connections and prepared statements as values that close themselves. Only
// storage/*.cpp includes this.
#pragma once

#include "evidence/digest.hpp"
#include "evidence/instant.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace annexa::store::sqlite {

/// One connection; not thread-safe. Whatever SQLite refuses is thrown: store_unavailable, or contradiction where a
/// constraint of the schema does not hold.
class Connection {
  public:
    enum class Mode { create, read_write, read_only };
    Connection(const std::filesystem::path& file, Mode mode);

    void execute(const char* sql);
    [[nodiscard]] sqlite3* get() const { return handle_.get(); }
    /// A statement prepared once for this connection, reset and without parameters. `sql` lives as long as the program.
    sqlite3_stmt* prepared(std::string_view sql);
    [[noreturn]] void fail(const std::string& doing) const;

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::string file_;
    std::unique_ptr<sqlite3, Close> handle_;
    std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

/// One run of a prepared statement. Parameters are bound in their order, columns are read in theirs.
///   Query query{connection, "SELECT name FROM hosts WHERE id = ?"};
///   query.bind(id);
///   if (query.step()) name = query.text();
class Query {
  public:
    Query(Connection& connection, std::string_view sql);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& bind(std::string_view text);
    Query& bind(const char* text) { return bind(std::string_view{text}); }
    Query& bind(const std::string& text) { return bind(std::string_view{text}); }
    Query& bind(std::uint64_t number);  // throws error beyond 2^63 - 1
    Query& bind(std::int64_t number);
    Query& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
    Query& bind(double number);
    Query& bind(evidence::Instant instant);  // milliseconds since 1970
    Query& bind(const evidence::Digest& digest);
    Query& bind_bytes(std::string_view bytes);
    template <class T>
    Query& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind_null();
    }
    Query& bind_null();

    /// True: a row is there. Throws as Connection does.
    bool step();
    /// For what returns no row.
    void run();
    /// How many rows the last run changed.
    [[nodiscard]] int changed() const;

    [[nodiscard]] bool null();  // the next column is NULL; consumes it only then
    std::string text();
    std::string bytes() { return text(); }
    std::uint64_t number();
    std::int64_t integer();
    double real();
    bool boolean() { return integer() != 0; }
    evidence::Instant instant();
    evidence::Digest digest();
    std::optional<std::string> optional_text();
    std::optional<std::uint64_t> optional_number();
    std::optional<evidence::Instant> optional_instant();
    std::optional<evidence::Digest> optional_digest();

  private:
    Connection& connection_;
    sqlite3_stmt* statement_;
    int parameter_ = 0;
    int column_ = 0;
};

/// BEGIN IMMEDIATE … COMMIT; rolled back unless commit() was called.
class Transaction {
  public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

  private:
    Connection& connection_;
    bool open_ = true;
};

}  // namespace annexa::store::sqlite
