// Outcomes as they stand in history: what a stretch of one state was computed to, and the findings beside it.
#pragma once

#include "policies/evaluate.hpp"
#include "server-stub/evaluation/rule_book.hpp"
#include "server-stub/storage/rows.hpp"

#include <span>
#include <string>

namespace annexa::store {

/// HistoryRow::detail of a check: pack, version, digest, parameters set, population, reason, words, columns, SQLite.
std::string outcome_detail(const policies::Outcome& outcome, const RuledPack& pack);

/// FindingRow::detail: the whole row of violations.
std::string finding_detail(const evidence::Row& row);

/// The outcome again, but for its times and lateness, which the collectors' last results tell. `open`: the check's findings
/// that were open then.
policies::Outcome outcome_of(const HistoryRow& row, std::span<const FindingRow> open);

/// The open findings as policies speak of them.
std::vector<policies::OpenFinding> open_findings(std::span<const FindingRow> findings);

}  // namespace annexa::store
