#include "server-stub/isms/retest.hpp"

#include "policies/check_result.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>

namespace annexa::store::isms {
namespace {

using policies::State;

/// Since when a host has had a check's state pass, over stretches that follow each other without a break.
std::optional<Instant> passing_since(const Store& store, const std::string& host, const std::string& check) {
    HistoryFilter filter;
    filter.host = host;
    filter.check = check;
    std::vector<HistoryRow> rows = store.history(filter);
    std::optional<Instant> since;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        if (row->state != policies::name(State::pass) || (row->to && (!since || *row->to < *since))) break;
        since = row->from;
    }
    return since;
}

/// Since when it was looked at without a break: a silence longer than evidence stays fresh is one.
Instant observed_since(const Store& store, const std::string& host, const policies::Check& check, Instant since,
                       Instant newest) {
    for (const std::string& collector : check.collectors) {
        std::vector<Instant> times;
        for (const ResultAt& result : store.results_between(host, collector, since, newest))
            times.push_back(result.result.at);
        std::sort(times.begin(), times.end());
        for (std::size_t i = times.size(); i-- > 1;)
            if (times[i] - times[i - 1] > check.max_age) {
                since = std::max(since, times[i]);
                break;
            }
    }
    return since;
}

Retest::OfHost judge(const Store& store, const HostView& view, const CheckView& check, Instant after, int days) {
    Retest::OfHost judged;
    judged.host = view.host.id;
    judged.name = view.host.name;
    judged.newest = check.outcome.newest;
    judged.evidence = check.evidence;
    judged.outcome = policies::name(check.result.state);
    if (check.result.state != State::pass) {
        judged.why = "is " + judged.outcome;
        return judged;
    }
    judged.since = passing_since(store, view.host.id, check.check->id);
    if (judged.since && judged.newest)
        judged.since = observed_since(store, view.host.id, *check.check, *judged.since, *judged.newest);
    // The oldest of what the outcome rests on: a pass that half rests on what was collected before is none.
    const std::optional<Instant> oldest = check.outcome.oldest ? check.outcome.oldest : check.outcome.newest;
    if (!judged.since || !oldest || *oldest <= after) {
        judged.outcome = "not_tested";
        judged.why = "has no evidence collected since " + evidence::to_string(after);
    } else if (*oldest - std::max(*judged.since, after) < std::chrono::days{days}) {
        judged.outcome = "not_long_enough";
        judged.why = "passes on evidence of less than " + std::to_string(days) + " days";
    } else {
        judged.outcome = "passed";
    }
    return judged;
}

const CheckView* find_check(const HostView& view, const std::string& check) {
    const auto found = std::find_if(view.checks.begin(), view.checks.end(),
                                    [&](const CheckView& each) { return each.check->id == check; });
    return found == view.checks.end() ? nullptr : &*found;
}

}  // namespace

std::string Retest::objection() const {
    std::string text;
    for (const OfHost& host : hosts)
        if (host.outcome != "passed" && host.outcome != "retired")
            text += (text.empty() ? "" : "; ") + host.name + " " + host.why;
    if (hosts.empty()) text = "no host is in scope on which it could be tested again";
    return text;
}

Retest retest(Server& server, const std::string& check, const std::vector<std::string>& hosts, Instant after, int days,
              Instant now) {
    Retest result;
    const StatusReport report = server.evaluation.report({now, std::nullopt});
    for (const HostView& view : report.hosts) {
        if (!hosts.empty() && std::find(hosts.begin(), hosts.end(), view.host.id) == hosts.end()) continue;
        if (const CheckView* found = find_check(view, check))
            result.hosts.push_back(judge(server.store, view, *found, after, days));
        else
            result.hosts.push_back(
                {view.host.id, view.host.name, "missing", {}, {}, {}, "is not looked at: the check is not in force"});
    }
    for (const std::string& id : hosts) {
        if (std::any_of(result.hosts.begin(), result.hosts.end(),
                        [&](const Retest::OfHost& each) { return each.host == id; }))
            continue;
        const std::optional<Host> host = server.store.host(id);
        const bool retired = host && host->retired;
        result.hosts.push_back({id,
                                host ? host->name : id,
                                retired ? "retired" : "missing",
                                {},
                                {},
                                {},
                                retired ? "is retired" : "is in no scope any more: nobody looks at it"});
    }
    return result;
}

std::vector<std::pair<std::string, std::optional<Instant>>> failing(Server& server, const std::string& check,
                                                                    const std::vector<std::string>& known,
                                                                    Instant now) {
    std::vector<std::pair<std::string, std::optional<Instant>>> hosts;
    for (const HostView& view : server.evaluation.report({now, std::nullopt}).hosts) {
        const CheckView* found = find_check(view, check);
        if (found == nullptr || std::find(known.begin(), known.end(), view.host.id) != known.end()) continue;
        const State state = found->result.state;
        if (state != State::fail && state != State::overdue && state != State::waived) continue;
        hosts.emplace_back(view.host.id, found->row ? std::optional{found->row->from} : std::nullopt);
    }
    return hosts;
}

}  // namespace annexa::store::isms
