// The verbs of the log: staging, committing, reading entries and tiles.
#include "server-stub/storage/sqlite_store_parts.hpp"

namespace annexa::store {

using sqlite::Connection;
using sqlite::Query;
using sqlite::Reading;
using sqlite::Writing;

namespace sqlite {

TreeHead read_tree(Connection& connection) {
    Query query{connection, "SELECT size, root FROM log WHERE id = 1"};
    if (!query.step()) throw evidence::error("the database has no log");
    TreeHead tree;
    tree.size = query.number();
    tree.root = query.digest();
    return tree;
}

std::optional<Mark> read_mark_from(Connection& connection, std::uint64_t index) {
    Query query{connection, "SELECT idx, time FROM marks WHERE idx >= ? ORDER BY idx LIMIT 1"};
    if (!query.bind(index).step()) return std::nullopt;
    const std::uint64_t at = query.number();
    return Mark{at, query.instant()};
}

}  // namespace sqlite

namespace {

std::optional<Mark> last_mark_before(Connection& connection, std::uint64_t size) {
    Query query{connection, "SELECT idx, time FROM marks WHERE idx < ? ORDER BY idx DESC LIMIT 1"};
    if (!query.bind(size).step()) return std::nullopt;
    const std::uint64_t at = query.number();
    return Mark{at, query.instant()};
}

std::optional<TreeHead> read_staged(Connection& connection) {
    Query query{connection, "SELECT staged_size, staged_root FROM log WHERE id = 1"};
    if (!query.step() || query.null()) return std::nullopt;
    TreeHead tree;
    tree.size = query.number();
    tree.root = query.digest();
    return tree;
}

}  // namespace

LogHead SQLiteStore::log_head() const {
    Reading reading{*parts_};
    LogHead head;
    head.tree = sqlite::read_tree(reading);
    Query query{reading, "SELECT checkpoint FROM log WHERE id = 1"};
    if (query.step()) head.checkpoint = query.text();
    head.mark = last_mark_before(reading, head.tree.size);
    return head;
}

bool SQLiteStore::stage(const Commit& commit) {
    Writing writing{*parts_};
    if (sqlite::read_tree(writing) != commit.expected) return false;
    // What an earlier attempt left behind was never in a checkpoint.
    Query{writing, "DELETE FROM entries WHERE idx >= ?"}.bind(commit.expected.size).run();
    std::uint64_t index = commit.expected.size;
    for (const LogEntry& entry : commit.entries)
        Query{writing, "INSERT INTO entries VALUES (?, ?)"}.bind(index++).bind_bytes(entry.bytes).run();
    // A tile only grows: its first hashes, those below the head, stay what they are.
    for (const Tile& tile : commit.tiles)
        Query{writing,
              "INSERT INTO tiles VALUES (?, ?, ?) ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"}
            .bind(std::uint64_t{tile.id.level})
            .bind(tile.id.number)
            .bind_bytes(tile.hashes)
            .run();
    Query{writing, "UPDATE log SET staged_size = ?, staged_root = ? WHERE id = 1"}
        .bind(commit.next.size)
        .bind(commit.next.root)
        .run();
    writing.commit();
    return true;
}

bool SQLiteStore::commit(const Commit& commit) {
    Writing writing{*parts_};
    if (sqlite::read_tree(writing) != commit.expected) return false;
    // The root stands for every staged byte: entries, and the tiles over them.
    if (read_staged(writing) != commit.next) return false;
    std::uint64_t index = commit.expected.size;
    for (const LogEntry& entry : commit.entries) sqlite::apply(writing, entry.change, index++, commit.mark);
    Query{writing, "INSERT INTO marks VALUES (?, ?)"}.bind(commit.expected.size).bind(commit.mark).run();
    Query{writing,
          "UPDATE log SET size = ?, root = ?, checkpoint = ?, staged_size = NULL, staged_root = NULL WHERE id = 1"}
        .bind(commit.next.size)
        .bind(commit.next.root)
        .bind(commit.checkpoint)
        .run();
    writing.commit();
    return true;
}

std::vector<std::string> SQLiteStore::entries(std::uint64_t first, std::uint64_t count) const {
    Reading reading{*parts_};
    const std::uint64_t size = sqlite::read_tree(reading).size;
    if (first >= size) return {};
    const std::uint64_t end = count < size - first ? first + count : size;
    Query query{reading, "SELECT idx, bytes FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx"};
    query.bind(first).bind(end);
    std::vector<std::string> entries;
    while (query.step()) {
        const std::uint64_t expected = first + entries.size();
        if (query.number() != expected)
            throw evidence::error("entry " + std::to_string(expected) + " is not in the database");
        entries.push_back(query.bytes());
    }
    if (entries.size() != end - first)
        throw evidence::error("entry " + std::to_string(first + entries.size()) + " is not in the database");
    return entries;
}

std::optional<std::string> SQLiteStore::tile(unsigned level, std::uint64_t index, unsigned width) const {
    if (level > 7) return std::nullopt;
    Reading reading{*parts_};
    const std::uint64_t hashes = sqlite::read_tree(reading).size >> (8 * level);
    // What is staged beyond the head is nobody's business.
    if (index > hashes / evidence::tile_width || index * evidence::tile_width + width > hashes) return std::nullopt;
    Query query{reading, "SELECT hashes FROM tiles WHERE level = ? AND number = ?"};
    if (!query.bind(std::uint64_t{level}).bind(index).step()) return std::nullopt;
    std::string bytes = query.bytes();
    if (bytes.size() < std::size_t{32} * width) return std::nullopt;
    bytes.resize(std::size_t{32} * width);
    return bytes;
}

std::optional<Mark> SQLiteStore::mark_before(std::uint64_t size) const {
    Reading reading{*parts_};
    return last_mark_before(reading, size);
}

std::optional<Mark> SQLiteStore::mark_from(std::uint64_t index) const {
    Reading reading{*parts_};
    return sqlite::read_mark_from(reading, index);
}

std::uint64_t SQLiteStore::known_at(Instant time) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT idx FROM marks WHERE time > ? ORDER BY time, idx LIMIT 1"};
    return query.bind(time).step() ? query.number() : sqlite::read_tree(reading).size;
}

}  // namespace annexa::store
