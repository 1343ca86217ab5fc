#include "agent/pauses.hpp"

namespace annexa::agent {
namespace {

bool breaks_limit(const Collected& result) {
    return result.reason == evidence::Reason::timed_out || result.reason == evidence::Reason::out_of_memory ||
           result.reason == evidence::Reason::output_too_large;
}

}  // namespace

void Pauses::note(const Collected& result, evidence::Instant now) {
    if (!breaks_limit(result)) {
        records_.erase(result.collector);
        return;
    }
    Record& record = records_[result.collector];
    record.last = *result.reason;
    if (++record.breaches < most_breaches) return;
    record.breaches = 0;
    record.until = now + length;
}

std::optional<evidence::Instant> Pauses::until(const std::string& collector, evidence::Instant now) const {
    const auto found = records_.find(collector);
    if (found == records_.end() || !found->second.until) return std::nullopt;
    const evidence::Instant end = *found->second.until;
    return end > now && end - now <= length ? std::optional{end} : std::nullopt;
}

Collected Pauses::result(const std::string& collector, int version, evidence::Instant now) const {
    const Record& record = records_.at(collector);
    return failed_result(collector, version, record.last,
                         "not run: it broke its limit " + std::to_string(most_breaches) +
                             " times in a row and rests until " + evidence::to_string(*record.until),
                         now);
}

std::string Pauses::names(evidence::Instant now) const {
    std::string names;
    for (const auto& [name, unused] : records_)
        if (until(name, now)) names += (names.empty() ? "" : ", ") + name;
    return names;
}

}  // namespace annexa::agent
