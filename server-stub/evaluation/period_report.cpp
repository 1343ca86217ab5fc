#include "server-stub/evaluation/period_report.hpp"

#include "evidence/errors.hpp"
#include "server-stub/evaluation/host_scope.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/scope_records.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace annexa::store {
namespace {

using policies::CheckTimeline;
using policies::Period;
using policies::ResultTime;
using policies::State;

/// What is asked, and what is the same for every host.
struct Question {
    const Store& store;
    TableReader& tables;
    Period period;
    std::optional<std::uint64_t> known_at;
    std::vector<Period> ruled;  // when each of the report's rule books was in force
    std::vector<policies::Waiver> waivers;
};

/// The rule books one after the other: a new one from each adoption on.
void read_rules(PeriodReport& report, Question& question, const RuleBooks& books) {
    std::set<Instant> begins{question.period.from};
    for (const Decision& decision : question.store.all_decisions("adoption")) {
        if (question.known_at && decision.index >= *question.known_at) continue;
        if (decision.at > question.period.from && decision.at < question.period.to) begins.insert(decision.at);
    }
    for (auto begin = begins.begin(); begin != begins.end(); ++begin) {
        const auto next = std::next(begin);
        report.rules.push_back(books.at(*begin, question.known_at));
        question.ruled.push_back({*begin, next == begins.end() ? question.period.to : *next});
    }
}

/// One host's evidence over time.
struct HostTimes {
    std::map<std::string, std::vector<ResultTime>> results;  // by collector; each was the last from its time on
    std::vector<Period> two_machines;
    std::map<std::string, std::vector<policies::StateSince>> states;  // by check
    std::map<std::string, std::vector<policies::FindingSpan>> findings;
};

/// A result with its place in the chain. One that is lower in the chain than what was there already never was the last.
struct Placed {
    ResultTime time;
    std::uint64_t index = 0;
};

std::vector<ResultTime> last_ones(std::vector<Placed> results) {
    std::stable_sort(results.begin(), results.end(),
                     [](const Placed& a, const Placed& b) { return a.time.at < b.time.at; });
    std::vector<ResultTime> last;
    std::uint64_t highest = 0;
    for (const Placed& result : results) {
        if (result.index < highest) continue;
        highest = result.index;
        if (!last.empty() && last.back().at == result.time.at)
            last.back() = result.time;
        else
            last.push_back(result.time);
    }
    return last;
}

using Compromised = std::map<Digest, std::uint64_t>;  // enrolment → since which index of the log

Placed placed(const ResultAt& result, const Compromised& compromised) {
    const auto since = compromised.find(result.enrolment);
    const auto bracket = result.not_after ? *result.not_after - result.not_before : policies::Milliseconds{0};
    return {{result.result.at, bracket, since != compromised.end() && result.index >= since->second}, result.index};
}

void read_results(HostTimes& times, const Question& question, const Host& host, const Compromised& compromised) {
    std::map<std::string, std::vector<Placed>> by_collector;
    const auto take = [&](const ResultAt& result) {
        by_collector[result.result.collector].push_back(placed(result, compromised));
    };
    for (const ResultAt& result : question.store.last_results(host.id, question.period.from, question.known_at))
        take(result);
    const Instant after = question.period.from + policies::Milliseconds{1};
    for (const ResultAt& result : question.store.results_between(host.id, "", after, question.period.to))
        if (!question.known_at || result.index < *question.known_at) take(result);
    for (auto& [collector, results] : by_collector) times.results.emplace(collector, last_ones(std::move(results)));
}

Compromised read_enrolments(HostTimes& times, const Question& question, const Host& host) {
    Compromised compromised;
    const std::vector<Enrolment> enrolments = question.store.enrolments(host.id);
    for (std::size_t i = 0; i < enrolments.size(); ++i) {
        const Enrolment& enrolment = enrolments[i];
        if (question.known_at && enrolment.index >= *question.known_at) continue;
        if (enrolment.compromised_since) compromised.emplace(enrolment.id, *enrolment.compromised_since);
        if (enrolment.state != EnrolmentState::two_machines || !enrolment.closed_at) continue;
        const bool is_last =
            i + 1 == enrolments.size() || (question.known_at && enrolments[i + 1].index >= *question.known_at);
        times.two_machines.push_back(
            {std::max(*enrolment.closed_at, enrolment.made_at), is_last ? Instant::max() : enrolments[i + 1].made_at});
    }
    return compromised;
}

HistoryFilter filter_of(const Question& question, const Host& host) {
    HistoryFilter filter;
    filter.host = host.id;
    filter.from = question.period.from;
    filter.to = question.period.to;
    filter.known_at = question.known_at;
    return filter;
}

HostTimes read_times(const Question& question, const Host& host) {
    HostTimes times;
    read_results(times, question, host, read_enrolments(times, question, host));
    for (const HistoryRow& row : question.store.history(filter_of(question, host))) {
        auto& states = times.states[row.check];
        if (row.to && *row.to <= row.from) continue;
        states.push_back({row.from, policies::parse_state(row.state).value_or(State::error)});
        // Where the next row begins at once, its own state follows at the same time and counts.
        if (row.to) states.push_back({*row.to, State::missing});
    }
    for (const FindingRow& finding : question.store.findings(filter_of(question, host)))
        times.findings[finding.check].push_back({finding.key, finding.opened, finding.closed});
    return times;
}

std::vector<Period> intersection(const std::vector<Period>& stretches, const Period& with) {
    std::vector<Period> common;
    for (const Period& stretch : stretches) {
        const Period part{std::max(stretch.from, with.from), std::min(stretch.to, with.to)};
        if (part.from < part.to) common.push_back(part);
    }
    return common;
}

policies::CheckOverPeriod check_over(const policies::Check& check, const Host& host, const HostTimes& times,
                                     std::vector<Period> in_force, const Question& question) {
    CheckTimeline line;
    line.check = &check;
    line.host = host.id;
    line.host_names = {host.id, host.name};
    line.in_force = std::move(in_force);
    if (const auto found = times.states.find(check.id); found != times.states.end()) line.states = found->second;
    if (const auto found = times.findings.find(check.id); found != times.findings.end()) line.findings = found->second;
    for (const std::string& collector : check.collectors)
        if (const auto found = times.results.find(collector); found != times.results.end())
            line.results.emplace_back(found->second);
    line.two_machines = times.two_machines;
    line.waivers = question.waivers;
    return policies::over_period(line, question.period);
}

policies::HostOverPeriod host_over(const PeriodReport& report, const Question& question, const Host& host,
                                   const std::vector<Period>& in_scope) {
    policies::HostOverPeriod over{host.id, {}};
    const HostTimes times = read_times(question, host);
    for (std::size_t i = 0; i < report.rules.size(); ++i) {
        const std::vector<Period> in_force = intersection(in_scope, question.ruled[i]);
        if (in_force.empty()) continue;
        for (const policies::CheckInForce& ruled : report.rules[i].checks())
            over.checks.push_back(check_over(*ruled.check, host, times, in_force, question));
    }
    return over;
}

/// When a host was enrolled and not retired.
std::vector<Period> enrolled(const Question& question, const Host& host) {
    const std::vector<Enrolment> enrolments = question.store.enrolments(host.id);
    if (question.known_at && (enrolments.empty() || enrolments.front().index >= *question.known_at)) return {};
    const bool retired =
        !enrolments.empty() && enrolments.back().state == EnrolmentState::retired && enrolments.back().closed_at;
    return intersection({{host.first_seen, retired ? *enrolments.back().closed_at : Instant::max()}}, question.period);
}

/// By each scope while it was in force; what the host said by the end of that time counts for all of it.
std::vector<Period> scoped(const Question& question, const Host& host, const std::vector<ScopeSince>& scopes) {
    std::vector<Period> in_scope;
    const std::vector<Period> there = enrolled(question, host);
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        const Instant until =
            i + 1 < scopes.size() ? std::min(scopes[i + 1].from, question.period.to) : question.period.to;
        const std::vector<Period> parts = intersection(there, {scopes[i].from, until});
        if (!parts.empty() &&
            is_in_scope(question.store, scopes[i].scope, host, {until, question.known_at}, question.tables))
            in_scope.insert(in_scope.end(), parts.begin(), parts.end());
    }
    return in_scope;
}

}  // namespace

