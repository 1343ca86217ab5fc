// `annexa-server check`: whether everything that the store holds is what it was.
//
// Nothing is believed because the database says so: entries are held against the hash tiles, the tiles against the
// tree, the tree against the signed checkpoint; rows against the entries that they were made from, which are gone
// through once more as the store did; bytes against their digests; derived rows against their own. A problem names its
// place, so that one changed byte is found where it is.
//
// What no entry says is held against what else there is: settings against the digests that init left, keys and
// certificates against each other and the log, tokens against accounts. What nothing else says, and check therefore
// cannot tell, docs/ARCHITECTURE.md lists.
#pragma once

#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annexa::store {

struct StoreProblem {
    std::string place;  // "entry 17", "tile/0/000", "table ab12…", "host UUID", "keys/log.pem", …
    std::string what;
    bool operator==(const StoreProblem&) const = default;
};

struct StoreCheck {
    std::uint64_t entries = 0;
    std::uint64_t statements = 0;
    std::uint64_t enrolments = 0;
    std::uint64_t blobs = 0;
    std::uint64_t history_rows = 0;
    std::vector<StoreProblem> problems;
};

/// The files of keys/, by name.
using KeyFiles = std::map<std::string, std::string>;

/// Verifies the whole store. It must not change meanwhile: beside a server that runs, give a snapshot of it. Throws
/// nothing that a damaged store causes: what cannot be read is a problem. `keys`: nothing where there is no keys/ that
/// belongs to it.
StoreCheck check_store(const Store& store, const Blobs& blobs, const std::optional<KeyFiles>& keys);

}  // namespace annexa::store
