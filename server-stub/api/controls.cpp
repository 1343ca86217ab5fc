// GET /api/v1/status: the status of the 93 controls as of a time; with control= or host= also the results behind it;
// over a period with from= and to= (period.cpp).
#include "evidence/errors.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using nlohmann::json;
using policies::ControlStatus;

json reasons_json(const ControlStatus& status) {
    json reasons = json::array();
    for (const policies::StatusReason& reason : status.reasons)
        reasons.push_back({{"code", reason.code},
                           {"check", reason.check.empty() ? json(nullptr) : json(reason.check)},
                           {"hosts", reason.hosts},
                           {"text", reason.text}});
    return reasons;
}

json checks_json(const StatusReport& report, const ControlStatus& status) {
    json checks = json::array();
    for (const policies::CheckCounts& counts : status.checks) {
        json states = json::object();
        policies::for_each_state([&](policies::State state) {
            if (const std::size_t hosts = counts.states[static_cast<std::size_t>(state)]; hosts != 0)
                states[std::string{policies::name(state)}] = hosts;
        });
        checks.push_back({{"check", counts.check->id},
                          {"strength", policies::strength_name(counts.strength)},
                          {"states", std::move(states)},
                          {"changes", changes_json(report, counts.check->id)}});
    }
    return checks;
}

json fact_json(const policies::RecordFact& fact) {
    return {{"kind", policies::name(fact.kind)},
            {"review", policies::name(fact.review)},
            {"reviewed_at", time_json(fact.reviewed_at)},
            {"produced_at", time_json(fact.produced_at)},
            {"in_date_until", time_json(policies::in_date_until(fact, policies::expected_evidence().at(fact.control)))},
            {"single_person", fact.single_person},
            {"reference", fact.reference},
            {"what", fact.what}};
}

json expected_json(const policies::ExpectedEvidence& expected) {
    const auto one = [](const policies::Expected& thing) {
        return json{{"what", thing.what}, {"period_days", thing.period.count()}};
    };
    return {{"rule", one(expected.rule)}, {"record", one(expected.record)}, {"holder", expected.holder}};
}

json conclusion_json(const policies::Conclusion& conclusion) {
    return {{"value", conclusion.value},
            {"reason", conclusion.reason},
            {"at", evidence::to_string(conclusion.at)},
            {"period_from", time_json(conclusion.period_from)},
            {"period_to", time_json(conclusion.period_to)},
            {"by", conclusion.by},
            {"reference", conclusion.reference}};
}

template <typename Item, typename Function>
json array_of(const std::vector<Item>& items, Function&& to_json_value) {
    json array = json::array();
    for (const Item& item : items) array.push_back(to_json_value(item));
    return array;
}

json control_json(const StatusReport& report, const ControlStatus& status, const std::optional<HistoryRow>& since) {
    json hosts = json::object();
    policies::for_each_state([&](policies::State state) {
        hosts[std::string{policies::name(state)}] = status.hosts[static_cast<std::size_t>(state)];
    });
    const bool known = since && since->state == policies::name(status.status);
    return {{"id", status.control->id},
            {"title", status.control->title},
            {"theme", status.control->theme},
            {"status", policies::name(status.status)},
            {"sentence", status.sentence},
            {"operation", policies::name(status.operation)},
            {"records", policies::name(status.records)},
            {"rule", policies::name(status.rule)},
            {"coverage",
             {{"fresh", status.coverage.fresh},
              {"late", status.coverage.late},
              {"in_scope", status.coverage.in_scope},
              {"evidenced_otherwise", status.coverage.evidenced_otherwise}}},
            {"single_person", status.single_person},
            {"facts", array_of(status.facts, fact_json)},
            {"expected", expected_json(policies::expected_evidence().at(status.control->id))},
            {"conclusions", array_of(status.conclusions, conclusion_json)},
            {"in_time", status.in_time},
            {"since", known ? json(evidence::to_string(since->from)) : json(nullptr)},
            {"hosts", std::move(hosts)},
            {"checks", checks_json(report, status)},
            {"reasons", reasons_json(status)}};
}

/// The stretch in which a control has had its status, as the store saw it when it looked.
std::map<std::string, HistoryRow> control_history(const Store& store, const AsOf& as_of) {
    HistoryFilter filter;
    filter.host = std::string{};
    filter.from = as_of.at;
    filter.to = as_of.at;
    filter.known_at = as_of.known_at;
    std::map<std::string, HistoryRow> rows;
    for (HistoryRow& row : store.history(filter)) {
        std::string control = row.check;
        rows.insert_or_assign(std::move(control), std::move(row));
    }
    return rows;
}

/// A store that cannot write now is still read. What is wrong with it is among the alarms, and since when a control has
/// its status is kept at the next look.
void keep_since_when(Server& server, const StatusReport& report) {
    try {
        server.evaluation.record_controls(report);
    } catch (const store_unavailable& failure) {
        server.journal.warning(std::string{"since when controls have their status could not be kept: "} +
                               failure.what());
    }
}

}  // namespace

Response get_status(Server& server, const Request& request) {
    if (request.argument("from") || request.argument("to")) return get_period_status(server, request);
    server.evaluation.catch_up();
    const bool now = !request.argument("at") && !request.argument("known_at") && !request.argument("host");
    const AsOf as_of = read_as_of(server, request);
    const auto control = read_text(request, "control");
    if (control && policies::find_control(policies::annex_a(), *control) == nullptr)
        throw evidence::coded_error("not_found", "Annex A has no control " + *control + "; ids are such as A.8.8");
    const StatusReport report =
        status_report(server.store, server.blobs, server.evaluation.rule_books(), as_of, read_text(request, "host"));
    if (now) keep_since_when(server, report);
    const LogHead head = server.store.log_head();

    json alarms = store_alarms(server);
    for (const Alarm& alarm : report.alarms) alarms.push_back(alarm_json(alarm));
    const std::map<std::string, HistoryRow> since = control_history(server.store, as_of);
    json controls = json::array();
    for (const ControlStatus& status : report.controls) {
        if (control && status.control->id != *control) continue;
        const auto found = since.find(status.control->id);
        controls.push_back(
            control_json(report, status, found == since.end() ? std::nullopt : std::optional{found->second}));
        if (control || request.argument("host"))
            controls.back()["results"] = results_of_control(report, *status.control);
    }
    return json_answer(
        {{"at", evidence::to_string(as_of.at)},
         {"known_at", request.argument("known_at") ? json(*request.argument("known_at")) : json(nullptr)},
         {"organization", server.store.setting("organization").value_or("")},
         {"hosts_in_scope", report.hosts.size()},
         {"checkpoint", head.checkpoint},
         {"alarms", std::move(alarms)},
         {"controls", std::move(controls)}});
}

}  // namespace annexa::store
