// GET /api/v1/checks: each check in force, counted over the hosts in scope. GET /api/v1/findings: what is open, with the fix.
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/results_json.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/server/server.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {
namespace {

using nlohmann::json;
using policies::State;

json controls_json(const policies::Check& check) {
    json controls = json::array();
    for (const policies::ControlLink& link : check.controls) controls.push_back({{"id", link.id}, {"strength", policies::strength_name(link.strength)}});
    return controls;
}

json check_json(const policies::Check& check, const RuledPack& pack) {
    return {{"check", check.id},
            {"title", check.title},
            {"topic", check.topic},
            {"severity", policies::severity_name(check.severity)},
            {"controls", controls_json(check)},
            {"fix_within_s", check.fix_within.count()},
            {"max_age_s", check.max_age.count()},
            {"tolerance", check.tolerance},
            {"pack", pack.pack->name},
            {"rationale", policies::fill_in(check.rationale, pack.parameters)},
            {"remediation", policies::fill_in(check.remediation, pack.parameters)}};
}

StatusReport report_of(Server& server, const Request& request) {
    server.evaluation.catch_up();
    return status_report(server.store, server.blobs, server.evaluation.rule_books(), read_as_of(server, request), read_text(request, "host"));
}

}  // namespace

Response get_checks(Server& server, const Request& request) {
    const StatusReport report = report_of(server, request);
    json checks = json::array();
    const std::vector<policies::CheckInForce> in_force = report.rules.checks();
    for (std::size_t i = 0; i < in_force.size(); ++i) {
        std::map<std::string, std::size_t> states;
        std::size_t findings = 0;
        std::int64_t population = 0;
        for (const HostView& host : report.hosts) {
            const CheckView& view = host.checks[i];
            ++states[std::string{policies::name(view.result.state)}];
            findings += view.open.size();
            population += view.outcome.population.value_or(0);
        }
        json check = check_json(*in_force[i].check, *report.rules.pack_of(in_force[i].check->id));
        check["states"] = states;
        check["findings"] = findings;
        check["changes"] = changes_json(report, in_force[i].check->id);
        check["population"] = population;
        checks.push_back(std::move(check));
    }
    return json_answer({{"at", evidence::to_string(report.as_of.at)}, {"hosts_in_scope", report.hosts.size()}, {"checks", std::move(checks)}});
}

Response get_findings(Server& server, const Request& request) {
    const StatusReport report = report_of(server, request);
    const auto wanted = read_text(request, "check");
    struct Line {
        bool waived;
        Instant overdue_at;
        policies::Severity severity;
        json body;
    };
    std::vector<Line> lines;
    for (const HostView& host : report.hosts)
        for (const CheckView& check : host.checks) {
            if (wanted && check.check->id != *wanted) continue;
            for (const FindingRow& finding : check.open) {
                json body = finding_json(check, finding);
                body["check"] = check.check->id;
                body["host"] = host.host.id;
                body["host_name"] = host.host.name;
                body["state"] = policies::name(check.result.state);
                body["overdue"] = finding.opened + check.check->fix_within <= report.as_of.at;
                lines.push_back({check.result.state == State::waived, finding.opened + check.check->fix_within, check.check->severity, std::move(body)});
            }
        }
    // What is overdue longest and gravest stands first; what is waived last.
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        if (a.waived != b.waived) return b.waived;
        if (a.severity != b.severity) return a.severity > b.severity;
        return a.overdue_at < b.overdue_at;
    });
    json changes = json::array();
    for (const policies::CheckInForce& in_force : report.rules.checks())
        if (!wanted || in_force.check->id == *wanted)
            for (json& change : changes_json(report, in_force.check->id)) changes.push_back(std::move(change));
    json findings = json::array();
    json checks = json::object();
    for (Line& line : lines) {
        const std::string id = line.body["check"].get<std::string>();
        if (!checks.contains(id)) checks[id] = check_json(*report.rules.find(id), *report.rules.pack_of(id));
        findings.push_back(std::move(line.body));
    }
    return json_answer({{"at", evidence::to_string(report.as_of.at)}, {"findings", std::move(findings)}, {"checks", std::move(checks)}, {"changes", std::move(changes)}});
}

}  // namespace annexa::store
