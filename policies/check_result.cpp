#include "policies/check_result.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::Instant;

bool is_stale(const Check& check, const Outcome& outcome, Instant at) {
    return outcome.oldest && at - *outcome.oldest > check.max_age;
}

std::vector<const Waiver*> in_force(const Check& check, std::span<const Waiver> waivers,
                                    std::span<const std::string> host_names, Instant at) {
    std::vector<const Waiver*> applying;
    for (const Waiver& waiver : waivers)
        if (applies(waiver, check.id, host_names, at)) applying.push_back(&waiver);
    return applying;
}

void apply_waivers(CheckResult& result, const Check& check, const Outcome& outcome, std::span<const Waiver> waivers,
                   std::span<const std::string> host_names, Instant at) {
    result.beneath = result.state;
    if (result.state != State::fail && result.state != State::overdue) return;
    const std::vector<const Waiver*> applying = in_force(check, waivers, host_names, at);
    if (!covers_all(applying, outcome)) return;
    result.state = State::waived;
    for (const Waiver* waiver : applying) result.waivers.push_back(waiver->id);
}

/// missing, error and deleted come before stale, everything else after it.
State before_age(const Check& check, const Outcome& outcome, Instant at) {
    if (outcome.state == State::missing || outcome.state == State::error || outcome.state == State::deleted)
        return outcome.state;
    return is_stale(check, outcome, at) ? State::stale : outcome.state;
}

/// When each finding that is shown or still open was opened: one that nobody has noted yet, by this very evidence.
std::vector<OpenFinding> all_open(const Outcome& outcome, std::span<const OpenFinding> open) {
    return advance_findings(open, outcome).open;
}

}  // namespace

CheckResult result_at(const Check& check, const Outcome& outcome, std::span<const OpenFinding> open,
                      std::span<const Waiver> waivers, std::span<const std::string> host_names, Instant at) {
    CheckResult result;
    result.state = before_age(check, outcome, at);
    const std::vector<OpenFinding> findings = all_open(outcome, open);
    result.finding_open = !findings.empty();
    for (const OpenFinding& finding : findings) {
        const Instant overdue_at = finding.opened + check.fix_within;
        result.overdue_at = std::min(result.overdue_at.value_or(overdue_at), overdue_at);
    }
    result.finding_open_long = result.overdue_at && at >= *result.overdue_at;
    if (result.state == State::fail && result.finding_open_long) result.state = State::overdue;
    apply_waivers(result, check, outcome, waivers, host_names, at);
    return result;
}

CheckResult result_without_history(const Check& check, const Outcome& outcome, std::span<const Waiver> waivers,
                                   std::span<const std::string> host_names, Instant at) {
    CheckResult result;
    result.state = before_age(check, outcome, at);
    result.finding_open = outcome.state == State::fail;
    apply_waivers(result, check, outcome, waivers, host_names, at);
    return result;
}

std::optional<Instant> next_change(const Check& check, const Outcome& outcome, std::span<const OpenFinding> open,
                                   std::span<const Waiver> waivers, std::span<const std::string> host_names,
                                   Instant at) {
    std::optional<Instant> next;
    const auto consider = [&](Instant when) {
        if (when > at) next = std::min(next.value_or(when), when);
    };
    // Older than max_age, not as old: a millisecond, the resolution of all our times, later.
    if (outcome.oldest) consider(*outcome.oldest + check.max_age + std::chrono::milliseconds{1});
    for (const OpenFinding& finding : all_open(outcome, open)) consider(finding.opened + check.fix_within);
    for (const Waiver& waiver : waivers) {
        const bool concerns = applies(waiver, check.id, host_names, waiver.from);
        if (concerns) {
            consider(waiver.from);
            consider(waiver.until);
        }
    }
    return next;
}

CheckOnHost on_host(const CheckResult& result, const Outcome& outcome) {
    return {result.state, result.finding_open, result.finding_open_long, outcome.population.value_or(0) > 0,
            outcome.late};
}

CheckOnHost as_if_overdue(CheckOnHost on_host) {
    if (on_host.state == State::fail) {
        on_host.state = State::overdue;
        on_host.finding_open_long = true;
    }
    return on_host;
}

}  // namespace annexa::policies
