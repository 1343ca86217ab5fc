// Statements, their results, and the tables that hosts hold.
#include "server-stub/storage/bracket.hpp"
#include "server-stub/storage/row_codec.hpp"
#include "server-stub/storage/sqlite_store_parts.hpp"

namespace annexa::store {

using sqlite::Connection;
using sqlite::Query;
using sqlite::Reading;
using sqlite::Writing;

namespace {

#define ANNEXA_STATEMENT_COLUMNS                                                                              \
    "idx, host, enrolment, sequence, digest, previous, made_at, log_size, not_before, logged_at, host_name, " \
    "agent_version, clock_synchronized, due, remarks, results"

/// As it is stored: same_as not resolved, bracket open.
StatementRow read_row(Query& query) {
    StatementRow row;
    row.index = query.number();
    row.host = query.text();
    row.enrolment = query.digest();
    row.sequence = query.number();
    row.digest = query.digest();
    row.previous = query.digest();
    row.made_at = query.instant();
    row.log_size = query.number();
    row.not_before = query.instant();
    row.logged_at = query.instant();
    row.host_name = query.text();
    row.agent_version = query.text();
    if (!query.null()) row.clock_synchronized = query.boolean();
    row.due = decode_texts(query.text());
    const std::vector<std::string> remarks = decode_texts(query.text());
    row.remarks = {remarks.begin(), remarks.end()};
    row.results = decode_results(query.text());
    return row;
}

/// Resolves same_as and brackets; remembers the statements that wrote results out, since rows repeat the same few.
class Resolver {
  public:
    explicit Resolver(Connection& connection) : connection_{connection} {}

    StatementRow operator()(StatementRow row) {
        if (const auto mark = sqlite::read_mark_from(connection_, row.index + 1)) row.not_after = mark->time;
        for (StoredResult& result : row.results) {
            if (result.same_as) {
                const StoredResult* written = written_out(results_of(result.written_out), result.collector);
                if (written == nullptr)
                    throw evidence::error("the result that statement " + std::to_string(row.index) +
                                          " repeats is not there");
                result.version = written->version;
                result.status = written->status;
                result.reason = written->reason;
                result.tables = written->tables;
            }
            apply_bracket(result, row.not_before, row.not_after);
        }
        return row;
    }

