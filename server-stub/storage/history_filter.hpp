// What a HistoryFilter lets through: the rule that every member of the Store family follows.
#pragma once

#include "server-stub/storage/store.hpp"

namespace annexa::store {

inline Instant begins(const HistoryRow& row) { return row.from; }
inline Instant begins(const FindingRow& row) { return row.opened; }
inline std::optional<Instant>& ends(HistoryRow& row) { return row.to; }
inline std::optional<Instant>& ends(FindingRow& row) { return row.closed; }
inline std::optional<std::uint64_t>& ended_by(HistoryRow& row) { return row.to_index; }
inline std::optional<std::uint64_t>& ended_by(FindingRow& row) { return row.closed_index; }

/// The row as the filter shows it: one that ended by what was not known yet is open. Nothing where it does not pass.
template <class Row>
std::optional<Row> shown(Row row, const HistoryFilter& filter) {
    if ((filter.host && row.host != *filter.host) || (filter.check && row.check != *filter.check)) return std::nullopt;
    if (filter.with_superseded) return row;
    if (filter.known_at) {
        if (row.known > *filter.known_at || (row.superseded && *row.superseded <= *filter.known_at))
            return std::nullopt;
        if (ended_by(row) && *ended_by(row) >= *filter.known_at) {
            ends(row).reset();
            ended_by(row).reset();
        }
    } else if (row.superseded) {
        return std::nullopt;
    }
    if (filter.open_only && ends(row)) return std::nullopt;
    if (filter.to && begins(row) > *filter.to) return std::nullopt;
    if (filter.from && ends(row) && *ends(row) <= *filter.from) return std::nullopt;
    return row;
}

template <class Row>
std::vector<Row> filtered(const std::vector<Row>& rows, const HistoryFilter& filter) {
    std::vector<Row> found;
    for (const Row& row : rows)
        if (std::optional<Row> passing = shown(row, filter)) found.push_back(std::move(*passing));
    return found;
}

}  // namespace annexa::store
