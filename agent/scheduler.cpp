#include "agent/scheduler.hpp"

#include "evidence/digest.hpp"

#include <algorithm>

namespace annexa::agent {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes clock_slack{1};

/// The newest time at or before `now`, also for instants before the offset.
evidence::Instant newest_time(const CollectorTimes& times, evidence::Instant now) {
    const milliseconds since = now.time_since_epoch() - times.offset;
    auto periods = since / times.every;
    if (since < periods * times.every) --periods;
    return evidence::Instant{times.offset + periods * times.every};
}

}  // namespace

CollectorTimes times_of(const ScheduledCollector& collector, const Configuration& configuration,
                        std::string_view host_id) {
    const auto found = configuration.collector_schedule.find(collector.name);
    const Cadence own = found == configuration.collector_schedule.end() ? Cadence{} : found->second;
    const Cadence usual =
        collector.deep ? Cadence{std::chrono::hours{24}, std::chrono::hours{6}} : configuration.schedule;
    const std::chrono::seconds every = own.every.value_or(*usual.every);
    const std::chrono::seconds splay = std::min(own.splay.value_or(*usual.splay), every);
    const evidence::Digest hash = evidence::sha256(host_id);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8U | hash.bytes[i];
    const auto range = static_cast<std::uint64_t>(milliseconds{splay}.count()) + 1;
    return {every, milliseconds{static_cast<std::int64_t>(number % range)}};
}

bool is_due(const CollectorTimes& times, const std::optional<evidence::Instant>& last_run, evidence::Instant now) {
    if (!last_run || *last_run > now + clock_slack) return true;
    return *last_run < newest_time(times, now);
}

evidence::Instant next_time(const CollectorTimes& times, evidence::Instant now) {
    return newest_time(times, now) + times.every;
}

}  // namespace annexa::agent
