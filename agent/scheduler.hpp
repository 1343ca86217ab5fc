// When which collector runs: by the wall clock, every so often, at an offset that is the host's own and never changes.
//
// The times of a collector are offset + n * every, the offset between 0 and splay, from the host's id. A collector is
// due when its last run lies before the newest of these times, so one that was missed (the host was off) is caught up
// at once, and one that never ran is due now. Pure functions.
#pragma once

#include "agent/configuration.hpp"
#include "evidence/instant.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace annexa::agent {

struct ScheduledCollector {
    std::string name;
    bool deep = false;  // where nothing is configured: once a day, at any time of six hours
};

struct CollectorTimes {
    std::chrono::milliseconds every{}, offset{};
};

CollectorTimes times_of(const ScheduledCollector& collector, const Configuration& configuration,
                        std::string_view host_id);

/// Due now. A last run that lies in the future (the clock was set back) does not count.
bool is_due(const CollectorTimes& times, const std::optional<evidence::Instant>& last_run, evidence::Instant now);

/// The first time after `now` at which it becomes due.
evidence::Instant next_time(const CollectorTimes& times, evidence::Instant now);

}  // namespace annexa::agent
