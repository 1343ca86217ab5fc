#include "policies/control_status.hpp"

#include "policies/status_sentence.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

std::size_t count(const CheckCounts& counts, State state) { return counts.states[static_cast<std::size_t>(state)]; }

bool is_direct(const CheckCounts& counts) { return counts.strength == Strength::direct; }

bool is_severe(const CheckCounts& counts) { return counts.check->severity >= Severity::high; }

/// Overdue on more hosts than the check tolerates; silence counts like what was last seen.
bool is_beyond_tolerance(const CheckCounts& counts) {
    const std::size_t suffering = count(counts, State::overdue) + counts.silent_with_old_finding;
    return suffering > static_cast<std::size_t>(std::max(counts.check->tolerance, 0));
}

std::size_t tested(const CheckCounts& counts) {
    return count(counts, State::pass) + count(counts, State::fail) + count(counts, State::overdue) +
           count(counts, State::waived);
}

std::size_t unknown(const CheckCounts& counts) {
    return count(counts, State::missing) + count(counts, State::error) + count(counts, State::deleted) +
           count(counts, State::stale);
}

/// A supporting check that speaks against the control: it fails, or did when it was last heard of.
bool is_against(const CheckCounts& counts) {
    return !is_direct(counts) &&
           (count(counts, State::fail) > 0 || count(counts, State::overdue) > 0 || counts.silent_with_finding > 0);
}

/// The checks that speak for the control on a host: the direct ones, the partial where none is direct.
std::vector<std::size_t> speaking(const Control& control, std::span<const CheckInForce> checks) {
    std::vector<std::size_t> direct, partial;
    for (std::size_t i = 0; i < checks.size(); ++i)
        if (const ControlLink* link = checks[i].check->control(control.id); link != nullptr)
            (link->strength == Strength::direct ? direct : partial).push_back(i);
    return direct.empty() ? partial : direct;
}

void count_hosts(ControlStatus& status, const std::vector<std::size_t>& indices, std::span<const HostResults> hosts) {
    if (indices.empty()) return;
    for (const HostResults& host : hosts) {
        const auto any = [&](auto&& holds) {
            return std::any_of(indices.begin(), indices.end(), [&](std::size_t i) { return holds(host.checks.at(i)); });
        };
        for (const State state : worst_first) {
            if (!any([=](const CheckOnHost& on) { return on.state == state; })) continue;
            ++status.hosts[static_cast<std::size_t>(state)];
            break;
        }
        if (any([](const CheckOnHost& on) { return is_unknown(on.state); })) continue;
        ++status.coverage.fresh;
        if (any([](const CheckOnHost& on) { return on.late; })) ++status.coverage.late;
    }
}

Rule rule_of(const Control& control, std::span<const CheckInForce> checks) {
    Rule rule = Rule::none;
    for (const CheckInForce& in_force : checks) {
        if (in_force.check->control(control.id) == nullptr) continue;
        if (!in_force.adopted) return Rule::vendor_default;
        rule = Rule::adopted;
    }
    return rule;
}

/// The table of `status`, first line first.
Status decide(const ControlStatus& status, bool excluded) {
    const bool accepted = status.records == RecordsStatus::accepted;
    const bool not_tested =
        status.operation == Operation::not_monitored || status.operation == Operation::not_applicable;
    const bool against = std::any_of(status.checks.begin(), status.checks.end(), is_against);
    const bool passes = std::any_of(status.checks.begin(), status.checks.end(), [](const CheckCounts& counts) {
        return is_direct(counts) && counts.populated_passes > 0;
    });

    if (excluded) return Status::excluded;
    if (status.operation == Operation::not_effective || status.records == RecordsStatus::rejected)
        return Status::not_effective;
    if (status.operation == Operation::effective && passes && status.coverage.full() && accepted &&
        status.rule == Rule::adopted)
        return Status::effective;
    if (not_tested && accepted && !against) return Status::effective;
    if (status.operation == Operation::effective || status.operation == Operation::partly_effective)
        return Status::partly_effective;
    if (not_tested && accepted) return Status::partly_effective;
    if (not_tested && status.records == RecordsStatus::missing) return Status::not_assessed;
    return Status::insufficient_evidence;
}

}  // namespace

