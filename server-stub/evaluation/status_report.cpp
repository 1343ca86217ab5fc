#include "server-stub/evaluation/status_report.hpp"

#include "evidence/errors.hpp"
#include "server-stub/evaluation/decisions.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

std::string advice(const std::string& code) {
    if (code == "rollback") return "its state was set back to an earlier one: find out whether it was restored from a snapshot or copied, then acknowledge";
    if (code == "lost_by_store") return "this store lost what it had acknowledged: compare with the host's receipts, then acknowledge";
    if (code == "alarm") return "it saw a log that does not fit the one it knew: compare the two checkpoints in the statement before anything else";
    if (code == "dropped") return "it lost results before it could send them: look at its disk and spool, then acknowledge";
    if (code == "two_machines") return "one identity speaks from two machines: enrol both anew";
    if (code == "revoked") return "its key is revoked: enrol it anew once it is clean";
    return "look at the statement";
}

void add_alarms(std::vector<Alarm>& alarms, const Store& store, const Blobs& blobs, const HostView& view, const AsOf& as_of) {
    for (const auto& [code, index] : unacknowledged(store, blobs, view.host, as_of))
        alarms.push_back({view.host.name, code, index, advice(code)});
    if (view.enrolment == EnrolmentState::two_machines || view.enrolment == EnrolmentState::revoked) {
        const std::string code{enrolment_state_name(view.enrolment)};
        alarms.push_back({view.host.name, code, 0, advice(code)});
    }
}

}  // namespace

StatusReport status_report(const Store& store, const Blobs& blobs, const RuleBooks& books, const AsOf& as_of,
                           std::optional<std::string_view> host) {
    StatusReport report;
    report.as_of = as_of;
    report.rules = books.at(as_of.at, as_of.known_at);
    const std::vector<policies::Waiver> waivers = waivers_at(store, blobs, as_of);
    for (const Host& in_scope : hosts_in_scope(store, as_of)) {
        if (host && in_scope.id != *host && in_scope.name != *host) continue;
        report.hosts.push_back(view_host(store, in_scope, report.rules, waivers, as_of));
        add_alarms(report.alarms, store, blobs, report.hosts.back(), as_of);
    }
    if (host && report.hosts.empty())
        throw evidence::coded_error("not_found", "no host in scope is called " + std::string{*host} + "; `annexa hosts` lists them");
    std::vector<policies::HostResults> results;
    for (const HostView& view : report.hosts) {
        policies::HostResults of_host;
        of_host.host = view.host.id;
        for (const CheckView& check : view.checks) of_host.checks.push_back(policies::on_host(check.result, check.outcome));
        results.push_back(std::move(of_host));
    }
    const std::vector<policies::CheckInForce> checks = report.rules.checks();
    for (const policies::Control& control : policies::annex_a())
        report.controls.push_back(policies::control_status(control, checks, results, {}, as_of.at));
    return report;
}

}  // namespace annexa::store
