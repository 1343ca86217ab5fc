// The working half of the service: what is due is collected and spooled, what waits is shipped.
#pragma once

#include "agent/collector_process.hpp"
#include "agent/conditions.hpp"
#include "agent/configuration.hpp"
#include "agent/log.hpp"
#include "agent/pauses.hpp"
#include "agent/scheduler.hpp"
#include "agent/shipper.hpp"
#include "agent/state.hpp"
#include "agent/state_folder.hpp"
#include "agent/status.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annexa::agent {

/// Not thread-safe: one thread's own. Takes what it works with; tests give it a peer, a store and a clock of theirs.
class Worker {
  public:
    struct Parts {
        Configuration configuration;
        const StateFolder& folder;
        Identity& identity;
        Transport& transport;
        CollectorPeer peer;
        std::vector<ExpectedCollector> collectors;
        std::vector<ScheduledCollector> schedule;  // of the same collectors, in the same order
        const evidence::Clock& clock;
        const Log& log;
        int stop = -1;                   // readable: end at once
        std::function<double()> chance;  // in [0, 1)
        std::function<void()> progressed = {};  // called when there is something new to show, in mid-step too
    };
    explicit Worker(Parts parts);

    /// Does what is due now, of what reads every file one collector, and returns when something is due again, at the
    /// latest in a minute. Throws error where the machine turns out to be another one (`cloned`) or the state folder
    /// cannot be used any more.
    evidence::Instant step();

    /// Collects everything and sends it, whatever the schedule and the waiting time say.
    void collect_all_now();

    /// Takes over what the peer says of the machine. Throws error where it is another one than was enrolled.
    void learn(const Machine& machine);

    /// Goes on with another configuration: what it keeps stays. Not of it: `state` and `socket`.
    void use(const Configuration& configuration, CollectorPeer peer);

    [[nodiscard]] AgentStatus status();

  private:
    /// Whether more is due that reads every file.
    bool collect_due();
    std::vector<std::size_t> due(bool deep) const;
    void run(const std::vector<std::size_t>& which);
    std::vector<std::size_t> without_paused(const std::vector<std::size_t>& which);
    void keep(const Collected& result);

    void send();
    void guarded(const std::function<void()>& work);
    void raise(std::string_view code, const std::string& detail = {});
    void clear(std::string_view code);

    Parts parts_;
    Spool spool_;
    Shipper shipper_;
    AgentState state_ = Ready{};
    Conditions conditions_;
    Pauses pauses_;
    MachineNow machine_;
    std::map<std::string, evidence::Instant> last_runs_;
    std::map<std::string, CollectorStatus> results_;
    std::optional<evidence::Instant> collect_again_;  // the peer could not be had: not before
    std::optional<evidence::Instant> last_delivery_;
    evidence::Instant pruned_{};
};

}  // namespace annexa::agent
