// The append-only log: the one writer of entries, tiles and checkpoints.
//
// Life of an entry. append() hands it to the writer's thread, which gathers what comes within a few milliseconds into
// one group commit. Its first entry is a mark with the store's time. Then, in this order:
//   1. stage    entries and tiles become durable, and nobody sees them. A crash here: they are sequenced again.
//   2. sign     the log key signs the checkpoint over them.
//   3. commit   by compare-and-swap the checkpoint becomes the log's head, and every entry's change is applied.
//   4. answer   append() returns. Only now does anybody learn of checkpoint, index and proof.
// Whoever loses the swap has signed nothing: its checkpoint is nowhere, and the group is built again upon the new head.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/key.hpp"
#include "evidence/signed_note.hpp"
#include "server-stub/storage/store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

struct LogOptions {
    std::chrono::milliseconds gather{3};  // how long a group commit waits for company
    /// A group with statements is followed by a mark of its own after this much quiet, so that "logged before" is known
    /// soon and does not move when the next host reports. 0: never.
    std::chrono::milliseconds settle{1000};
    std::size_t most_entries = 2048;  // in one group commit
    std::size_t most_waiting = 8192;  // entries; beyond it append() answers `busy`
};

class Log {
  public:
    /// Borrows store and clock. Begins an empty log with a mark, so that there always is a checkpoint (not on a
    /// restored store, which signs nothing). Throws error where the stored checkpoint is not this key's over this
    /// origin.
    Log(Store& store, std::string origin, evidence::PrivateKey log_key, evidence::PrivateKey record_key,
        const evidence::Clock& clock, LogOptions options = {});
    /// The log of a restored store whose keys are elsewhere: serves what there is, appends nothing. Throws as above.
    Log(Store& store, evidence::VerifierKey key);
    ~Log();  // what waits is answered `unavailable`; returns when the writer has ended

    /// Appends entries side by side and in order, all or none. Blocks until the checkpoint over them is durable.
    /// Returns the index of each. Thread-safe. Throws coded_error: `unavailable` (cannot make durable, the clock stands
    /// before the last mark, a restored store, the log is closing), `busy`, `too_large`; contradiction where the first
    /// entry whose change does not fit says why.
    std::vector<std::uint64_t> append(std::vector<LogEntry> entries);

    [[nodiscard]] LogHead head() const;
    [[nodiscard]] const std::string& origin() const { return key_.name; }
    [[nodiscard]] const evidence::VerifierKey& verifier_key() const { return key_; }

    /// Proofs from durable tiles. Throw error beyond the tree.
    [[nodiscard]] std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size) const;
    [[nodiscard]] std::vector<Digest> consistency_proof(std::uint64_t old_size, std::uint64_t new_size) const;
    /// The root that this log had at a size.
    [[nodiscard]] Digest root_at(std::uint64_t size) const;

    /// Why the last attempt to append failed, for /readyz; empty while it works.
    [[nodiscard]] std::optional<std::string> trouble() const;

  private:
    struct Writer;
    evidence::VerifierKey key_;
    Store& store_;
    std::optional<std::string> refusal_;  // why nothing can ever be appended here
    std::unique_ptr<Writer> writer_;      // none where there is a refusal
};

}  // namespace annexa::store
