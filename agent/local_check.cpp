#include "agent/local_check.hpp"

#include "agent/local_collection.hpp"
#include "policies/control_status.hpp"

#include <algorithm>

namespace annexa::agent {
namespace {

/// The order of the report: what fails, what could not be checked, what is waived, what passes, what does not apply.
int rank(policies::State state) {
    switch (state) {
        case policies::State::overdue:
        case policies::State::fail:
            return 0;
        case policies::State::error:
        case policies::State::missing:
        case policies::State::deleted:
        case policies::State::stale:
            return 1;
        case policies::State::waived:
            return 2;
        case policies::State::not_applicable:
            return 3;
        case policies::State::pass:
            return 4;
    }
    return 5;
}

bool worse(const LocalResult& a, const LocalResult& b) {
    if (rank(a.result.state) != rank(b.result.state)) return rank(a.result.state) < rank(b.result.state);
    if (a.check->severity != b.check->severity) return a.check->severity > b.check->severity;
    return a.check->id < b.check->id;
}

std::vector<policies::Waiver> as_waivers(std::span<const ConfiguredWaiver> configured) {
    std::vector<policies::Waiver> waivers;
    for (const ConfiguredWaiver& waiver : configured)
        waivers.push_back({{}, waiver.check, {}, waiver.key, waiver.reason, {}, waiver.until});
    return waivers;
}

bool needs_root(const policies::Outcome& outcome) {
    return outcome.state == policies::State::error &&
           (outcome.reason == evidence::reason_code(evidence::Reason::permission_denied) ||
            outcome.reason == evidence::reason_code(evidence::Reason::kernel_refused));
}

}  // namespace

std::vector<std::vector<const policies::Check*>> select_checks(std::span<const policies::Pack> packs,
                                                               std::span<const std::string> only) {
    std::vector<std::vector<const policies::Check*>> selected;
    for (const policies::Pack& pack : packs) {
        std::vector<const policies::Check*>& checks = selected.emplace_back();
        if (only.empty()) checks = pack.checks_in_force();
        for (const std::string& id : only)
            if (const policies::Check* check = pack.find(id);
                check != nullptr && std::find(checks.begin(), checks.end(), check) == checks.end())
                checks.push_back(check);
    }
    for (const std::string& id : only)
        if (std::none_of(packs.begin(), packs.end(),
                         [&](const policies::Pack& pack) { return pack.find(id) != nullptr; }))
            throw evidence::error("there is no check \"" + id + "\"; `annexa-agent policy list` names them");
    return selected;
}

LocalCheck check_locally(std::span<const policies::Pack> packs, std::span<const policies::Parameters> parameters,
                         std::span<const std::vector<const policies::Check*>> selected, const Collection& collection,
                         std::span<const ConfiguredWaiver> configured, std::string host, evidence::Instant at) {
    LocalCheck report;
    report.host = std::move(host);
    report.at = at;
    const std::vector<policies::Waiver> waivers = as_waivers(configured);
    const std::vector<std::string> names{report.host};
    const policies::HostEvidence evidence = host_evidence(collection);
    policies::EvaluationDatabase database{policies::built_in_schemas(), policies::TableForm::evidence};

    std::vector<policies::CheckInForce> in_force;
    policies::HostResults on_host{report.host, {}};
    for (std::size_t i = 0; i < packs.size(); ++i) {
        report.packs.push_back(&packs[i]);
        std::vector<policies::Outcome> outcomes = policies::evaluate(database, selected[i], parameters[i], evidence);
        for (std::size_t n = 0; n < selected[i].size(); ++n) {
            const policies::Check& check = *selected[i][n];
            LocalResult one{&check,
                            &packs[i],
                            std::move(outcomes[n]),
                            {},
                            policies::fill_in(check.rationale, parameters[i]),
                            policies::fill_in(check.remediation, parameters[i])};
            one.result = policies::result_without_history(check, one.outcome, waivers, names, at);
            report.results.push_back(std::move(one));
        }
        // What is in force and was not asked for is unknown here, and unknown is never a pass.
        for (const policies::Check* check : packs[i].checks_in_force()) {
            const auto found = std::find_if(report.results.begin(), report.results.end(),
                                            [&](const LocalResult& one) { return one.check == check; });
            in_force.push_back({check, false});
            report.complete = report.complete && found != report.results.end();
            on_host.checks.push_back(found == report.results.end()
                                         ? policies::CheckOnHost{}
                                         : policies::as_if_overdue(policies::on_host(found->result, found->outcome)));
        }
    }
    const policies::HostResults hosts[] = {std::move(on_host)};
    for (const policies::Control& control : policies::annex_a())
        report.controls.push_back(
            {&control, policies::operation_of(policies::count_checks(control, in_force, hosts), 1)});

    if (collection.machine && !collection.machine->privileged)
        for (const LocalResult& one : report.results)
            if (needs_root(one.outcome)) report.needing_root.push_back(one.check->id);
    std::stable_sort(report.results.begin(), report.results.end(), worse);
    return report;
}

}  // namespace annexa::agent
