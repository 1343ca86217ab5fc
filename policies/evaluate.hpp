// One check over the evidence of one host.
//
// What depends on nothing but evidence, check and parameters is an Outcome; it is the same on host, store and auditor's
// laptop, and again at any later time. What the passing of time adds (stale, overdue, waived) is in check_result.hpp.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/table.hpp"
#include "policies/database.hpp"
#include "policies/host_evidence.hpp"
#include "policies/pack.hpp"
#include "policies/state.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

struct Outcome {
    State state = State::missing;  // missing, error, deleted, not_applicable, fail or pass
    std::string reason;            // a code where the state is missing, error, deleted or not_applicable; else empty
    std::string detail;            // words for people, may be empty
    std::optional<std::int64_t> population;  // what was looked at; nothing where the check did not run
    std::vector<std::string> columns;        // of rows: the key, then found, wanted, source
    std::vector<evidence::Row> rows;         // the violations, sorted by canonical JSON
    std::size_t key_columns = 0;
    std::optional<evidence::Instant> newest;  // collected_at among the results that the check needs: `:now`
    std::optional<evidence::Instant> oldest;  // what staleness counts from
    bool late = false;                        // one of these results is late

    bool operator==(const Outcome&) const = default;
};

/// Codes of Outcome::reason beyond those of collectors (evidence::Reason).
namespace reasons {
constexpr std::string_view no_result = "no_result";  // missing: the collector never had a result
constexpr std::string_view owed = "owed";            // missing: its turn came and there is no result
constexpr std::string_view agent_too_old =
    "agent_too_old";  // missing: a table or column that the check reads is not there
constexpr std::string_view key_compromised = "key_compromised";  // error
constexpr std::string_view two_machines = "two_machines";        // error
constexpr std::string_view query_failed = "query_failed";        // error: a query failed or ran past its limit
constexpr std::string_view bad_population = "bad_population";    // error: violations without a population
constexpr std::string_view table_deleted = "table_deleted";      // deleted
constexpr std::string_view does_not_apply = "does_not_apply";    // not_applicable: applies_if returned no row
constexpr std::string_view nothing_to_check =
    "nothing_to_check";  // not_applicable: population and violations are empty
}  // namespace reasons

/// Evaluates checks over one host, in their order; only the tables that they need are loaded. Never throws for what a
/// query does: that is State::error.
std::vector<Outcome> evaluate(EvaluationDatabase& database, std::span<const Check* const> checks,
                              const Parameters& parameters, const HostEvidence& host);

/// The canonical JSON of the key of a row: what makes two findings the same finding.
std::string finding_key(const Outcome& outcome, const evidence::Row& row);

/// The keys of all rows, each once, sorted.
std::vector<std::string> finding_keys(const Outcome& outcome);

}  // namespace annexa::policies
