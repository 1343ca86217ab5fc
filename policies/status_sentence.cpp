#include "policies/status_sentence.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

constexpr std::size_t most_in_sentence = 4;

std::string hosts_text(std::size_t count) { return std::to_string(count) + (count == 1 ? " host" : " hosts"); }

std::size_t count(const CheckCounts& counts, State state) { return counts.states[static_cast<std::size_t>(state)]; }

/// Adds a reason about one check on so many hosts; none where it is on no host.
void add(std::vector<StatusReason>& reasons, std::string_view code, const CheckCounts& counts, std::size_t hosts,
         const std::string& words) {
    if (hosts == 0) return;
    const std::string who =
        counts.strength == Strength::direct ? counts.check->id : "the supporting check " + counts.check->id;
    reasons.push_back({std::string{code}, counts.check->id, hosts, who + " " + words + " on " + hosts_text(hosts)});
}

/// What speaks against the control, of one check.
void add_check(std::vector<StatusReason>& reasons, const CheckCounts& counts) {
    const bool lesser = counts.strength == Strength::direct && counts.check->severity < Severity::high;
    add(reasons, "overdue", counts, count(counts, State::overdue), "is overdue");
    add(reasons, "silent_with_finding", counts, counts.silent_with_old_finding,
        "had an overdue finding and is silent since");
    add(reasons, lesser ? "in_time" : "fail", counts, count(counts, State::fail),
        lesser ? "fails, within the time allowed," : "fails");
    add(reasons, "waived", counts, count(counts, State::waived), "is waived");
}

void add_unknown(std::vector<StatusReason>& reasons, const CheckCounts& counts) {
    add(reasons, "missing", counts, count(counts, State::missing), "has no evidence");
    add(reasons, "error", counts, count(counts, State::error), "could not be checked");
    add(reasons, "deleted", counts, count(counts, State::deleted), "has lost its evidence to a deletion");
    add(reasons, "stale", counts, count(counts, State::stale), "has no fresh evidence");
}

std::string_view operation_words(const ControlStatus& status) {
    switch (status.operation) {
        case Operation::not_monitored:
            return "no check tests this control directly";
        case Operation::not_applicable:
            return "no check applies on any host";
        case Operation::no_evidence:
            return status.coverage.in_scope == 0 ? "no host is in scope" : "no check could tell on any host";
        default:
            return {};
    }
}

std::string_view records_words(RecordsStatus records) {
    switch (records) {
        case RecordsStatus::rejected:
            return "a reviewer rejected its documents or records";
        case RecordsStatus::accepted:
            return "its documents and records are accepted";
        case RecordsStatus::expired:
            return "its documents or records are out of date";
        case RecordsStatus::partial:
            return "its documents or records are incomplete or not approved";
        case RecordsStatus::missing:
            return "no documents or records are there";
    }
    return {};
}

std::string_view status_words(Status status) {
    switch (status) {
        case Status::excluded:
            return "Excluded by the Statement of Applicability";
        case Status::not_effective:
            return "Not effective";
        case Status::effective:
            return "Effective";
        case Status::partly_effective:
            return "Partly effective";
        case Status::not_assessed:
            return "Not assessed";
        case Status::insufficient_evidence:
            return "Insufficient evidence";
    }
    return {};
}

void add_general(std::vector<StatusReason>& reasons, std::string_view code, std::string_view words,
                 std::size_t hosts = 0) {
    reasons.push_back({std::string{code}, {}, hosts, std::string{words}});
}

/// States of single checks whose sum one sentence about coverage says better.
bool is_detail(const StatusReason& reason) {
    return reason.code == "missing" || reason.code == "error" || reason.code == "deleted" || reason.code == "stale";
}

/// What a sentence about this status is about: a failing control needs no word on what else it would lack.
bool belongs(const StatusReason& reason, Status status) {
    if (is_detail(reason)) return false;
    const bool lacking =
        reason.code == "rule_default" || reason.code == "single_person" || reason.code.starts_with("records_");
    if (status == Status::not_effective) return !lacking || reason.code == "records_rejected";
    return true;
}

}  // namespace

std::vector<StatusReason> status_reasons(const ControlStatus& status) {
    std::vector<CheckCounts> checks = status.checks;
    std::stable_sort(checks.begin(), checks.end(), [](const CheckCounts& a, const CheckCounts& b) {
        if (a.strength != b.strength) return a.strength == Strength::direct;
        return a.check->severity > b.check->severity;
    });
    std::vector<StatusReason> reasons;
    for (const CheckCounts& counts : checks) add_check(reasons, counts);
    // What is overdue decides before what merely fails.
    std::stable_partition(reasons.begin(), reasons.end(), [](const StatusReason& one) {
        return one.code == "overdue" || one.code == "silent_with_finding";
    });
    const std::size_t silent = status.coverage.in_scope - status.coverage.fresh;
    const bool has_checks = !status.checks.empty();
    if (has_checks && silent > 0)
        add_general(reasons, "coverage",
                    std::to_string(silent) + " of " + hosts_text(status.coverage.in_scope) +
                        (silent == 1 ? " lacks" : " lack") + " fresh evidence",
                    silent);
    for (const CheckCounts& counts : checks) add_unknown(reasons, counts);
    if (const std::string_view words = operation_words(status); !words.empty())
        add_general(reasons, name(status.operation), words);
    const bool passes = std::any_of(checks.begin(), checks.end(), [](const CheckCounts& counts) {
        return counts.strength == Strength::direct && counts.populated_passes > 0;
    });
    if (status.operation == Operation::effective && passes)
        add_general(reasons, "passes", "its checks hold on " + hosts_text(status.coverage.fresh),
                    status.coverage.fresh);
    else if (status.operation == Operation::effective)
        add_general(reasons, "no_pass", "no direct check passes on any host");
    if (status.rule == Rule::vendor_default)
        add_general(reasons, "rule_default", "nobody has adopted the vendor's default pack");
    add_general(reasons, "records_" + std::string{name(status.records)}, records_words(status.records));
    if (status.single_person)
        add_general(reasons, "single_person", "one person both asked for and approved what it rests on");
    return reasons;
}

std::string status_sentence(const ControlStatus& status) {
    std::vector<std::string> parts;
    for (const StatusReason& reason : status.reasons)
        if (belongs(reason, status.status)) parts.push_back(reason.text);
    if (parts.size() > most_in_sentence) {
        // The last two say what else is lacking; in between it is more of the same.
        const std::size_t more = parts.size() - most_in_sentence;
        const auto from = parts.begin() + 2;
        parts.erase(from, from + static_cast<std::ptrdiff_t>(more));
        parts.insert(parts.begin() + 2, std::to_string(more) + " more");
    }
    std::string sentence{status_words(status.status)};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i == 0)
            sentence += ": ";
        else
            sentence += i + 1 == parts.size() ? " and " : ", ";
        sentence += parts[i];
    }
    return sentence + ".";
}

}  // namespace annexa::policies
