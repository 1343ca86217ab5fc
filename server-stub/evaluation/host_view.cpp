#include "server-stub/evaluation/host_view.hpp"

#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/outcome_json.hpp"

#include <algorithm>
#include <map>

namespace annexa::store {
namespace {

using policies::State;

/// Where results came by an enrolment that must not be believed as of then.
struct Distrust {
    std::map<Digest, std::uint64_t> compromised_since;  // enrolment → log index
    bool two_machines = false;                          // the current enrolment is marked
    EnrolmentState state = EnrolmentState::active;
};

Distrust read_distrust(const Store& store, const Host& host, const AsOf& as_of) {
    Distrust distrust;
    for (const Enrolment& enrolment : store.enrolments(host.id)) {
        if (as_of.known_at && enrolment.index >= *as_of.known_at) continue;
        // Who held a stolen key could have said anything from that index on: also as of a time before anybody knew.
        if (enrolment.compromised_since) distrust.compromised_since.emplace(enrolment.id, *enrolment.compromised_since);
        // A later enrolment says nothing about the time before it.
        if (enrolment.made_at > as_of.at) continue;
        const bool closed_by_then = enrolment.closed_at && *enrolment.closed_at <= as_of.at;
        distrust.state = closed_by_then ? enrolment.state : EnrolmentState::active;
        distrust.two_machines = closed_by_then && enrolment.state == EnrolmentState::two_machines;
    }
    return distrust;
}

/// Adds to an outcome what the collectors' last results tell: its times, lateness, and whether it may be believed.
void add_evidence(CheckView& view, const HostCollectors& collectors, const Distrust& distrust) {
    for (const std::string& name : view.check->collectors) {
        const auto found = collectors.states.find(name);
        if (found == collectors.states.end()) continue;
        const ResultAt& last = found->second.last;
        const Instant at = last.result.at;
        view.outcome.newest = std::max(view.outcome.newest.value_or(at), at);
        view.outcome.oldest = std::min(view.outcome.oldest.value_or(at), at);
        if (last.not_after && *last.not_after - last.not_before > view.check->max_age) view.outcome.late = true;
        view.evidence.push_back(last.index);
        const auto since = distrust.compromised_since.find(last.enrolment);
        if (since != distrust.compromised_since.end() && last.index >= since->second && view.outcome.state != State::missing) {
            view.outcome.state = State::error;
            view.outcome.reason = policies::reasons::key_compromised;
        }
    }
    if (distrust.two_machines && view.outcome.state != State::missing) {
        view.outcome.state = State::error;
        view.outcome.reason = policies::reasons::two_machines;
    }
    std::sort(view.evidence.begin(), view.evidence.end());
    view.evidence.erase(std::unique(view.evidence.begin(), view.evidence.end()), view.evidence.end());
}

HistoryFilter filter_of(const Host& host, const AsOf& as_of) {
    HistoryFilter filter;
    filter.host = host.id;
    filter.from = as_of.at;
    filter.to = as_of.at;
    filter.known_at = as_of.known_at;
    return filter;
}

/// The last tested state before the stretch in which the check does not apply. What lies between may be unknown: an error between a
/// fail and "does not apply" hides nothing.
std::optional<DroppedOut> dropped_out(const Store& store, const HistoryRow& row, const AsOf& as_of) {
    HistoryFilter filter;
    filter.host = row.host;
    filter.check = row.check;
    filter.to = row.from;
    filter.known_at = as_of.known_at;
    const std::vector<HistoryRow> rows = store.history(filter);
    DroppedOut change{State::pass, row.from, row.from_index};
    for (auto before = rows.rbegin(); before != rows.rend(); ++before) {
        if (before->from >= row.from) continue;
        if (before->state == policies::name(State::not_applicable)) {
            change.at = before->from;
            change.index = before->from_index;
            continue;
        }
        for (const State tested : {State::pass, State::fail}) {
            change.from = tested;
            if (before->state == policies::name(tested)) return change;
        }
    }
    return std::nullopt;
}

/// Nothing precedes what the host's first statement said.
std::uint64_t first_statement(const Store& store, const std::string& host) {
    StatementFilter filter;
    filter.host = host;
    filter.limit = 1;
    filter.newest_first = false;
    const std::vector<StatementRow> rows = store.statements(filter);
    return rows.empty() ? 0 : rows.front().index;
}

}  // namespace

std::vector<policies::Waiver> waivers_at(const Store& store, const Blobs& blobs, const AsOf& as_of) {
    std::vector<policies::Waiver> waivers;
    for (const WaiverView& waiver : read_waivers(store, blobs, as_of))
        if (waiver.decision == "approved") waivers.push_back(waiver.waiver);
    return waivers;
}

HostView view_host(const Store& store, const Host& host, const RuleBook& rules, std::span<const policies::Waiver> waivers,
                   const AsOf& as_of) {
    HostView view;
    view.host = host;
    const HostCollectors collectors = read_collectors(store, host.id, as_of.at, as_of.known_at);
    const Distrust distrust = read_distrust(store, host, as_of);
    view.enrolment = distrust.state;
    std::map<std::string, HistoryRow> rows;
    for (HistoryRow& row : store.history(filter_of(host, as_of))) {
        std::string check = row.check;
        rows.insert_or_assign(std::move(check), std::move(row));
    }
    std::map<std::string, std::vector<FindingRow>> findings;
    for (FindingRow& finding : store.findings(filter_of(host, as_of))) findings[finding.check].push_back(std::move(finding));
    const std::vector<std::string> names{host.id, host.name};
    std::optional<std::uint64_t> first;
    for (const policies::CheckInForce& in_force : rules.checks()) {
        CheckView check;
        check.check = in_force.check;
        if (const auto found = findings.find(in_force.check->id); found != findings.end()) check.open = std::move(found->second);
        if (const auto found = rows.find(in_force.check->id); found != rows.end()) {
            check.row = found->second;
            check.outcome = outcome_of(*check.row, check.open);
            add_evidence(check, collectors, distrust);
            if (check.row->state == policies::name(State::not_applicable)) {
                if (!first) first = first_statement(store, host.id);
                if (check.row->from_index != *first) check.dropped_out = dropped_out(store, *check.row, as_of);
            }
        } else {
            check.outcome.reason = policies::reasons::no_result;
        }
        check.result = policies::result_at(*check.check, check.outcome, open_findings(check.open), waivers, names, as_of.at);
        view.checks.push_back(std::move(check));
    }
    return view;
}

std::vector<Host> hosts_in_scope(const Store& store, const AsOf& as_of) {
    std::vector<Host> in_scope;
    for (const Host& host : store.hosts()) {
        if (host.first_seen > as_of.at) continue;
        const std::vector<Enrolment> enrolments = store.enrolments(host.id);
        if (as_of.known_at && (enrolments.empty() || enrolments.front().index >= *as_of.known_at)) continue;
        const bool retired = !enrolments.empty() && enrolments.back().state == EnrolmentState::retired &&
                             enrolments.back().closed_at && *enrolments.back().closed_at <= as_of.at;
        if (!retired) in_scope.push_back(host);
    }
    return in_scope;
}

}  // namespace annexa::store
