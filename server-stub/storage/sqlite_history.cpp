// Decisions, and history with its findings.
#include "server-stub/storage/history_filter.hpp"
#include "server-stub/storage/sqlite_store_parts.hpp"

namespace annexa::store {

using sqlite::Connection;
using sqlite::Query;
using sqlite::Reading;
using sqlite::Writing;

namespace {

Decision read_decision(Query& query) {
    Decision decision;
    decision.kind = query.text();
    decision.subject = query.text();
    decision.decision = query.text();
    decision.document = query.digest();
    decision.account = query.text();
    decision.at = query.instant();
    decision.index = query.number();
    return decision;
}

HistoryRow read_history(Query& query) {
    HistoryRow row;
    row.id = query.number();
    row.host = query.text();
    row.check = query.text();
    row.state = query.text();
    row.from = query.instant();
    row.to = query.optional_instant();
    row.from_index = query.number();
    row.to_index = query.optional_number();
    row.known = query.number();
    row.superseded = query.optional_number();
    row.detail = query.text();
    row.integrity = query.digest();
    return row;
}

FindingRow read_finding(Query& query) {
    FindingRow row;
    row.id = query.number();
    row.host = query.text();
    row.check = query.text();
    row.key = query.text();
    row.opened = query.instant();
    row.closed = query.optional_instant();
    row.opened_index = query.number();
    row.closed_index = query.optional_number();
    row.known = query.number();
    row.superseded = query.optional_number();
    row.detail = query.text();
    row.integrity = query.digest();
    return row;
}

#define ANNEXA_HISTORY                                                                                               \
    "SELECT id, host, check_id, state, from_at, to_at, from_idx, to_idx, known, superseded, detail, integrity FROM " \
    "history"
#define ANNEXA_FINDINGS                                                                                             \
    "SELECT id, host, check_id, key, opened, closed, opened_idx, closed_idx, known, superseded, detail, integrity " \
    "FROM findings"

/// What a filter asks, as far as SQL can tell: the one rule of history_filter.hpp has the last word.
#define ANNEXA_FILTER(begins, ends, ended_by)                                                          \
    " AND (?2 IS NULL OR check_id = ?2) AND (?3 IS NULL OR " begins " <= ?3) AND (?4 IS NULL OR " ends \
    " IS NULL OR " ends " > ?4 OR " ended_by " >= ?5) AND (?6 OR superseded IS NULL) "
#define ANNEXA_ONE_HOST " WHERE host = ?1"
#define ANNEXA_ALL_HOSTS " WHERE ?1 IS NULL"

template <class Row, class Read>
std::vector<Row> read_filtered(Query& query, const HistoryFilter& filter, Read read) {
    query.bind(filter.host).bind(filter.check);
    if (filter.with_superseded)
        query.bind_null().bind_null().bind_null().bind(true);
    else
        query.bind(filter.to).bind(filter.from).bind(filter.known_at).bind(filter.known_at.has_value());
    std::vector<Row> rows;
    while (query.step())
        if (std::optional<Row> row = shown(read(query), filter)) rows.push_back(std::move(*row));
    return rows;
}

std::uint64_t next_id(Connection& connection, std::string_view sequence) {
    Query query{connection, "SELECT seq FROM sqlite_sequence WHERE name = ?"};
    return query.bind(sequence).step() ? query.number() + 1 : 1;
}

void update(Connection& connection, const HistoryRow& change) {
    HistoryRow row;
    {
        Query query{connection, ANNEXA_HISTORY " WHERE id = ?"};
        if (!query.bind(change.id).step()) throw contradiction("there is no history row " + std::to_string(change.id));
        row = read_history(query);
    }
    row.to = change.to;
    row.to_index = change.to_index;
    row.superseded = change.superseded;
    Query{connection, "UPDATE history SET to_at = ?, to_idx = ?, superseded = ?, integrity = ? WHERE id = ?"}
        .bind(row.to)
        .bind(row.to_index)
        .bind(row.superseded)
        .bind(history_digest(row))
        .bind(row.id)
        .run();
}

void insert(Connection& connection, HistoryRow row) {
    row.id = next_id(connection, "history");
    Query query{connection,
                "INSERT INTO history (id, host, check_id, state, from_at, to_at, from_idx, to_idx, known, superseded, "
                "detail, integrity) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    query.bind(row.id)
        .bind(row.host)
        .bind(row.check)
        .bind(row.state)
        .bind(row.from)
        .bind(row.to)
        .bind(row.from_index)
        .bind(row.to_index);
    query.bind(row.known).bind(row.superseded).bind(row.detail).bind(history_digest(row)).run();
}

void update(Connection& connection, const FindingRow& change) {
    FindingRow row;
    {
        Query query{connection, ANNEXA_FINDINGS " WHERE id = ?"};
        if (!query.bind(change.id).step()) throw contradiction("there is no finding " + std::to_string(change.id));
        row = read_finding(query);
    }
    row.closed = change.closed;
    row.closed_index = change.closed_index;
    row.superseded = change.superseded;
    row.detail = change.detail;
    Query{connection,
          "UPDATE findings SET closed = ?, closed_idx = ?, superseded = ?, detail = ?, integrity = ? WHERE id = ?"}
        .bind(row.closed)
        .bind(row.closed_index)
        .bind(row.superseded)
        .bind(row.detail)
        .bind(finding_digest(row))
        .bind(row.id)
        .run();
}

void insert(Connection& connection, FindingRow row) {
    row.id = next_id(connection, "findings");
    Query query{connection,
                "INSERT INTO findings (id, host, check_id, key, opened, closed, opened_idx, closed_idx, known, "
                "superseded, detail, integrity) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    query.bind(row.id)
        .bind(row.host)
        .bind(row.check)
        .bind(row.key)
        .bind(row.opened)
        .bind(row.closed)
        .bind(row.opened_index)
        .bind(row.closed_index);
    query.bind(row.known).bind(row.superseded).bind(row.detail).bind(finding_digest(row)).run();
}

}  // namespace

std::vector<Decision> SQLiteStore::decisions(std::string_view kind, std::optional<Instant> at,
                                             std::optional<std::uint64_t> known_at) const {
    Reading reading{*parts_};
    Query query{reading,
                "SELECT kind, subject, decision, document, account, at, max(idx) FROM decisions WHERE kind = ? AND at "
                "<= ? AND idx < ? "
                "GROUP BY subject ORDER BY subject"};
    query.bind(kind).bind(at.value_or(Instant::max())).bind(known_at.value_or(sqlite::read_tree(reading).size));
    std::vector<Decision> decisions;
    while (query.step()) decisions.push_back(read_decision(query));
    return decisions;
}

std::vector<Decision> SQLiteStore::all_decisions(std::string_view kind) const {
    Reading reading{*parts_};
    Query query{
        reading,
        "SELECT kind, subject, decision, document, account, at, idx FROM decisions WHERE kind = ? ORDER BY idx"};
    query.bind(kind);
    std::vector<Decision> decisions;
    while (query.step()) decisions.push_back(read_decision(query));
    return decisions;
}

std::uint64_t SQLiteStore::evaluated() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT evaluated, evaluated_again FROM log WHERE id = 1"};
    if (!query.step()) throw evidence::error("the database has no log");
    const std::uint64_t evaluated = query.number();
    // A byte changed upwards here would leave evidence unevaluated for ever, and nobody would know.
    if (const std::uint64_t again = query.number(); again != evaluated)
        throw evidence::error("the database says twice up to where the log was evaluated, and not the same: " +
                              std::to_string(evaluated) + " and " + std::to_string(again));
    return evaluated;
}

RowsWritten SQLiteStore::rows_written() const {
    Reading reading{*parts_};
    return {next_id(reading, "history") - 1, next_id(reading, "findings") - 1};
}

void SQLiteStore::record(const HistoryChange& change) {
    Writing writing{*parts_};
    for (const HistoryRow& row : change.updated) update(writing, row);
    for (const HistoryRow& row : change.added) insert(writing, row);
    for (const FindingRow& row : change.findings_updated) update(writing, row);
    for (const FindingRow& row : change.opened) insert(writing, row);
    Query{writing, "UPDATE log SET evaluated = ?, evaluated_again = ? WHERE id = 1"}
        .bind(change.evaluated)
        .bind(change.evaluated)
        .run();
    writing.commit();
}

std::vector<HistoryRow> SQLiteStore::history(const HistoryFilter& filter) const {
    constexpr std::string_view one = ANNEXA_HISTORY ANNEXA_ONE_HOST ANNEXA_FILTER(
        "from_at", "to_at", "to_idx") "ORDER BY host, check_id, from_at, id";
    constexpr std::string_view all = ANNEXA_HISTORY ANNEXA_ALL_HOSTS ANNEXA_FILTER(
        "from_at", "to_at", "to_idx") "ORDER BY host, check_id, from_at, id";
    Reading reading{*parts_};
    Query query{reading, filter.host ? one : all};
    return read_filtered<HistoryRow>(query, filter, read_history);
}

std::vector<FindingRow> SQLiteStore::findings(const HistoryFilter& filter) const {
    constexpr std::string_view one = ANNEXA_FINDINGS ANNEXA_ONE_HOST ANNEXA_FILTER(
        "opened", "closed", "closed_idx") "ORDER BY host, check_id, opened, id";
    constexpr std::string_view all = ANNEXA_FINDINGS ANNEXA_ALL_HOSTS ANNEXA_FILTER(
        "opened", "closed", "closed_idx") "ORDER BY host, check_id, opened, id";
    Reading reading{*parts_};
    Query query{reading, filter.host ? one : all};
    return read_filtered<FindingRow>(query, filter, read_finding);
}

}  // namespace annexa::store
