#include "agent/conditions.hpp"

#include "evidence/errors.hpp"

#include <algorithm>

namespace annexa::agent {
namespace {

using std::chrono::minutes;

constexpr Condition catalogue[] = {
    {"not_enrolled", Severity::error, "This host is not enrolled: nothing is signed or sent.",
     "Run `annexa-agent enroll --token-file FILE` with a token from the store."},
    {"not_running", Severity::error, "The service is not running: nothing is collected or sent.",
     "Run `systemctl start annexa-agent`, or `annexa-agent run`."},
    {"cloned", Severity::error, "The identity here was made on another machine; no key is used: enrol again.",
     "Run `annexa-agent enroll` with a new token: it makes a new identity."},
    {"store_unreachable", Severity::warning, "The store cannot be reached; results wait in the spool.",
     "Check name, route and firewall to the store (`annexa-agent doctor`).", "", minutes{10}},
    {"store_unavailable", Severity::warning,
     "The store answers that it cannot take anything now; results wait in the spool.",
     "Look at the store; the agent tries again by itself.", "", minutes{10}},
    {"store_answer_unknown", Severity::warning,
     "The store answered something that this agent does not understand; nothing was forgotten.",
     "Compare the versions of store and agent.", "", minutes{10}},
    {"refused", Severity::error, "The store refuses what this agent signs.",
     "Compare the versions of store and agent; the log has the reason."},
    {"unknown_key", Severity::error, "The store does not know this agent's key; sending has stopped.",
     "Enrol this host again."},
    {"foreign_host", Severity::error,
     "The certificate and the evidence key belong to different hosts; sending has stopped.", "Enrol this host again."},
    {"retired", Severity::error, "The store has retired this host; sending has stopped.",
     "Enrol it again, or remove the agent."},
    {"revoked", Severity::error, "The store has revoked this agent's key; sending has stopped.",
     "Find out why, then enrol this host again."},
    {"two_machines", Severity::error, "The store sees this enrolment on two machines; sending has stopped.",
     "Find the clone, run `annexa-agent forget --yes` there, and enrol both anew."},
    {"other_origin", Severity::error,
     "The store keeps another log than the one this host is enrolled with; sending has stopped.",
     "Point the agent at its own store, or enrol this host again."},
    {"not_our_chain", Severity::error, "The store's head of this host's chain was not signed by this agent.",
     "Look at the store: `annexa-server check`."},
    {"store_lost", Severity::error, "The store no longer has statements that it acknowledged.",
     "The store was restored from a backup; ask its operator."},
    {"log_behind", Severity::warning, "The store answers from an older tree than it has shown before.",
     "The agent tries again; after an hour it is an alarm.", "log_rolled_back", minutes{5}},
    {"log_rolled_back", Severity::error,
     "The store's log has been older than what it had shown for an hour: it was rolled back.",
     "Keep the state folder as proof and ask the store's operator."},
    {"log_forked", Severity::error, "The store's log contradicts what it had shown before: it was rewritten.",
     "Keep the state folder as proof and tell whoever audits the store."},
    {"bad_receipt", Severity::error, "The store's receipt does not prove what it says.",
     "Keep the state folder as proof and tell whoever audits the store."},
    {"certificate_expired", Severity::warning, "The TLS certificate has expired and could not be renewed.",
     "Look at the store's answer in the log.", "store_unreachable"},
    {"spool_full", Severity::warning, "The spool was full; the oldest results gave way.",
     "Raise spool.max_bytes, or restore the way to the store."},
    {"disk_full", Severity::error, "The disk is full; the oldest results gave way.",
     "Make room on the file system of the state folder."},
    {"spool_corrupt", Severity::warning, "The spool was damaged and set aside; what waited in it is lost.",
     "Look at the disk; the damaged file lies beside the spool."},
    {"state_unwritable", Severity::error, "The state folder cannot be used; nothing is sent.",
     "Look at its file system and its owner (`annexa-agent doctor`)."},
    {"collector_unavailable", Severity::error, "annexa-collect cannot be started or reached; nothing is collected.",
     "See that it is installed, and that annexa-collect.socket is active."},
    {"collector_paused", Severity::warning,
     "A collector broke its limit three times and rests for a day; until then its tables are missing, as errors.",
     "Run `annexa-agent collect --collector NAME`, and see limits.timeout and limits.memory; `annexa-agent "
     "collect-now` "
     "tries it before."},
    {"clock_unsynchronized", Severity::warning, "The clock is not synchronised; times in the evidence may be wrong.",
     "Switch on a time service.", "", minutes{30}},
};

}  // namespace

std::string_view severity_name(Severity severity) {
    constexpr std::string_view names[] = {"notice", "warning", "error"};
    return names[static_cast<std::size_t>(severity)];
}

std::span<const Condition> all_conditions() { return catalogue; }

const Condition* find_condition(std::string_view code) {
    const auto* found = std::find_if(std::begin(catalogue), std::end(catalogue),
                                     [&](const Condition& one) { return one.code == code; });
    return found == std::end(catalogue) ? nullptr : found;
}

bool Conditions::raise(std::string_view code, evidence::Instant now, std::string detail) {
    const Condition* condition = find_condition(code);
    if (condition == nullptr) throw evidence::error("no condition is called " + std::string{code});
    const auto [at, fresh] = held_.try_emplace(std::string{code}, Held{condition, now, {}});
    at->second.detail = std::move(detail);
    return fresh;
}

bool Conditions::clear(std::string_view code) {
    const auto at = held_.find(code);
    if (at == held_.end()) return false;
    held_.erase(at);
    return true;
}

std::vector<Conditions::Held> Conditions::shown(evidence::Instant now) const {
    std::vector<Held> all;
    for (const auto& [code, held] : held_)
        if (now - held.since >= held.condition->grace && !holds(held.condition->follows_from)) all.push_back(held);
    std::stable_sort(all.begin(), all.end(),
                     [](const Held& a, const Held& b) { return a.condition->severity > b.condition->severity; });
    return all;
}

}  // namespace annexa::agent
