// Entries, tiles, tree and checkpoint, each held against the next. Where entry and tile differ, the tile above (at the
// right edge: the tree's root) says which of the two was changed.
#include "evidence/checkpoint.hpp"
#include "evidence/errors.hpp"
#include "evidence/merkle_tree.hpp"
#include "evidence/tile.hpp"
#include "server-stub/check/checks.hpp"

#include <algorithm>

namespace annexa::store::check {
namespace {

using evidence::tile_width;

/// A stretch of up to 256 hashes of one level, and what the level above says of it.
struct Block {
    unsigned level = 0;
    std::uint64_t number = 0;
    std::vector<std::optional<Digest>> computed;  // from below; nothing where it could not be read
    std::vector<Digest> stored;                   // the tile; empty where it could not be read
    [[nodiscard]] std::string path() const {
        return evidence::tile_path({level, number, static_cast<unsigned>(computed.size())});
    }
};

Digest root_of(const std::vector<Digest>& hashes) {
    // The root over hashes of whole subtrees is the tree's own rule, one level up.
    std::vector<Digest> row = hashes;
    while (row.size() > 1) {
        std::vector<Digest> next;
        for (std::size_t i = 0; i + 1 < row.size(); i += 2) next.push_back(evidence::node_hash(row[i], row[i + 1]));
        if (row.size() % 2 == 1) next.push_back(row.back());
        row = std::move(next);
    }
    return row.front();
}

std::vector<Digest> read_tile(const Store& store, const Block& block) {
    std::vector<Digest> hashes;
    const std::optional<std::string> bytes =
        store.tile(block.level, block.number, static_cast<unsigned>(block.computed.size()));
    if (!bytes) return hashes;
    for (std::size_t at = 0; at + 32 <= bytes->size(); at += 32)
        hashes.push_back(Digest::from_bytes(std::string_view{*bytes}.substr(at, 32)));
    return hashes;
}

std::optional<std::vector<Digest>> complete(const std::vector<std::optional<Digest>>& hashes) {
    std::vector<Digest> all;
    for (const auto& hash : hashes) {
        if (!hash) return std::nullopt;
        all.push_back(*hash);
    }
    return all;
}

enum class Wrong { none, below, tile, both };

/// Which of the two the arbiter contradicts.
Wrong judge(const Block& block, const std::optional<Digest>& arbiter) {
    const std::optional<std::vector<Digest>> computed = complete(block.computed);
    if (block.stored.empty()) return Wrong::tile;
    if (computed == block.stored) return Wrong::none;
    if (!arbiter) return Wrong::both;
    if (root_of(block.stored) == *arbiter) return Wrong::below;
    if (computed && root_of(*computed) == *arbiter) return Wrong::tile;
    return Wrong::both;
}

class LogCheck {
  public:
    LogCheck(const Store& store, const LogHead& head, Problems& problems)
        : store_{store}, head_{head}, problems_{problems} {}

    void run() {
        std::vector<std::optional<Digest>> hashes = leaves();
        for (unsigned level = 0; !hashes.empty(); ++level) hashes = this->level(level, hashes);
        if (edge_.head() != head_.tree)
            problems_.add("checkpoint", "it is over another tree than the entries and tiles of this store");
    }

  private:
    std::vector<std::optional<Digest>> leaves() {
        std::vector<std::optional<Digest>> hashes(head_.tree.size);
        for (std::uint64_t first = 0; first < head_.tree.size; first += tile_width) {
            const std::uint64_t count = std::min<std::uint64_t>(tile_width, head_.tree.size - first);
            try {
                const std::vector<std::string> entries = store_.entries(first, count);
                for (std::size_t i = 0; i < entries.size(); ++i) hashes[first + i] = evidence::leaf_hash(entries[i]);
            } catch (const std::exception&) {
                for (std::uint64_t index = first; index < first + count; ++index) {
                    try {
                        if (const auto one = store_.entries(index, 1); !one.empty())
                            hashes[index] = evidence::leaf_hash(one.front());
                    } catch (const std::exception&) {
                        // Named where entries are read one by one.
                    }
                }
            }
        }
        return hashes;
    }

