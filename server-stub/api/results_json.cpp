#include "server-stub/api/results_json.hpp"

#include "server-stub/api/arguments.hpp"
#include "server-stub/evaluation/parameter_json.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

json alarm_json(const Alarm& alarm) {
    return {{"host", alarm.host}, {"code", alarm.code}, {"index", alarm.index == 0 ? json(nullptr) : json(alarm.index)}, {"text", alarm.text}};
}

json finding_json(const CheckView& check, const FindingRow& finding) {
    const json cells = json::parse(finding.detail);
    json columns = json::object();
    for (std::size_t i = 0; i < check.outcome.columns.size() && i < cells.size(); ++i) columns[check.outcome.columns[i]] = cells[i];
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
    return {{"check", check.check->id},
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
                                     : json{{"pack", pack->pack->name}, {"version", pack->pack->version}, {"sha256", pack->pack->digest.hex()},
                                            {"adopted", pack->adoption ? json(pack->adoption->index) : json(nullptr)}}}};
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
