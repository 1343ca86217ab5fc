// Checks and controls over a period: an audit asks about a year, not an instant.
//
// A CheckTimeline holds what is known of one check on one host; segments_of() cuts the period into stretches of one
// state, the same state that result_at() gives at each instant of them; period_status() counts them for each check and
// control. All times are half-open: [from, to). All sums are in milliseconds, the resolution of all our times, so that
// a period and its parts add up exactly.
#pragma once

#include "evidence/instant.hpp"
#include "policies/catalogue.hpp"
#include "policies/check_result.hpp"
#include "policies/control_status.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

using Milliseconds = std::chrono::milliseconds;

struct Period {
    evidence::Instant from{};
    evidence::Instant to{};
    bool operator==(const Period&) const = default;
};

/// What evidence alone said from a time on: missing, error, deleted, not_applicable, fail or pass.
struct StateSince {
    evidence::Instant from{};
    State state = State::missing;
};

/// A result of a collector that was the last one from its time on.
struct ResultTime {
    evidence::Instant at{};
    Milliseconds bracket{0};  // between the marks around it; 0 while the later mark is not there
    bool distrusted = false;  // signed by a key that was compromised by then
};

struct FindingSpan {
    std::string key;  // finding_key()
    evidence::Instant opened{};
    std::optional<evidence::Instant> closed = std::nullopt;
};

/// One check, as one version of its pack has it, on one host.
struct CheckTimeline {
    const Check* check = nullptr;
    std::string host;                                  // id
    std::vector<std::string> host_names;               // id and name: either may stand in a waiver
    std::vector<Period> in_force;                      // the host in scope and the check in force
    std::vector<StateSince> states;                    // by time; missing before the first
    std::vector<std::span<const ResultTime>> results;  // one for each collector that it needs, by time
    std::span<const Period> two_machines;              // the host's enrolment was marked
    std::vector<FindingSpan> findings;
    std::span<const Waiver> waivers;
};

/// A stretch of one state.
struct Segment {
    evidence::Instant from{};
    evidence::Instant to{};
    State state = State::missing;
    State beneath = State::missing;  // without waivers
    bool finding_open = false;
    bool finding_open_long = false;
    bool late = false;
    bool operator==(const Segment&) const = default;
};

/// Gapless over what is in force within the period, by time, neighbours differ. Whatever the timeline holds beyond the
/// period changes nothing.
std::vector<Segment> segments_of(const CheckTimeline& timeline, const Period& period);

/// One check on one host over the period.
struct CheckOverPeriod {
    const Check* check = nullptr;
    std::vector<Segment> segments;
    std::vector<FindingSpan> findings;  // those that were open within the segments
    std::vector<std::string> waivers;   // ids of those that covered them
};
CheckOverPeriod over_period(const CheckTimeline& timeline, const Period& period);

struct HostOverPeriod {
    std::string host;                     // id
    std::vector<CheckOverPeriod> checks;  // a check may come again: once for each version of its pack
};

/// A finding as the period saw it.
struct FailureInterval {
    std::string host;
    std::string check;
    std::string key;
    evidence::Instant opened{};                              // may lie before the period
    std::optional<evidence::Instant> closed = std::nullopt;  // nothing: open at the period's end
    evidence::Instant allowed_until{};                       // it is overdue from then on
};

struct Gap {
    std::string host;
    std::string check;
    evidence::Instant from{};
    evidence::Instant to{};
    State state = State::missing;  // missing, error, deleted or stale
};

using StateTimes = std::array<Milliseconds, state_count>;

/// What is told of a check as of a control.
struct PeriodFigures {
    StateTimes time{};                                   // host-time in each state
    Milliseconds gap{0};                                 // host-time without fresh evidence
    Milliseconds late{0};                                // host-time that rests on late evidence, of what is fresh
    std::vector<FailureInterval> intervals;              // longest first
    std::optional<Milliseconds> longest = std::nullopt;  // from opened to closed or the period's end
    std::optional<Milliseconds> median_time_to_fix = std::nullopt;  // of what was closed within the period
    std::vector<Gap> gaps;                                          // by time
    std::vector<std::string> waivers;                               // ids

    [[nodiscard]] Milliseconds in_scope() const;  // all host-time
};

/// The share of host-time, 0 where there is none.
double share_of(Milliseconds part, Milliseconds whole);

struct CheckPeriod {
    const Check* check = nullptr;  // as last in force within the period
    Strength strength = Strength::direct;
    PeriodFigures figures;
    Milliseconds beyond_tolerance{0};  // time in which it was overdue on more hosts than it tolerates, silence counted
    Milliseconds beyond_beneath{0};    // the same if there were no waivers
    bool beyond_at_end = false;
};

struct ControlPeriod {
    const Control* control = nullptr;
    Operation operation = Operation::not_monitored;
    PeriodFigures figures;  // each host's moment once, under the worst state that a direct check has there then
    std::vector<CheckPeriod> checks;
    std::string sentence;
};

/// All controls, in their order. `in_force` are all checks that were in force at any time of the period, each version
/// of a pack with its own: also where no host was in scope. A control's operation over the period, the first line that
/// holds: not_monitored    no direct check was in force at any time not_effective    a direct check of severity high or
/// critical was overdue beyond its tolerance at the period's end or for
///                  more than overdue_share of it
/// not_applicable   there was fresh evidence all the time and no direct check ever applied
/// no_evidence      no direct check was ever pass, fail, overdue or waived on any host
/// effective        no check was overdue beyond its tolerance at any time, with or without a waiver, and gaps are below
///                  gap_share
/// partly_effective else
std::vector<ControlPeriod> period_status(const Catalogue& controls, std::span<const Check* const> in_force,
                                         std::span<const HostOverPeriod> hosts, const Period& period,
                                         const PeriodRule& rule = {});

}  // namespace annexa::policies
