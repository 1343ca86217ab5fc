#include "evidence/instant.hpp"
#include "policies/control_status.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "server-stub/isms/auditing.hpp"
#include "server-stub/isms/coverage.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

/// Members that stand in the report as they were written.
constexpr std::string_view as_written[] = {"title",
                                           "objective",
                                           "scope",
                                           "themes",
                                           "hosts",
                                           "criteria",
                                           "period_from",
                                           "period_to",
                                           "methods",
                                           "held_from",
                                           "held_to",
                                           "auditors",
                                           "results",
                                           "interviews",
                                           "observations",
                                           "documents",
                                           "samples",
                                           "populations",
                                           "reperformances",
                                           "evidence_verified",
                                           "independence_overrides",
                                           "reports_taken_back"};

json counts(const json& results) {
    std::map<std::string, std::size_t> counted;
    for (const json& result : results) ++counted[text_in(result, "result")];
    return counted;
}

json nonconformities_of(const Register& records, const std::string& audit) {
    json list = json::array();
    for (const Record* record : records.of_kind("nonconformity")) {
        const json& members = *record->members;
        if (text_in(members, "audit") != audit) continue;
        list.push_back({{"record", record->id},
                        {"version", record->last().version},
                        {"title", text_in(members, "title")},
                        {"grade", text_in(members, "grade")},
                        {"requirements", texts_in(members, "requirements")},
                        {"facts", text_in(members, "facts")},
                        {"state", members.contains("closed") ? "closed" : "open"}});
    }
    return list;
}

json controls_at(const ActionContext& context, const std::set<std::string>& audited, Instant at) {
    const StatusReport status = context.server.evaluation.report({at, std::nullopt});
    json list = json::array();
    for (const policies::ControlStatus& control : status.controls)
        if (audited.contains(control.control->id))
            list.push_back({{"control", control.control->id},
                            {"status", policies::name(control.status)},
                            {"sentence", control.sentence}});
    return list;
}

}  // namespace

json audit_report(const ActionContext& context, const json& input) {
    const json& members = *context.record.members;
    const std::set<std::string> audited = requirements_audited(members);
    json report{{"document", "audit_report"},
                {"audit", context.record.id},
                {"organization", context.server.store.setting("organization").value_or("")},
                {"made_at", evidence::to_string(context.facts.now)},
                {"made_by", context.by.session.account},
                {"requirements", audited}};
    for (const std::string_view member : as_written)
        if (const auto found = members.find(member); found != members.end()) report[std::string{member}] = *found;
    for (const auto& [name, value] : input.items()) report[name] = value;
    report["counts"] = counts(members.at("results"));
    json not_examined = json::array();
    for (const json& result : members.at("results"))
        if (text_in(result, "result") == "not_examined")
            not_examined.push_back(
                {{"requirement", result.at("requirement")}, {"why_not", text_in(result, "why_not")}});
    report["not_examined"] = std::move(not_examined);
    std::size_t agreed = 0;
    std::size_t again = 0;
    if (const auto list = members.find("reperformances"); list != members.end())
        for (const json& each : *list) {
            ++again;
            if (each.at("agreed").get<bool>()) ++agreed;
        }
    report["reperformed"] = {{"hosts_looked_at", again}, {"agreed", agreed}, {"disagreed", again - agreed}};
    report["nonconformities"] = nonconformities_of(context.records, context.record.id);
    const Instant end =
        std::min(context.facts.now, evidence::parse_instant(text_in(members, "period_to") + "T23:59:59.999Z"));
    report["controls"] = controls_at(context, audited, end);
    return report;
}

}  // namespace annexa::store::isms
