#include "server-stub/api/results_json.hpp"

#include "server-stub/api/arguments.hpp"
#include "server-stub/conditions/conditions.hpp"
#include "server-stub/evaluation/parameter_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {

using nlohmann::json;

json name_json(const Store& store, std::string_view account) {
    const auto known = store.account(account);
    return known && !known->name.empty() ? json(known->name) : json(nullptr);
}

json alarm_json(const Alarm& alarm) {
    return {{"host", alarm.host},
            {"code", alarm.code},
            {"index", alarm.index == 0 ? json(nullptr) : json(alarm.index)},
            {"text", alarm.text}};
}

json store_alarms(const Server& server) {
    json alarms = json::array();
    for (const Condition& condition : judge(look_at(server)))
        if (condition.kind->severity == Severity::error)
            alarms.push_back({{"host", nullptr},
                              {"code", condition.kind->code},
                              {"index", nullptr},
                              {"text", in_words(*condition.kind, condition.detail)}});
    return alarms;
}

json finding_json(const CheckView& check, const FindingRow& finding) {
    const json cells = json::parse(finding.detail);
    json columns = json::object();
    for (std::size_t i = 0; i < check.outcome.columns.size() && i < cells.size(); ++i)
        columns[check.outcome.columns[i]] = cells[i];
    return {{"key", finding.key},
            {"columns", std::move(columns)},
            {"opened", evidence::to_string(finding.opened)},
            {"opened_index", finding.opened_index},
            {"overdue_at", evidence::to_string(finding.opened + check.check->fix_within)}};
}

json result_json(const HostView& host, const CheckView& check, const RuleBook& rules) {
    json findings = json::array();
    for (const FindingRow& finding : check.open) findings.push_back(finding_json(check, finding));
    const RuledPack* pack = rules.pack_of(check.check->id);
    return {
        {"check", check.check->id},
        {"host", host.host.id},
        {"host_name", host.host.name},
        {"state", policies::name(check.result.state)},
        {"beneath", policies::name(check.result.beneath)},
        {"population", check.outcome.population ? json(*check.outcome.population) : json(nullptr)},
        {"reason", check.outcome.reason.empty() ? json(nullptr) : json(check.outcome.reason)},
        {"detail", check.outcome.detail.empty() ? json(nullptr) : json(check.outcome.detail)},
        {"collected_at", time_json(check.outcome.newest)},
        {"late", check.outcome.late},
        {"overdue_at", time_json(check.result.overdue_at)},
        {"since", check.row ? json(evidence::to_string(check.row->from)) : json(nullptr)},
        {"findings", std::move(findings)},
        {"waivers", check.result.waivers},
        {"evidence", check.evidence},
        {"pack", pack == nullptr ? json(nullptr)
                                 : json{{"pack", pack->pack->name},
                                        {"version", pack->pack->version},
                                        {"sha256", pack->pack->digest.hex()},
                                        {"adopted", pack->adoption ? json(pack->adoption->index) : json(nullptr)}}}};
}

json changes_json(const StatusReport& report, std::string_view check) {
    json changes = json::array();
    if (report.hosts.empty()) return changes;
    const auto& first = report.hosts.front().checks;  // all hosts have them in one order
    const auto at =
        std::find_if(first.begin(), first.end(), [&](const CheckView& view) { return view.check->id == check; }) -
        first.begin();
    for (const HostView& host : report.hosts)
        if (const CheckView& view = host.checks.at(static_cast<std::size_t>(at)); view.dropped_out)
            changes.push_back({{"check", check},
                               {"host", host.host.id},
                               {"host_name", host.host.name},
                               {"from", policies::name(view.dropped_out->from)},
                               {"to", policies::name(policies::State::not_applicable)},
                               {"reason", view.outcome.reason},
                               {"at", evidence::to_string(view.dropped_out->at)},
                               {"index", view.dropped_out->index}});
    return changes;
}

json results_of_control(const StatusReport& report, const policies::Control& control) {
    json results = json::array();
    for (const HostView& host : report.hosts)
        for (const CheckView& check : host.checks)
            if (const policies::ControlLink* link = check.check->control(control.id)) {
                results.push_back(result_json(host, check, report.rules));
                results.back()["strength"] = policies::strength_name(link->strength);
            }
    return results;
}

}  // namespace annexa::store
