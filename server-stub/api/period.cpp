// GET /api/v1/status?from=&to=: the 93 controls over a period. Durations in whole seconds, host-time in days.
#include "evidence/errors.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/period_report.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {
namespace {

using nlohmann::json;
using policies::Milliseconds;

/// Intervals and gaps listed of each check and control; how many there are in all stands beside them.
constexpr std::size_t most_listed = 1000;

using HostNames = std::map<std::string, std::string>;

double days_of(Milliseconds time) { return static_cast<double>(time.count()) / 86'400'000.0; }

json seconds_json(const std::optional<Milliseconds>& time) {
    return time ? json(std::chrono::floor<std::chrono::seconds>(*time).count()) : json(nullptr);
}

json interval_json(const policies::FailureInterval& interval, const HostNames& names) {
    return {{"check", interval.check},
            {"host", interval.host},
            {"host_name", names.at(interval.host)},
            {"key", interval.key},
            {"opened", evidence::to_string(interval.opened)},
            {"closed", time_json(interval.closed)},
            {"allowed_until", evidence::to_string(interval.allowed_until)}};
}

json gap_json(const policies::Gap& gap, const HostNames& names) {
    return {{"check", gap.check},
            {"host", gap.host},
            {"host_name", names.at(gap.host)},
            {"from", evidence::to_string(gap.from)},
            {"to", evidence::to_string(gap.to)},
            {"state", policies::name(gap.state)}};
}

json figures_json(const policies::PeriodFigures& figures, const HostNames& names) {
    json host_days = json::object();
    policies::for_each_state([&](policies::State state) {
        host_days[std::string{policies::name(state)}] = days_of(figures.time[static_cast<std::size_t>(state)]);
    });
    json intervals = json::array();
    for (std::size_t i = 0; i < std::min(most_listed, figures.intervals.size()); ++i)
        intervals.push_back(interval_json(figures.intervals[i], names));
    json gaps = json::array();
    for (std::size_t i = 0; i < std::min(most_listed, figures.gaps.size()); ++i)
        gaps.push_back(gap_json(figures.gaps[i], names));
    const Milliseconds all = figures.in_scope();
    return {{"host_days", std::move(host_days)},
            {"host_days_in_scope", days_of(all)},
            {"intervals", std::move(intervals)},
            {"intervals_total", figures.intervals.size()},
            {"longest", seconds_json(figures.longest)},
            {"median_time_to_fix", seconds_json(figures.median_time_to_fix)},
            {"gaps", std::move(gaps)},
            {"gaps_total", figures.gaps.size()},
            {"gap_share", policies::share_of(figures.gap, all)},
            {"late_share", policies::share_of(figures.late, all - figures.gap)},
            {"waivers", figures.waivers}};
}

json control_json(const policies::ControlPeriod& control, const HostNames& names) {
    json result = figures_json(control.figures, names);
    result["id"] = control.control->id;
    result["title"] = control.control->title;
    result["theme"] = control.control->theme;
    result["operation"] = policies::name(control.operation);
    result["sentence"] = control.sentence;
    json checks = json::array();
    for (const policies::CheckPeriod& check : control.checks) {
        json one = figures_json(check.figures, names);
        one["check"] = check.check->id;
        one["strength"] = policies::strength_name(check.strength);
        one["overdue_beyond_tolerance"] = seconds_json(check.beyond_tolerance);
        one["overdue_without_waivers"] = seconds_json(check.beyond_beneath);
        one["overdue_at_end"] = check.beyond_at_end;
        checks.push_back(std::move(one));
    }
    result["checks"] = std::move(checks);
    return result;
}

json waiver_json(const WaiverView& view) {
    return {{"id", view.waiver.id},
            {"check", view.waiver.check},
            {"hosts", view.waiver.hosts},
            {"reason", view.waiver.reason},
            {"from", evidence::to_string(view.waiver.from)},
            {"until", evidence::to_string(view.waiver.until)},
            {"asked_by", view.asked_by},
            {"decided_by", view.decided_by},
            {"single_person", view.single_person},
            {"index", view.index}};
}

json rules_json(const PeriodReport& report) {
    json rules = json::array();
    for (const RuleBook& book : report.rules)
        for (const RuledPack& ruled : book.packs)
            rules.push_back({{"pack", ruled.pack->name},
                             {"version", ruled.pack->version},
                             {"sha256", ruled.pack->digest.hex()},
                             {"adopted", ruled.adoption ? json(ruled.adoption->index) : json(nullptr)}});
    return rules;
}

}  // namespace

Response get_period_status(Server& server, const Request& request) {
    server.evaluation.catch_up();
    const policies::Period period = read_period(server, request);
    const std::optional<std::uint64_t> known_at = read_known_at(server, request);
    const auto control = read_text(request, "control");
    if (control && policies::find_control(policies::annex_a(), *control) == nullptr)
        throw evidence::coded_error("not_found", "Annex A has no control " + *control + "; ids are such as A.8.8");
    const PeriodReport report =
        period_report(server.store, server.blobs, server.evaluation.rule_books(), period, known_at,
                      period_inputs(server.store, server.blobs, period, known_at), read_text(request, "host"));
    HostNames names;
    for (const Host& host : report.hosts) names.emplace(host.id, host.name);
    json waivers = json::array();
    for (const WaiverView& view : report.waivers) waivers.push_back(waiver_json(view));
    json controls = json::array();
    for (const policies::ControlPeriod& one : report.controls)
        if (!control || one.control->id == *control) controls.push_back(control_json(one, names));
    return json_answer(
        {{"from", evidence::to_string(period.from)},
         {"to", evidence::to_string(period.to)},
         {"known_at", request.argument("known_at") ? json(*request.argument("known_at")) : json(nullptr)},
         {"organization", server.store.setting("organization").value_or("")},
         {"hosts_in_scope", report.hosts.size()},
         {"gap_share_allowed", report.rule.gap_share},
         {"checkpoint", server.store.log_head().checkpoint},
         {"alarms", store_alarms(server)},
         {"packs", rules_json(report)},
         {"waivers", std::move(waivers)},
         {"controls", std::move(controls)}});
}

}  // namespace annexa::store
