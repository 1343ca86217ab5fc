// A host as of a time: each check's state there, with the findings, waivers and log entries behind it.
#pragma once

#include "policies/check_result.hpp"
#include "server-stub/evaluation/host_collectors.hpp"
#include "server-stub/evaluation/rule_book.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annexa::store {

/// What is asked: true at `at`, as far as the log told by `known_at` (all of it where empty). `at` is never empty: now.
struct AsOf {
    Instant at;
    std::optional<std::uint64_t> known_at;
};

/// A check that was tested and does not apply any more: a change to look at, since whoever takes a package or a file away makes its
/// findings go away too.
struct DroppedOut {
    policies::State from = policies::State::pass;  // the last tested state: pass or fail
    Instant at;                                    // since when it does not apply
    std::uint64_t index = 0;                       // the entry whose evidence said so
};

struct CheckView {
    const policies::Check* check = nullptr;
    policies::Outcome outcome;
    policies::CheckResult result;
    std::vector<FindingRow> open;
    std::optional<HistoryRow> row;         // nothing: no evidence yet
    std::vector<std::uint64_t> evidence;   // log indexes that the outcome rests on
    std::optional<DroppedOut> dropped_out;
};

struct HostView {
    Host host;
    EnrolmentState enrolment = EnrolmentState::active;
    std::vector<CheckView> checks;         // in the order of the rule book's checks
};

/// Waivers that were approved and not withdrawn, as of then; with the documents that they name.
std::vector<policies::Waiver> waivers_at(const Store& store, const Blobs& blobs, const AsOf& as_of);

/// The host may be in no scope by then: the caller's matter (hosts_in_scope).
HostView view_host(const Store& store, const Host& host, const RuleBook& rules, std::span<const policies::Waiver> waivers,
                   const AsOf& as_of);

/// Until a scope is recorded: every host that was enrolled by then and not retired.
std::vector<Host> hosts_in_scope(const Store& store, const AsOf& as_of);

}  // namespace annexa::store
