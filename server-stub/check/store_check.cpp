#include "server-stub/check/store_check.hpp"

#include "evidence/tile.hpp"
#include "server-stub/check/checks.hpp"

#include <algorithm>

namespace annexa::store {
namespace check {

std::uint64_t check_blobs(const Store& store, const Blobs& blobs, Problems& problems) {
    std::map<Digest, std::uint64_t> held;
    problems.guard("tables", [&] { held = store.held(); });
    std::uint64_t checked = 0;
    for (const auto& [digest, bytes] : held) {
        const std::string place = "table " + digest.hex();
        problems.guard(place, [&] {
            const std::optional<std::string> blob = blobs.get(digest);
            if (!blob)
                problems.add(place, "its bytes are gone");
            else if (evidence::sha256(*blob) != digest)
                problems.add(place, "its bytes are others than its digest says");
            else if (blob->size() != bytes)
                problems.add(place,
                             "has " + std::to_string(blob->size()) + " bytes, its row says " + std::to_string(bytes));
        });
        ++checked;
    }
    // Packs and documents: whatever there is besides tables.
    problems.guard("blobs", [&] {
        for (const Digest& digest : blobs.list()) {
            if (held.contains(digest)) continue;
            ++checked;
            const std::string place = "blob " + digest.hex();
            problems.guard(place, [&] {
                const std::optional<std::string> blob = blobs.get(digest);
                if (blob && evidence::sha256(*blob) != digest)
                    problems.add(place, "its bytes are others than its digest says");
            });
        }
    });
    return checked;
}

std::uint64_t check_history(const Store& store, Problems& problems) {
    HistoryFilter all;
    all.with_superseded = true;
    std::uint64_t rows = 0;
    problems.guard("history", [&] {
        for (const HistoryRow& row : store.history(all)) {
            ++rows;
            if (row.integrity != history_digest(row))
                problems.add("history row " + std::to_string(row.id),
                             "it is not what was written: its digest does not fit it");
        }
    });
    problems.guard("findings", [&] {
        for (const FindingRow& row : store.findings(all)) {
            ++rows;
            if (row.integrity != finding_digest(row))
                problems.add("finding row " + std::to_string(row.id),
                             "it is not what was written: its digest does not fit it");
        }
    });
    return rows;
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

}  // namespace

StoreCheck check_store(const Store& store, const Blobs& blobs, const evidence::VerifierKey& log,
                       const evidence::PublicKey& record_key) {
    StoreCheck result;
    check::Problems problems{result.problems};
    problems.guard("database", [&] {
        for (const std::string& line : store.verify()) problems.add("database", line);
    });
    LogHead head;
    problems.guard("log", [&] { head = store.log_head(); });
    result.entries = head.tree.size;
    problems.guard("log", [&] { check::check_log(store, head, log, problems); });

    check::EntryCheck entry_check{store, record_key, log.name, problems};
    for (std::uint64_t first = 0; first < head.tree.size; first += evidence::tile_width) {
        const std::uint64_t end = std::min<std::uint64_t>(first + evidence::tile_width, head.tree.size);
        std::map<std::uint64_t, StatementRow> rows = statement_rows(store, first, end, problems);
        const std::map<std::uint64_t, std::string> entries = entries_of(store, first, end, problems);
        for (const auto& [index, bytes] : entries) {
            problems.guard("entry " + std::to_string(index), [&] { entry_check.entry(index, bytes, rows); });
            rows.erase(index);
        }
        for (const auto& [index, row] : rows)
            if (!entries.contains(index))
                problems.add("statement row " + std::to_string(index), "there is no such entry in the log");
    }
    problems.guard("enrolments", [&] { entry_check.finish(head.tree.size); });
    result.statements = entry_check.statements();
    result.enrolments = entry_check.enrolments();
    check::check_accounts(store, blobs, problems);
    result.blobs = check::check_blobs(store, blobs, problems);
    result.history_rows = check::check_history(store, problems);
    return result;
}

}  // namespace annexa::store
