// The status of all controls as of a time, with everything it was computed from.
#pragma once

#include "policies/catalogue.hpp"
#include "policies/control_status.hpp"
#include "policies/status_inputs.hpp"
#include "server-stub/evaluation/host_view.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annexa::store {

struct Alarm {
    std::string host;   // name
    std::string code;   // rollback, lost_by_store, alarm, dropped, two_machines, revoked
    std::uint64_t index = 0;
    std::string text;   // what to do
};

struct StatusReport {
    AsOf as_of;
    RuleBook rules;
    std::vector<HostView> hosts;                    // in scope
    std::vector<policies::ControlStatus> controls;  // all, in the catalogue's order
    std::vector<Alarm> alarms;
    bool log_doubted = false;  // a host saw a log that does not fit, or that lost what it acknowledged; nobody answered yet
};

/// `host`: only the host of that id or name; throws coded_error `not_found` where it is in no scope. Computed anew at each
/// call; catch_up() first.
StatusReport status_report(const Store& store, const Blobs& blobs, const RuleBooks& books, const AsOf& as_of,
                           std::optional<std::string_view> host = std::nullopt);

/// The same upon other inputs than the recorded ones.
StatusReport status_report(const Store& store, const Blobs& blobs, const RuleBooks& books, const AsOf& as_of, policies::StatusInputs inputs,
                           std::optional<std::string_view> host = std::nullopt);

}  // namespace annexa::store
