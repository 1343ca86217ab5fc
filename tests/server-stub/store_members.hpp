// The members of the Store family, for the contract that each passes. A member is one line in MEMBERS.
#pragma once

#include "server-stub/storage/memory_store.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "tests/server-stub/store_rows.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>

namespace annexa::store::test {

struct InMemory {
    MemoryStore kept;
    Store& store() { return kept; }
    Store& reopened() { return kept; }
};

struct InSQLite {
    annexa::test::TemporaryDirectory folder;
    std::unique_ptr<SQLiteStore> kept =
        std::make_unique<SQLiteStore>(folder / "store.sqlite", SQLiteStore::Mode::create);
    Store& store() { return *kept; }
    Store& reopened() {
        kept.reset();
        kept = std::make_unique<SQLiteStore>(folder / "store.sqlite", SQLiteStore::Mode::open);
        return *kept;
    }
};

inline const Digest web1 = digest("enrolment web1");

/// A log with one host: mark 0, enrolment 1.
inline Store& with_host(Store& store) {
    append(store, at(0), {enrolled(enrolment("host-1", "web1"))});
    return store;
}

}  // namespace annexa::store::test

#define MEMBERS InMemory, InSQLite
#define CONTRACT(name) TEMPLATE_TEST_CASE("store: " name, "[store]", MEMBERS)
