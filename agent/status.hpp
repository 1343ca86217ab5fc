// What `annexa-agent status` shows: a copied picture of the running service, or what the state folder tells without it.
#pragma once

#include "agent/chain_state.hpp"
#include "agent/conditions.hpp"
#include "agent/configuration.hpp"
#include "agent/identity.hpp"
#include "agent/spool.hpp"

#include <iosfwd>
#include <map>
#include <optional>
#include <string>

namespace annexa::terminal {
class Paint;
}

namespace annexa::agent {

struct CollectorStatus {
    std::optional<evidence::Instant> last_run, next_run;
    std::string status, reason;  // of the last run; empty where there was none since the service started
};

struct AgentStatus {
    bool running = false;
    std::string state;  // ready, backing_off, stopped; not_enrolled
    std::optional<Enrolment> enrolment;
    std::optional<ChainState> chain;
    std::uint64_t log_size = 0;
    std::optional<evidence::Instant> certificate_until, last_delivery, next_attempt;
    SpoolFigures spool;
    std::map<std::string, CollectorStatus> collectors;
    std::vector<Conditions::Held> conditions;
    std::string trouble;  // what kept the last attempt from getting through, also before it is shown as a condition
};

/// One line.
std::string status_json(const AgentStatus& status);
/// What `systemctl status` shows: state, what waits, what is wrong. Printable.
std::string status_line(const AgentStatus& status);

void print_status(std::ostream& out, const std::string& json, const terminal::Paint& paint);

/// From the state folder alone, where no service runs.
AgentStatus offline_status(const Configuration& configuration, evidence::Instant now);

}  // namespace annexa::agent