std::vector<CheckCounts> count_checks(const Control& control, std::span<const CheckInForce> checks,
                                      std::span<const HostResults> hosts) {
    std::vector<CheckCounts> all;
    for (std::size_t i = 0; i < checks.size(); ++i) {
        const ControlLink* link = checks[i].check->control(control.id);
        if (link == nullptr) continue;
        CheckCounts counts;
        counts.check = checks[i].check;
        counts.strength = link->strength;
        for (const HostResults& host : hosts) {
            const CheckOnHost& on = host.checks.at(i);
            ++counts.states[static_cast<std::size_t>(on.state)];
            if (is_unknown(on.state) && on.finding_open) ++counts.silent_with_finding;
            if (is_unknown(on.state) && on.finding_open_long) ++counts.silent_with_old_finding;
            if (on.state == State::pass && on.populated) ++counts.populated_passes;
        }
        all.push_back(std::move(counts));
    }
    return all;
}

Operation operation_of(std::span<const CheckCounts> checks, std::size_t hosts_in_scope) {
    const auto any = [&](auto&& holds) { return std::any_of(checks.begin(), checks.end(), holds); };
    const auto any_direct = [&](auto&& holds) {
        return any([&](const CheckCounts& counts) { return is_direct(counts) && holds(counts); });
    };
    const auto applies_nowhere = [&](const CheckCounts& counts) {
        return count(counts, State::not_applicable) == hosts_in_scope;
    };

    if (!any(is_direct)) return Operation::not_monitored;
    if (any_direct([](const CheckCounts& counts) { return is_severe(counts) && is_beyond_tolerance(counts); }))
        return Operation::not_effective;
    // Of no host at all nothing is known, which is not the same as that nothing applies.
    if (hosts_in_scope > 0 && !any_direct([&](const CheckCounts& counts) { return !applies_nowhere(counts); }))
        return Operation::not_applicable;
    if (!any_direct([](const CheckCounts& counts) { return tested(counts) > 0; })) return Operation::no_evidence;
    const bool another_overdue = any([](const CheckCounts& counts) {
        return !(is_direct(counts) && is_severe(counts)) && is_beyond_tolerance(counts);
    });
    const bool lowered = any_direct([](const CheckCounts& counts) {
        return (is_severe(counts) && count(counts, State::fail) > 0) || count(counts, State::waived) > 0 ||
               unknown(counts) > 0;
    });
    return another_overdue || lowered ? Operation::partly_effective : Operation::effective;
}

ControlRecords records_of(const Control& control, const StatusInputs& inputs, evidence::Instant at) {
    ControlRecords records;
    for (const RecordFact& fact : inputs.facts)
        if (fact.control == control.id) records.facts.push_back(fact);
    const ExpectedEvidence& expected = expected_evidence().at(control.id);
    records.records = records_status(expected, records.facts, at);
    records.single_person = std::any_of(records.facts.begin(), records.facts.end(), [&](const RecordFact& fact) {
        const auto until = in_date_until(fact, expected);
        return fact.single_person && fact.review == Review::approved && until && at < *until;
    });
    records.excluded = inputs.exclusions.excludes(control.id);
    records.evidenced_otherwise = inputs.scope.evidenced_otherwise.size();
    for (const Conclusion& conclusion : inputs.conclusions)
        if (conclusion.control == control.id && conclusion.at <= at) records.conclusions.push_back(conclusion);
    return records;
}

ControlStatus control_status(const Control& control, std::span<const CheckInForce> checks,
                             std::span<const HostResults> hosts, const ControlRecords& records, evidence::Instant at) {
    ControlStatus status;
    status.control = &control;
    status.at = at;
    status.checks = count_checks(control, checks, hosts);
    status.operation = operation_of(status.checks, hosts.size());
    status.records = records.records;
    status.single_person = records.single_person;
    status.facts = records.facts;
    status.conclusions = records.conclusions;
    status.rule = rule_of(control, checks);
    status.coverage.in_scope = hosts.size();
    status.coverage.evidenced_otherwise = records.evidenced_otherwise;
    count_hosts(status, speaking(control, checks), hosts);
    for (const CheckCounts& counts : status.checks)
        if (is_direct(counts)) status.in_time += count(counts, State::fail);
    status.status = decide(status, records.excluded);
    status.reasons = status_reasons(status);
    status.sentence = status_sentence(status);
    return status;
}

}  // namespace annexa::policies
