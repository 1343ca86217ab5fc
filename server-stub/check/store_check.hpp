// `annexa-server check`: whether everything that the store holds is what it was.
//
// Nothing is believed because the database says so: entries are held against the hash tiles, the tiles against the
// tree, the tree against the signed checkpoint; rows against the entries that they were made from; bytes against their
// digests; derived rows against their own. A problem names its place, so that one changed byte is found where it is.
#pragma once

#include "evidence/key.hpp"
#include "evidence/signed_note.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <string>
#include <vector>

namespace annexa::store {

struct StoreProblem {
    std::string place;  // "entry 17", "tile/0/000", "table ab12…", "history row 5", "checkpoint", "database", …
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

/// Verifies the whole store as it is when called; a server may run meanwhile. Throws nothing that a damaged store
/// causes: what cannot be read is a problem.
StoreCheck check_store(const Store& store, const Blobs& blobs, const evidence::VerifierKey& log,
                       const evidence::PublicKey& record_key);

}  // namespace annexa::store