  private:
    const std::vector<StoredResult>& results_of(std::uint64_t index) {
        const auto [at, made] = results_.try_emplace(index);
        if (made) {
            Query query{connection_, "SELECT results FROM statements WHERE idx = ?"};
            if (query.bind(index).step()) at->second = decode_results(query.text());
        }
        return at->second;
    }
    Connection& connection_;
    std::map<std::uint64_t, std::vector<StoredResult>> results_;
};

std::optional<StatementRow> row_at(Connection& connection, std::uint64_t index) {
    Query query{connection, "SELECT " ANNEXA_STATEMENT_COLUMNS " FROM statements WHERE idx = ?"};
    return query.bind(index).step() ? std::optional{read_row(query)} : std::nullopt;
}

ResultAt with_statement(const StatementRow& row, const StoredResult& result) {
    return {row.index, row.host, row.enrolment, row.sequence, row.not_before, row.not_after, result};
}

struct Span {
    std::uint64_t first;
    std::uint64_t last;
};

std::map<std::string, Span> collectors_of(Connection& connection, std::string_view host) {
    Query query{connection, "SELECT collector, first_idx, last_idx FROM host_collectors WHERE host = ?"};
    query.bind(host);
    std::map<std::string, Span> spans;
    while (query.step()) {
        std::string collector = query.text();
        const std::uint64_t first = query.number();
        spans.emplace(std::move(collector), Span{first, query.number()});
    }
    return spans;
}

std::optional<Holding> find_holding(Connection& connection, std::string_view host, const Digest& digest) {
    Query query{connection, "SELECT name, bytes, put_at, named FROM holdings WHERE host = ? AND digest = ?"};
    if (!query.bind(host).bind(digest).step()) return std::nullopt;
    Holding holding{std::string{host}, digest, query.text(), 0, {}, {}};
    holding.bytes = query.number();
    holding.put_at = query.instant();
    holding.named = query.optional_number();
    return holding;
}

}  // namespace

std::optional<StatementRow> SQLiteStore::statement(const Digest& enrolment, std::uint64_t sequence) const {
    Reading reading{*parts_};
    std::optional<StatementRow> row;
    {
        Query query{reading,
                    "SELECT " ANNEXA_STATEMENT_COLUMNS " FROM statements WHERE enrolment = ? AND sequence = ?"};
        if (query.bind(enrolment).bind(sequence).step()) row = read_row(query);
    }
    if (!row) return std::nullopt;
    return Resolver{reading}(std::move(*row));
}

std::optional<StatementRow> SQLiteStore::statement_at(std::uint64_t index) const {
    Reading reading{*parts_};
    std::optional<StatementRow> row = row_at(reading, index);
    if (!row) return std::nullopt;
    return Resolver{reading}(std::move(*row));
}

std::vector<StatementRow> SQLiteStore::statements(const StatementFilter& filter) const {
    Reading reading{*parts_};
    std::string_view sql;
    if (filter.host)
        sql = filter.newest_first ? "SELECT " ANNEXA_STATEMENT_COLUMNS
                                    " FROM statements WHERE idx >= ? AND idx < ? AND host = ? ORDER BY idx DESC LIMIT ?"
                                  : "SELECT " ANNEXA_STATEMENT_COLUMNS
                                    " FROM statements WHERE idx >= ? AND idx < ? AND host = ? ORDER BY idx LIMIT ?";
    else
        sql = filter.newest_first ? "SELECT " ANNEXA_STATEMENT_COLUMNS
                                    " FROM statements WHERE idx >= ? AND idx < ? ORDER BY idx DESC LIMIT ?"
                                  : "SELECT " ANNEXA_STATEMENT_COLUMNS
                                    " FROM statements WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?";
    std::vector<StatementRow> rows;
    {
        Query query{reading, sql};
        query.bind(filter.from_index).bind(filter.before_index.value_or(sqlite::read_tree(reading).size));
        if (filter.host) query.bind(*filter.host);
        query.bind(std::uint64_t{filter.limit});
        while (query.step()) rows.push_back(read_row(query));
    }
    Resolver resolve{reading};
    for (StatementRow& row : rows) row = resolve(std::move(row));
    return rows;
}

std::vector<ResultAt> SQLiteStore::last_results(std::string_view host, std::optional<Instant> at,
                                                std::optional<std::uint64_t> known_at) const {
    Reading reading{*parts_};
    std::uint64_t bound = sqlite::read_tree(reading).size;
    if (known_at && *known_at < bound) bound = *known_at;
    std::map<std::string, Span> wanted = collectors_of(reading, host);
    std::erase_if(wanted, [bound](const auto& item) { return item.second.first >= bound; });
    std::map<std::string, ResultAt> found;
    Resolver resolve{reading};
    // From the newest statement back, past whatever cannot hold a collector that is still wanted.
    while (!wanted.empty() && bound > 0) {
        std::uint64_t newest = 0;
        for (const auto& [collector, span] : wanted) newest = std::max(newest, span.last);
        bound = std::min(bound, newest + 1);
        std::optional<std::uint64_t> index;
        {
            Query query{
                reading,
                "SELECT idx FROM statements WHERE host = ? AND idx < ? AND not_before <= ? ORDER BY idx DESC LIMIT 1"};
            if (query.bind(host).bind(bound).bind(at.value_or(Instant::max())).step()) index = query.number();
        }
        if (!index) break;
        bound = *index;
        const StatementRow row = resolve(row_at(reading, *index).value());
        for (auto result = row.results.rbegin(); result != row.results.rend(); ++result)
            if ((!at || result->at <= *at) && wanted.erase(result->collector) != 0)
                found.emplace(result->collector, with_statement(row, *result));
        std::erase_if(wanted, [bound](const auto& item) { return item.second.first >= bound; });
    }
    std::vector<ResultAt> results;
    for (auto& [collector, result] : found) results.push_back(std::move(result));
    return results;
}

std::vector<ResultAt> SQLiteStore::results_between(std::string_view host, std::string_view collector, Instant from,
                                                   Instant to) const {
    Reading reading{*parts_};
    std::vector<StatementRow> rows;
    {
        // A result's time lies between not_before and the first mark after its own, so these are all that can count.
        Query query{reading, "SELECT " ANNEXA_STATEMENT_COLUMNS
                             " FROM statements WHERE host = ? AND not_before <= ? AND idx >= "
                             "coalesce((SELECT max(idx) FROM marks WHERE idx < coalesce((SELECT min(idx) FROM marks "
                             "WHERE time >= ?), 9223372036854775807)), 0) ORDER BY idx"};
        query.bind(host).bind(to).bind(from);
        while (query.step()) rows.push_back(read_row(query));
    }
    Resolver resolve{reading};
    std::vector<ResultAt> results;
    for (StatementRow& stored : rows) {
        const StatementRow row = resolve(std::move(stored));
        for (const StoredResult& result : row.results)
            if ((collector.empty() || result.collector == collector) && result.at >= from && result.at <= to)
                results.push_back(with_statement(row, result));
    }
    return results;
}

// ---------------------------------------------------------------------------------------------- tables

bool SQLiteStore::hold(const Holding& holding) {
    Writing writing{*parts_};
    Query update{writing, "UPDATE holdings SET put_at = ? WHERE host = ? AND digest = ?"};
    update.bind(holding.put_at).bind(holding.host).bind(holding.digest).run();
    const bool held = update.changed() == 1;
    if (!held)
        Query{writing, "INSERT INTO holdings (host, digest, name, bytes, put_at, named) VALUES (?, ?, ?, ?, ?, ?)"}
            .bind(holding.host)
            .bind(holding.digest)
            .bind(holding.name)
            .bind(holding.bytes)
            .bind(holding.put_at)
            .bind(holding.named)
            .run();
    writing.commit();
    return !held;
}

std::optional<Holding> SQLiteStore::holding(std::string_view host, const Digest& digest) const {
    Reading reading{*parts_};
    return find_holding(reading, host, digest);
}

std::vector<Holding> SQLiteStore::holdings(std::string_view host, std::span<const Digest> digests) const {
    Reading reading{*parts_};
    std::vector<Holding> held;
    for (const Digest& digest : digests)
        if (std::optional<Holding> found = find_holding(reading, host, digest)) held.push_back(std::move(*found));
    return held;
}

std::uint64_t SQLiteStore::unnamed_bytes(std::string_view host) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT coalesce(sum(bytes), 0) FROM holdings WHERE host = ? AND named IS NULL"};
    query.bind(host);
    return query.step() ? query.number() : 0;
}

