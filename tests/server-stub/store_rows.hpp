// Rows and commits for tests of the Store family, without keys and signatures: a Store looks into none of them.
#pragma once

#include "evidence/merkle_tree.hpp"
#include "evidence/tile.hpp"
#include "server-stub/storage/store.hpp"

namespace annexa::store::test {

inline Instant time(std::string_view text) { return evidence::parse_instant(text); }
/// 09:00 of the day plus so many seconds.
inline Instant at(int seconds) { return time("2026-11-24T09:00:00.000Z") + std::chrono::seconds{seconds}; }
inline Digest digest(std::string_view text) { return evidence::sha256(text); }

/// A commit of these entries behind a mark, upon the store's head.
inline Commit make_commit(const Store& store, Instant mark, std::vector<LogEntry> entries = {}) {
    Commit commit;
    commit.expected = store.log_head().tree;
    commit.mark = mark;
    commit.entries.push_back({"mark " + evidence::to_string(mark), {}});
    for (LogEntry& entry : entries) commit.entries.push_back(std::move(entry));
    std::vector<Digest> leaves;
    for (const LogEntry& entry : commit.entries) leaves.push_back(evidence::leaf_hash(entry.bytes));
    const auto fetch = [&store](const evidence::TileId& id) {
        return store.tile(id.level, id.number, id.width).value();
    };
    evidence::Growth growth = evidence::grow(commit.expected.size, fetch, leaves);
    commit.next = growth.head;
    commit.tiles = std::move(growth.tiles);
    return commit;
}

/// Stages, "signs" and commits; the index of the mark.
inline std::uint64_t append(Store& store, Instant mark, std::vector<LogEntry> entries = {}) {
    Commit commit = make_commit(store, mark, std::move(entries));
    if (!store.stage(commit)) throw evidence::error("stage: the head moved");
    commit.checkpoint = "checkpoint " + std::to_string(commit.next.size);
    if (!store.commit(commit)) throw evidence::error("commit: the head moved");
    return commit.expected.size;
}

inline Enrolment enrolment(const std::string& host, const std::string& name) {
    Enrolment made;
    made.id = digest("enrolment " + name);
    made.host = host;
    made.evidence_key = "key of " + name;
    made.key_id = digest(made.evidence_key);
    made.tls_key_id = digest("tls " + name).hex();
    made.certificate = "certificate of " + name;
    made.token = "token";
    made.machine = digest("machine");
    made.made_at = at(1);
    made.quota = {100, at(1)};
    return made;
}

inline LogEntry enrolled(const Enrolment& enrolment, std::optional<evidence::ChainHead> closes = {}) {
    return {"enrolment " + enrolment.id.hex(), HostEnrolled{enrolment, "web1", closes}};
}

inline StoredResult result(const std::string& collector, Instant collected_at, std::vector<TableRef> tables = {}) {
    StoredResult made;
    made.collector = collector;
    made.version = 1;
    made.collected_at = collected_at;
    made.tables = std::move(tables);
    return made;
}

inline StoredResult same_as(const std::string& collector, Instant collected_at, std::uint64_t sequence,
                            std::uint64_t written_out) {
    StoredResult made;
    made.collector = collector;
    made.collected_at = collected_at;
    made.same_as = sequence;
    made.written_out = written_out;
    return made;
}

/// The next statement of an enrolment.
inline StatementAccepted statement(const Store& store, const Digest& enrolment, Instant not_before,
                                   std::vector<StoredResult> results) {
    const Enrolment of = store.enrolment(enrolment).value();
    StatementAccepted made;
    made.follows = of.head;
    made.row.host = of.host;
    made.row.enrolment = enrolment;
    made.row.sequence = of.head.sequence + 1;
    made.row.digest = digest("statement " + enrolment.hex() + std::to_string(made.row.sequence));
    made.row.previous = of.head.digest;
    made.row.made_at = at(5);
    made.row.log_size = 2;
    made.row.not_before = not_before;
    made.row.host_name = "web1.example";
    made.row.agent_version = "0.1.0";
    made.row.clock_synchronized = true;
    made.row.due = {"users"};
    made.row.remarks = {"dropped"};
    made.row.results = std::move(results);
    made.quota = {42.5, at(6)};
    made.boots = {{digest("machine"), "boot-1", false}, {std::nullopt, std::nullopt, true}};
    return made;
}

inline LogEntry logged(StatementAccepted change) { return {"statement " + change.row.digest.hex(), std::move(change)}; }

inline Holding holding(const std::string& host, const std::string& content, Instant put_at) {
    return {host, digest(content), "users", content.size(), put_at, std::nullopt};
}

}  // namespace annexa::store::test
