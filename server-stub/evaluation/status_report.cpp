#include "server-stub/evaluation/status_report.hpp"

#include "evidence/errors.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/host_scope.hpp"
#include "server-stub/evaluation/record_facts.hpp"

#include <algorithm>
#include <set>

namespace annexa::store {
namespace {

std::string advice(const std::string& code) {
    if (code == "rollback")
        return "its state was set back to an earlier one: find out whether it was restored from a snapshot or copied, "
               "then acknowledge";
    if (code == "lost_by_store")
        return "this store lost what it had acknowledged: compare with the host's receipts, then acknowledge";
    if (code == "alarm")
        return "it saw a log that does not fit the one it knew: compare the two checkpoints in the statement before "
               "anything else";
    if (code == "dropped")
        return "it lost results before it could send them: look at its disk and spool, then acknowledge";
    if (code == "two_machines") return "one identity speaks from two machines: enrol both anew";
    if (code == "revoked") return "its key is revoked: enrol it anew once it is clean";
    return "look at the statement";
}

/// The host saw what no honest log shows.
bool doubts_log(const std::string& remark) { return remark == "lost_by_store" || remark == "alarm"; }

using Remarks = std::vector<std::pair<std::string, std::uint64_t>>;

void add_alarms(std::vector<Alarm>& alarms, const Remarks& remarks, const HostView& view) {
    for (const auto& [code, index] : remarks) alarms.push_back({view.host.name, code, index, advice(code)});
    if (view.enrolment == EnrolmentState::two_machines || view.enrolment == EnrolmentState::revoked) {
        const std::string code{enrolment_state_name(view.enrolment)};
        alarms.push_back({view.host.name, code, 0, advice(code)});
    }
}

/// Says which waivers one person both asked for and approved.
std::set<std::string> single_person_waivers(const Store& store, const Blobs& blobs, const AsOf& as_of) {
    std::set<std::string> ids;
    for (const WaiverView& waiver : read_waivers(store, blobs, as_of))
        if (waiver.single_person) ids.insert(waiver.waiver.id);
    return ids;
}

bool rests_on(const StatusReport& report, const policies::Control& control, const std::set<std::string>& waivers) {
    if (waivers.empty()) return false;
    for (const HostView& host : report.hosts)
        for (const CheckView& check : host.checks)
            if (check.check->control(control.id) != nullptr &&
                std::any_of(check.result.waivers.begin(), check.result.waivers.end(),
                            [&](const std::string& id) { return waivers.contains(id); }))
                return true;
    return false;
}

}  // namespace

StatusReport status_report(const Store& store, const Blobs& blobs, const RuleBooks& books, const AsOf& as_of,
                           std::optional<std::string_view> host) {
    return status_report(store, blobs, books, as_of, status_inputs(store, blobs, as_of), host);
}

StatusReport status_report(const Store& store, const Blobs& blobs, const RuleBooks& books, const AsOf& as_of,
                           policies::StatusInputs inputs, std::optional<std::string_view> host) {
    StatusReport report;
    report.as_of = as_of;
    report.rules = books.at(as_of.at, as_of.known_at);
    const std::vector<policies::Waiver> waivers = waivers_at(store, blobs, as_of);
    std::map<std::string, Remarks> remarks;
    for (const Host& any : store.hosts()) {
        const Remarks& said = remarks.emplace(any.id, unacknowledged(store, blobs, any, as_of)).first->second;
        report.log_doubted = report.log_doubted || std::any_of(said.begin(), said.end(), [](const auto& remark) {
                                 return doubts_log(remark.first);
                             });
    }
    for (const Host& in_scope : hosts_in_scope(store, blobs, inputs.scope, as_of)) {
        if (host && in_scope.id != *host && in_scope.name != *host) continue;
        report.hosts.push_back(view_host(store, in_scope, report.rules, waivers, as_of));
        add_alarms(report.alarms, remarks[in_scope.id], report.hosts.back());
    }
    if (host && report.hosts.empty())
        throw evidence::coded_error("not_found",
                                    "no host in scope is called " + std::string{*host} + "; `annexa hosts` lists them");
    for (policies::RecordFact& fact : record_facts(store, blobs, report)) inputs.facts.push_back(std::move(fact));
    std::vector<policies::HostResults> results;
    for (const HostView& view : report.hosts) {
        policies::HostResults of_host;
        of_host.host = view.host.id;
        for (const CheckView& check : view.checks)
            of_host.checks.push_back(policies::on_host(check.result, check.outcome));
        results.push_back(std::move(of_host));
    }
    const std::vector<policies::CheckInForce> checks = report.rules.checks();
    const std::set<std::string> single = single_person_waivers(store, blobs, as_of);
    for (const policies::Control& control : policies::annex_a()) {
        policies::ControlRecords records = policies::records_of(control, inputs, as_of.at);
        records.single_person = records.single_person || rests_on(report, control, single);
        report.controls.push_back(policies::control_status(control, checks, results, records, as_of.at));
    }
    return report;
}

}  // namespace annexa::store