std::uint64_t SQLiteStore::bytes_put_since(std::string_view host, Instant since) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT coalesce(sum(bytes), 0) FROM holdings WHERE host = ? AND put_at >= ?"};
    query.bind(host).bind(since);
    return query.step() ? query.number() : 0;
}

std::vector<Digest> SQLiteStore::drop_unnamed(Instant put_before) {
    Writing writing{*parts_};
    std::vector<Digest> candidates;
    {
        Query query{writing, "SELECT DISTINCT digest FROM holdings WHERE named IS NULL AND put_at < ? ORDER BY digest"};
        query.bind(put_before);
        while (query.step()) candidates.push_back(query.digest());
    }
    Query{writing, "DELETE FROM holdings WHERE named IS NULL AND put_at < ?"}.bind(put_before).run();
    std::vector<Digest> dropped;
    for (const Digest& digest : candidates) {
        Query query{writing, "SELECT 1 FROM holdings WHERE digest = ?"};
        if (!query.bind(digest).step()) dropped.push_back(digest);
    }
    writing.commit();
    return dropped;
}

std::map<Digest, std::uint64_t> SQLiteStore::held() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT digest, max(bytes) FROM holdings GROUP BY digest"};
    std::map<Digest, std::uint64_t> held;
    while (query.step()) {
        const Digest digest = query.digest();
        held.emplace(digest, query.number());
    }
    return held;
}

std::vector<CollectorSpan> SQLiteStore::collector_spans() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT host, collector, first_idx, last_idx FROM host_collectors ORDER BY host, collector"};
    std::vector<CollectorSpan> spans;
    while (query.step()) {
        CollectorSpan& span = spans.emplace_back();
        span.host = query.text();
        span.collector = query.text();
        span.first = query.number();
        span.last = query.number();
    }
    return spans;
}

std::vector<Holding> SQLiteStore::holdings_after(std::string_view host, const Digest& digest, std::size_t limit) const {
    Reading reading{*parts_};
    Query query{reading,
                "SELECT host, digest, name, bytes, put_at, named FROM holdings WHERE (host, digest) > (?, ?) ORDER BY "
                "host, digest LIMIT ?"};
    query.bind(host).bind(digest).bind(std::uint64_t{limit});
    std::vector<Holding> holdings;
    while (query.step()) {
        Holding& holding = holdings.emplace_back();
        holding.host = query.text();
        holding.digest = query.digest();
        holding.name = query.text();
        holding.bytes = query.number();
        holding.put_at = query.instant();
        holding.named = query.optional_number();
    }
    return holdings;
}

}  // namespace annexa::store
