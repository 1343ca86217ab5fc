#include "server-stub/isms/live_metric.hpp"

#include "evidence/errors.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "server-stub/server/server.hpp"

#include <algorithm>

namespace annexa::store::isms {
namespace {

using evidence::Instant;
using policies::State;

double controls(const StatusReport& report, policies::Status wanted) {
    return static_cast<double>(
        std::count_if(report.controls.begin(), report.controls.end(),
                      [&](const policies::ControlStatus& control) { return control.status == wanted; }));
}

double findings(const StatusReport& report, const std::string& of, bool overdue) {
    std::size_t count = 0;
    for (const HostView& host : report.hosts)
        for (const CheckView& check : host.checks) {
            if ((!of.empty() && check.check->id != of) || check.result.state == State::waived) continue;
            count += static_cast<std::size_t>(
                std::count_if(check.open.begin(), check.open.end(), [&](const FindingRow& finding) {
                    return !overdue || finding.opened + check.check->fix_within <= report.as_of.at;
                }));
        }
    return static_cast<double>(count);
}

double percent(std::size_t part, std::size_t whole, const std::string& nothing) {
    if (whole == 0) throw evidence::coded_error("conflict", nothing);
    return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double fresh_percent(const StatusReport& report) {
    const auto fresh = std::count_if(report.hosts.begin(), report.hosts.end(), [](const HostView& host) {
        return std::none_of(host.checks.begin(), host.checks.end(), [](const CheckView& check) {
            const State state = check.result.state;
            return state == State::missing || state == State::stale || state == State::deleted;
        });
    });
    return percent(static_cast<std::size_t>(fresh), report.hosts.size(),
                   "no host is in scope: there is nothing to measure");
}

double passing_percent(const StatusReport& report, const std::string& of) {
    std::size_t applies = 0;
    std::size_t passes = 0;
    for (const HostView& host : report.hosts)
        for (const CheckView& check : host.checks)
            if (check.check->id == of && check.result.state != State::not_applicable) {
                ++applies;
                if (check.result.state == State::pass) ++passes;
            }
    return percent(passes, applies, "the check " + of + " applies to no host in scope: there is nothing to measure");
}

}  // namespace

bool needs_check(std::string_view metric) { return metric == "hosts_passing_percent"; }

double measure(Server& server, std::string_view metric, const std::string& check, Instant now) {
    const StatusReport report = server.evaluation.report({now, std::nullopt});
    if (metric == "controls_effective") return controls(report, policies::Status::effective);
    if (metric == "controls_not_effective") return controls(report, policies::Status::not_effective);
    if (metric == "findings_open" || metric == "findings_overdue")
        return findings(report, check, metric == "findings_overdue");
    if (metric == "hosts_fresh_percent") return fresh_percent(report);
    if (metric == "hosts_passing_percent") return passing_percent(report, check);
    throw evidence::coded_error("conflict", "there is no live metric " + std::string{metric});
}

}  // namespace annexa::store::isms