PeriodInputs period_inputs(const Store& store, const Blobs& blobs, const policies::Period& period,
                           std::optional<std::uint64_t> known_at) {
    const isms::Register records{store, blobs, {period.to, known_at}};
    PeriodInputs inputs{isms::status_inputs(records, period.to).period_rule, {}};
    const auto since = [&](Instant from) {
        const AsOf as_of{from, known_at};
        inputs.scopes.push_back({from, isms::scope_in_force({store, blobs, as_of})});
    };
    // Who leaves the scope at the period's end is in it before: each scope counts for its own time alone.
    since(period.from);
    for (const Instant moment : isms::scope_changes(records, period.from, period.to)) since(moment);
    return inputs;
}

PeriodReport period_report(const Store& store, const Blobs& blobs, const RuleBooks& books, const Period& period,
                           std::optional<std::uint64_t> known_at, const PeriodInputs& inputs,
                           std::optional<std::string_view> host) {
    PeriodReport report;
    report.period = period;
    report.rule = inputs.rule;
    TableReader tables{blobs};
    Question question{store, tables, period, known_at, {}, {}};
    read_rules(report, question, books);
    report.waivers = waivers_between(store, blobs, period.from, period.to, known_at);
    for (const WaiverView& view : report.waivers) question.waivers.push_back(view.waiver);

    std::vector<policies::HostOverPeriod> hosts;
    for (const Host& one : store.hosts()) {
        if (host && one.id != *host && one.name != *host) continue;
        const std::vector<Period> in_scope = scoped(question, one, inputs.scopes);
        if (in_scope.empty()) continue;
        hosts.push_back(host_over(report, question, one, in_scope));
        report.hosts.push_back(one);
    }
    if (host && report.hosts.empty())
        throw evidence::coded_error("not_found", "no host in scope within the period is called " + std::string{*host} +
                                                     "; `annexa hosts` lists them");
    std::vector<const policies::Check*> in_force;
    for (const RuleBook& rules : report.rules)
        for (const policies::CheckInForce& ruled : rules.checks()) in_force.push_back(ruled.check);
    report.controls = policies::period_status(policies::annex_a(), in_force, hosts, period, report.rule);
    return report;
}

}  // namespace annexa::store
