#include "server-stub/check/store_check.hpp"

#include "evidence/tile.hpp"
#include "server-stub/check/certificate_check.hpp"
#include "server-stub/check/checks.hpp"

#include <algorithm>

namespace annexa::store {
namespace check {

namespace {

constexpr std::size_t holdings_at_once = 1000;

std::string table_name(const Digest& digest) { return "table " + digest.hex(); }

/// The size of a blob that is what its digest says.
std::optional<std::uint64_t> whole_blob(const Blobs& blobs, const Digest& digest, const std::string& place,
                                        Problems& problems) {
    std::optional<std::uint64_t> size;
    problems.guard(place, [&] {
        const std::optional<std::string> blob = blobs.get(digest);
        if (!blob)
            problems.add(place, "its bytes are gone");
        else if (evidence::sha256(*blob) != digest)
            problems.add(place, "its bytes are others than its digest says");
        else
            size = blob->size();
    });
    return size;
}

bool names(const StatementRow& row, const Holding& holding) {
    return row.host == holding.host &&
           std::any_of(row.results.begin(), row.results.end(), [&](const StoredResult& result) {
               return !result.same_as && std::find(result.tables.begin(), result.tables.end(),
                                                   TableRef{holding.name, holding.digest}) != result.tables.end();
           });
}

/// The statement that a holding says has named it, does. That none after it does is looked at from the entries' side.
void check_naming(const Store& store, const Holding& holding, Problems& problems) {
    if (!holding.named) return;
    const std::string place = table_name(holding.digest);
    problems.guard(place, [&] {
        const std::optional<StatementRow> row = store.statement_at(*holding.named);
        if (!row || !names(*row, holding))
            problems.add(place, "its row says that entry " + std::to_string(*holding.named) + " names it as " +
                                    holding.name + " for host " + holding.host + ", which it does not");
    });
}

void check_ids(std::vector<std::uint64_t> ids, std::uint64_t written, const std::string& kind, Problems& problems) {
    std::sort(ids.begin(), ids.end());
    std::uint64_t expected = 1;
    for (const std::uint64_t id : ids) {
        for (; expected < id && expected <= written; ++expected)
            problems.add(kind + " row " + std::to_string(expected), "it is gone");
        if (id > written) problems.add(kind + " row " + std::to_string(id), "no row of that number was ever written");
        expected = id + 1;
    }
    for (; expected <= written; ++expected) problems.add(kind + " row " + std::to_string(expected), "it is gone");
}

}  // namespace

std::uint64_t check_blobs(const Store& store, const Blobs& blobs, const std::vector<Decision>& decisions,
                          Problems& problems) {
    std::map<Digest, std::optional<std::uint64_t>> sizes;
    problems.guard("holdings", [&] {
        Holding last;
        for (std::vector<Holding> page;
             !(page = store.holdings_after(last.host, last.digest, holdings_at_once)).empty(); last = page.back())
            for (const Holding& holding : page) {
                const std::string place = table_name(holding.digest);
                const auto [size, first] = sizes.try_emplace(holding.digest);
                if (first) size->second = whole_blob(blobs, holding.digest, place, problems);
                if (size->second && *size->second != holding.bytes)
                    problems.add(place, "has " + std::to_string(*size->second) + " bytes, its row says " +
                                            std::to_string(holding.bytes));
                check_naming(store, holding, problems);
            }
    });
    // Documents: whatever there is besides tables, and whatever a decision names. The packs that are adopted are built
    // in.
    std::set<Digest> documents;
    problems.guard("blobs", [&] {
        for (const Digest& digest : blobs.list())
            if (!sizes.contains(digest)) documents.insert(digest);
    });
    // What was erased is gone by decision, whatever else was decided upon it.
    std::set<std::string> erased;
    for (const Decision& decision : decisions)
        if (decision.kind == "deletion") erased.insert(decision.subject);
    for (const Decision& decision : decisions)
        if (decision.kind != "adoption" && (decision.kind == "deletion" || !erased.contains(decision.subject)))
            documents.insert(decision.document);
    for (const Digest& digest : documents) whole_blob(blobs, digest, "blob " + digest.hex(), problems);
    return sizes.size() + documents.size();
}

std::uint64_t check_history(const Store& store, Problems& problems) {
    HistoryFilter all;
    all.with_superseded = true;
    RowsWritten written;
    problems.guard("history", [&] { written = store.rows_written(); });
    std::vector<std::uint64_t> history;
    problems.guard("history", [&] {
        for (const HistoryRow& row : store.history(all)) {
            history.push_back(row.id);
            if (row.integrity != history_digest(row))
                problems.add("history row " + std::to_string(row.id),
                             "it is not what was written: its digest does not fit it");
        }
        check_ids(history, written.history, "history", problems);
    });
    std::vector<std::uint64_t> findings;
    problems.guard("findings", [&] {
        for (const FindingRow& row : store.findings(all)) {
            findings.push_back(row.id);
            if (row.integrity != finding_digest(row))
                problems.add("finding row " + std::to_string(row.id),
                             "it is not what was written: its digest does not fit it");
        }
        check_ids(findings, written.findings, "finding", problems);
    });
    return history.size() + findings.size();
}

}  // namespace check

namespace {

/// The rows of a stretch of the log. One that cannot be read is named, the others are there.
std::map<std::uint64_t, StatementRow> statement_rows(const Store& store, std::uint64_t first, std::uint64_t end,
                                                     check::Problems& problems) {
    StatementFilter filter;
    filter.from_index = first;
    filter.before_index = end;
    filter.limit = static_cast<std::size_t>(end - first);
    filter.newest_first = false;
    std::map<std::uint64_t, StatementRow> rows;
    try {
        for (StatementRow& row : store.statements(filter)) rows.emplace(row.index, std::move(row));
    } catch (const std::exception&) {
        for (std::uint64_t index = first; index < end; ++index)
            problems.guard("statement row " + std::to_string(index), [&] {
                if (auto row = store.statement_at(index)) rows.emplace(index, std::move(*row));
            });
    }
    return rows;
}

/// The entries of a stretch; one that cannot be read is named.
std::map<std::uint64_t, std::string> entries_of(const Store& store, std::uint64_t first, std::uint64_t end,
                                                check::Problems& problems) {
    std::map<std::uint64_t, std::string> entries;
    for (std::uint64_t index = first; index < end; ++index)
        problems.guard("entry " + std::to_string(index), [&] {
            const std::vector<std::string> one = store.entries(index, 1);
            if (!one.empty()) entries.emplace(index, one.front());
        });
    return entries;
}

/// Log, entries, and the rows that entries make.
void check_entries(const Store& store, const LogHead& head, const check::LogKeys& keys,
                   const std::optional<std::string>& authority, const std::vector<Decision>& decisions,
                   StoreCheck& result, check::Problems& problems) {
    const std::size_t before = problems.count();
    problems.guard("log", [&] { check::check_log(store, head, keys.log, problems); });
    check::HostCheck hosts{store, keys, authority, problems};
    check::EntryCheck entry_check{store, keys, decisions, hosts, problems.count() == before, problems};
    for (std::uint64_t first = 0; first < head.tree.size; first += evidence::tile_width) {
        const std::uint64_t end = std::min<std::uint64_t>(first + evidence::tile_width, head.tree.size);
        std::map<std::uint64_t, StatementRow> rows = statement_rows(store, first, end, problems);
        const std::map<std::uint64_t, std::string> entries = entries_of(store, first, end, problems);
        for (const auto& entry : entries) {
            problems.guard("entry " + std::to_string(entry.first),
                           [&] { entry_check.entry(entry.first, entry.second, rows); });
            rows.erase(entry.first);
        }
        for (const auto& [index, row] : rows)
            if (!entries.contains(index))
                problems.add("statement row " + std::to_string(index), "there is no such entry in the log");
    }
    problems.guard("rows", [&] { entry_check.finish(head.tree.size); });
    hosts.finish();
    result.statements = entry_check.statements();
    result.enrolments = hosts.enrolments();
}

}  // namespace

StoreCheck check_store(const Store& store, const Blobs& blobs, const std::optional<KeyFiles>& keys) {
    StoreCheck result;
    check::Problems problems{result.problems};
    problems.guard("database", [&] {
        for (const std::string& line : store.verify()) problems.add("database", line);
    });
    LogHead head;
    problems.guard("log", [&] { head = store.log_head(); });
    result.entries = head.tree.size;
    std::vector<Decision> decisions;
    problems.guard("decisions", [&] {
        for (const char* kind : {"adoption", "waiver", "acknowledgement", "account", "record", "approval", "deletion"})
            for (Decision& decision : store.all_decisions(kind)) decisions.push_back(std::move(decision));
    });
    std::optional<check::LogKeys> log_keys;
    problems.guard("settings", [&] { log_keys = check::check_identity(store, head, keys, problems); });
    if (log_keys) {
        // A store that was restored without its keys certifies hosts anew, and remembers what the old authority gave.
        std::optional<std::string> authority;
        if (keys && keys->contains("ca.crt") && check::wrong_with_authority(keys->at("ca.crt")).empty() &&
            !store.setting("restored"))
            authority = keys->at("ca.crt");
        check_entries(store, head, *log_keys, authority, decisions, result, problems);
    }
    problems.guard("tokens and accounts", [&] { check::check_people(store, decisions, problems); });
    check::check_accounts(store, blobs, problems);
    result.blobs = check::check_blobs(store, blobs, decisions, problems);
    problems.guard("evaluated", [&] {
        if (const std::uint64_t evaluated = store.evaluated(); evaluated > head.tree.size)
            problems.add("evaluated", "it says that " + std::to_string(evaluated) + " entries were evaluated, of " +
                                          std::to_string(head.tree.size));
    });
    result.history_rows = check::check_history(store, problems);
    return result;
}

}  // namespace annexa::store
