// What the files of SQLiteStore share: its connections, and how they are handed out.
#pragma once

#include "server-stub/storage/sqlite.hpp"
#include "server-stub/storage/sqlite_store.hpp"

#include <mutex>
#include <vector>

namespace annexa::store {

struct SQLiteStore::Parts {
    std::filesystem::path file;
    std::unique_ptr<sqlite::Connection> writer;    // none where the store is read-only
    std::unique_ptr<sqlite::Connection> snapshot;  // in a transaction as long as the store: the one connection there is
    std::mutex writing;
    std::mutex pool;
    std::vector<std::unique_ptr<sqlite::Connection>> idle;
};

namespace sqlite {

/// A connection for one verb that reads: sees one committed state, whatever is written meanwhile.
class Reading {
  public:
    explicit Reading(SQLiteStore::Parts& parts);
    ~Reading();
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    operator Connection&();

  private:
    SQLiteStore::Parts& parts_;
    std::unique_ptr<Connection> connection_;  // none: the snapshot's
    std::unique_lock<std::mutex> alone_;
};

/// The one writer, in a transaction that ends with commit() or leaves nothing.
class Writing {
  public:
    explicit Writing(SQLiteStore::Parts& parts);
    operator Connection&() { return connection_; }
    void commit() { transaction_.commit(); }

  private:
    std::unique_lock<std::mutex> lock_;
    Connection& connection_;
    Transaction transaction_;
};

TreeHead read_tree(Connection& connection);
std::optional<Mark> read_mark_from(Connection& connection, std::uint64_t index);
std::optional<Enrolment> read_enrolment(Connection& connection, const Digest& id);
/// sqlite_accounts.cpp
void apply_account(Connection& connection, const AccountChanged& change);
/// Applies one entry's change (sqlite_hosts.cpp).
void apply(Connection& connection, const Change& change, std::uint64_t index, Instant mark);

}  // namespace sqlite
}  // namespace annexa::store
