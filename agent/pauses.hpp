// Which collectors rest: one that breaks its limit of time, memory or output three times in a row is not run for a day.
#pragma once

#include "agent/collected.hpp"
#include "evidence/instant.hpp"

#include <map>
#include <optional>
#include <string>

namespace annexa::agent {

/// A value; what it knows begins anew with each start of the service.
class Pauses {
  public:
    static constexpr int most_breaches = 3;
    static constexpr std::chrono::hours length{24};

    /// What a collector that ran has returned.
    void note(const Collected& result, evidence::Instant now);

    /// Until when it rests; nothing where it may run. A clock that was set back ends no pause later than a day from
    /// now.
    [[nodiscard]] std::optional<evidence::Instant> until(const std::string& collector, evidence::Instant now) const;

    /// What stands in evidence in place of a run: an error with the limit that it broke as its reason, and
    /// a message until when it rests.
    [[nodiscard]] Collected result(const std::string& collector, int version, evidence::Instant now) const;

    /// The names of those that rest, "a, b"; empty where none does.
    [[nodiscard]] std::string names(evidence::Instant now) const;

  private:
    struct Record {
        int breaches = 0;  // in a row
        evidence::Reason last{};
        std::optional<evidence::Instant> until;
    };
    std::map<std::string, Record> records_;
};

}  // namespace annexa::agent
