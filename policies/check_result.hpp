// The state of a check on a host as of a time: the table of states, first line first.
#pragma once

#include "evidence/instant.hpp"
#include "policies/evaluate.hpp"
#include "policies/finding.hpp"
#include "policies/pack.hpp"
#include "policies/state.hpp"
#include "policies/waiver.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

struct CheckResult {
    State state = State::missing;
    State beneath = State::missing;               // the state without waivers
    bool finding_open = false;                    // a finding is open, whether or not there is fresh evidence
    bool finding_open_long = false;               // one has been open for fix_within or longer
    std::optional<evidence::Instant> overdue_at;  // when the oldest open finding becomes or became overdue
    std::vector<std::string> waivers;             // ids of those that cover, where the state is waived

    bool operator==(const CheckResult&) const = default;
};

/// With history: `open` are the findings that were open when the outcome was the last (advance_findings()).
/// host_names: id and name, either may stand in a waiver.
CheckResult result_at(const Check& check, const Outcome& outcome, std::span<const OpenFinding> open,
                      std::span<const Waiver> waivers, std::span<const std::string> host_names, evidence::Instant at);

/// Without history (`annexa-agent check`): violations are `fail`, never `overdue`.
CheckResult result_without_history(const Check& check, const Outcome& outcome, std::span<const Waiver> waivers,
                                   std::span<const std::string> host_names, evidence::Instant at);

/// The next time after `at` when the result changes with no new evidence (stale, overdue, a waiver begins or ends).
std::optional<evidence::Instant> next_change(const Check& check, const Outcome& outcome,
                                             std::span<const OpenFinding> open, std::span<const Waiver> waivers,
                                             std::span<const std::string> host_names, evidence::Instant at);

/// What control_status() needs of a result: eight bytes, so that 10,000 hosts fit in memory.
struct CheckOnHost {
    State state = State::missing;
    bool finding_open = false;
    bool finding_open_long = false;
    bool populated = false;  // the population is above 0
    bool late = false;
};

CheckOnHost on_host(const CheckResult& result, const Outcome& outcome);

/// For the local check, which has no history: a fail counts as overdue.
CheckOnHost as_if_overdue(CheckOnHost on_host);

}  // namespace annexa::policies
