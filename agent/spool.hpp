// What waits to be sent, what was sent and is not yet acknowledged, and what was acknowledged lately.
//
// One SQLite file. Each call is one transaction, durable when it returns (rollback journal, synchronous=FULL). Results
// wait unsigned; sealing a statement attaches them to it; acknowledging removes them and keeps statement and tables for
// 7 days. The file is bounded: when it or the disk is full, acknowledged statements give way first, then the oldest
// results, and that is said in `dropped`. A file that is not what SQLite wrote is set aside, and said.
//
// Not thread-safe. Throws database_error.
#pragma once

#include "agent/evidence_of.hpp"
#include "agent/sqlite.hpp"
#include "evidence/envelope.hpp"
#include "evidence/statement.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace annexa::agent {

struct WaitingResult {
    std::int64_t id = 0;
    evidence::Result result;
};

/// The last result of a collector that an acknowledged statement wrote out: what `same_as` may name.
struct WrittenOut {
    std::uint64_t sequence = 0;
    evidence::Instant made_at{};
    evidence::Result result;
};

struct SealedStatement {
    std::uint64_t sequence = 0;
    evidence::Envelope envelope;
};

/// A table to upload: its digest, name and zstd frame.
struct TableUpload {
    std::string name;
    evidence::Digest digest;
    std::string frame;
};

struct SpoolFigures {
    std::int64_t waiting = 0, pending = 0, bytes = 0, dropped = 0;
    std::optional<evidence::Instant> oldest;  // collected_at of what waits longest
};

inline constexpr std::chrono::hours keep_acknowledged{24 * 7};

class Spool {
  public:
    /// Opens or makes the file, checks it, sets it aside where it is corrupt.
    Spool(std::filesystem::path file, std::int64_t max_bytes, const evidence::Clock& clock);

    /// From now on it takes so much. What is above that gives way as if it were full.
    void bound(std::int64_t max_bytes);

    /// Keeps a result and takes its collector off `due`. Where there is no room, older ones give way.
    void add(const EvidenceResult& result);

    /// The turn of these collectors came; add() takes the mark away.
    void mark_due(std::span<const std::string> collectors);

    /// When each collector ran last.
    [[nodiscard]] std::map<std::string, evidence::Instant> last_runs();
    void note_runs(std::span<const std::string> collectors, evidence::Instant at);

    /// In the order in which they came; neither attached to a statement.
    [[nodiscard]] std::vector<WaitingResult> waiting(std::size_t most = 4096);
    [[nodiscard]] std::vector<evidence::Dropped> dropped();
    [[nodiscard]] std::vector<std::string> due();
    [[nodiscard]] std::map<std::string, WrittenOut> written_out();

    /// Keeps a signed statement and attaches these results, and all of dropped and due: one transaction.
    void seal(std::uint64_t sequence, const evidence::Envelope& envelope, std::span<const std::int64_t> results);

    /// Signed and not acknowledged, by sequence.
    [[nodiscard]] std::vector<SealedStatement> pending();
    [[nodiscard]] std::optional<SealedStatement> newest_statement();

    /// Tables of pending statements that the store is not known to hold; those of one digest once.
    [[nodiscard]] std::vector<TableUpload> tables_to_upload();
    void mark_held(const evidence::Digest& table);
    /// The store says that it lacks these. True where their bytes are still here.
    bool mark_missing(std::span<const evidence::Digest> tables);

    /// A verified receipt: what was attached has arrived.
    void acknowledge(std::uint64_t sequence);

    /// The statement will never be accepted: what was attached waits again.
    void detach(std::uint64_t sequence);

    /// Takes waiting results away and says so: all that name a table, or one by its id.
    void drop_table(const evidence::Digest& table, const std::string& reason);
    void drop_result(std::int64_t id, const std::string& reason);

    /// What was acknowledged longer ago than keep_acknowledged goes.
    void prune();

    [[nodiscard]] SpoolFigures figures();

    /// Sets the file aside and begins anew: after a database_error of kind corrupt.
    void set_aside();

    /// True once since the last call where results gave way or the file was set aside.
    [[nodiscard]] std::optional<std::string> take_trouble() { return std::exchange(trouble_, std::nullopt); }

  private:
    void open();
    void insert(const EvidenceResult& result);
    bool make_room();
    void remove_orphans();
    void say_dropped(const std::string& collector, std::optional<evidence::Instant> at, const std::string& reason,
                     std::int64_t count);
    void drop_rows(const std::string& where_id, std::int64_t id, const std::string& reason);
    void keep_reserve();
    [[nodiscard]] bool at_bound();

    std::filesystem::path file_;
    std::int64_t max_bytes_;
    const evidence::Clock& clock_;
    std::optional<Database> database_;
    std::optional<std::string> trouble_;
};

}  // namespace annexa::agent