    /// Checks the tiles of a level; returns the hashes of the level above, as far as whole tiles make them.
    std::vector<std::optional<Digest>> level(unsigned level, const std::vector<std::optional<Digest>>& hashes) {
        std::vector<std::optional<Digest>> above;
        for (std::uint64_t first = 0; first < hashes.size(); first += tile_width) {
            Block block{level, first / tile_width, {}, {}};
            const std::uint64_t count = std::min<std::uint64_t>(tile_width, hashes.size() - first);
            block.computed.assign(hashes.begin() + static_cast<std::ptrdiff_t>(first),
                                  hashes.begin() + static_cast<std::ptrdiff_t>(first + count));
            problems_.guard(block.path(), [&] { block.stored = read_tile(store_, block); });
            const bool whole = count == tile_width;
            const Wrong wrong = judge(block, arbiter(block, whole));
            report(block, wrong);
            // On with what holds, so that one wrong byte is not named again at every level.
            const std::vector<Digest> held = wrong == Wrong::none || wrong == Wrong::below
                                                 ? block.stored
                                                 : complete(block.computed).value_or(block.stored);
            if (level == 0)
                for (const Digest& leaf : held) edge_.add(leaf);
            if (whole) above.push_back(held.empty() ? std::nullopt : std::optional{root_of(held)});
        }
        return above;
    }

    /// For a whole tile the hash that stands for it one level up; for the tile at the right edge of level 0 whatever
    /// makes the tree's root come out.
    std::optional<Digest> arbiter(const Block& block, bool whole) {
        if (whole) {
            const std::optional<std::string> above = store_.tile(block.level + 1, block.number / tile_width,
                                                                 static_cast<unsigned>(block.number % tile_width) + 1);
            if (!above) return std::nullopt;
            return Digest::from_bytes(std::string_view{*above}.substr(above->size() - 32));
        }
        for (const auto& candidate : {std::optional{block.stored}, complete(block.computed)}) {
            if (!candidate || candidate->empty() || block.level != 0) continue;
            evidence::MerkleTree tree = edge_;
            for (const Digest& leaf : *candidate) tree.add(leaf);
            if (tree.head() == head_.tree) return root_of(*candidate);
        }
        return block.level == 0 ? std::nullopt : upper_edge(block);
    }

    /// Above level 0 the entries have been judged already: what was computed from them holds where the tree's root did.
    std::optional<Digest> upper_edge(const Block& block) const {
        const std::optional<std::vector<Digest>> computed = complete(block.computed);
        if (!computed || edge_.head() != head_.tree) return std::nullopt;
        return root_of(*computed);
    }

    void report(const Block& block, Wrong wrong) {
        if (wrong == Wrong::none) return;
        if (block.stored.empty()) return problems_.add(block.path(), "it is not there");
        for (std::size_t i = 0; i < block.computed.size() && i < block.stored.size(); ++i) {
            if (block.computed[i] == block.stored[i]) continue;
            const std::string entry = "entry " + std::to_string(block.number * tile_width + i);
            if (wrong != Wrong::tile && block.level == 0)
                problems_.add(entry, "it is not what was logged: its hash is not the one in " + block.path());
            if (wrong != Wrong::below)
                problems_.add(block.path(), "hash " + std::to_string(i) + " is not that of " +
                                                (block.level == 0 ? entry
                                                                  : "the tile below it, number " +
                                                                        std::to_string(block.number * tile_width + i)));
        }
    }

    const Store& store_;
    const LogHead& head_;
    Problems& problems_;
    evidence::MerkleTree edge_;
};

}  // namespace

void check_log(const Store& store, const LogHead& head, const evidence::VerifierKey& key, Problems& problems) {
    if (head.checkpoint.empty()) {
        if (head.tree.size != 0) problems.add("checkpoint", "there are entries and no checkpoint over them");
    } else {
        problems.guard("checkpoint", [&] {
            if (evidence::open_checkpoint(head.checkpoint, key).head != head.tree)
                problems.add("checkpoint", "the log's head in the database is another than the checkpoint's");
        });
    }
    LogCheck{store, head, problems}.run();
}

}  // namespace annexa::store::check
