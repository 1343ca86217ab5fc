// The status of all controls over a period, from history, findings, waivers and the times of evidence.
//
// Rules, waivers and scope are those in force at each moment; what was known at a time counts where `known_at` asks for
// it. Hosts are read one after the other: of each only its stretches of one state stay in memory.
#pragma once

#include "policies/period_status.hpp"
#include "policies/scope.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/rule_book.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace annexa::store {

struct PeriodReport {
    policies::Period period;
    policies::PeriodRule rule;
    std::vector<RuleBook> rules;                    // in force one after the other; the checks point into them
    std::vector<Host> hosts;                        // in scope at any moment
    std::vector<WaiverView> waivers;                // in force at any moment, by id
    std::vector<policies::ControlPeriod> controls;  // all, in the catalogue's order
};

/// What people recorded that a period rests on.
struct ScopeSince {
    Instant from;
    policies::Scope scope;
};
struct PeriodInputs {
    policies::PeriodRule rule;
    std::vector<ScopeSince> scopes;  // by time, the first at the period's start or before: in force until the next
};

/// As recorded. Where nothing is: the vendor's rule, and every enrolled host that is not retired.
PeriodInputs period_inputs(const Store& store, const Blobs& blobs, const policies::Period& period,
                           std::optional<std::uint64_t> known_at);

/// `host`: only the host of that id or name; throws coded_error `not_found` where it was in scope at no time. Computed
/// anew at each call; catch_up() first.
PeriodReport period_report(const Store& store, const Blobs& blobs, const RuleBooks& books,
                           const policies::Period& period, std::optional<std::uint64_t> known_at,
                           const PeriodInputs& inputs, std::optional<std::string_view> host = std::nullopt);

}  // namespace annexa::store
