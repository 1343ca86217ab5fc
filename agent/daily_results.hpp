// What the collectors of cost class `deep` last found on this machine, kept for a day, as the service collects them
// once a day: they read every file of it. A full local check takes them from here; whoever names a check, or asks for
// --fresh, has them collected anew.
#pragma once

#include "agent/collected.hpp"
#include "evidence/instant.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>

namespace annexa::agent {

/// Where this user's programs keep what can be made anew: $CACHE_DIRECTORY (systemd's), root's /var/cache/annexa-agent,
/// $XDG_CACHE_HOME/annexa-agent, ~/.cache/annexa-agent. Made where it is not there. Nothing where there is none, or
/// where another than its user could write to it.
std::optional<std::filesystem::path> cache_folder();

class DailyResults {
  public:
    static constexpr std::chrono::hours kept_for{24};

    /// `folder`: nothing is kept where there is none.
    explicit DailyResults(std::optional<std::filesystem::path> folder) : folder_{std::move(folder)} {}

    /// The last result that was ok, of this version of the collector, collected within a day before `now` (a clock that
    /// was set back leaves none). Nothing where another user could have written it.
    [[nodiscard]] std::optional<Collected> recall(std::string_view collector, int version, evidence::Instant now) const;

    /// Keeps a result that is ok. Failing to keep is no failure.
    void remember(const Collected& result) const;

  private:
    [[nodiscard]] std::filesystem::path file_of(std::string_view collector) const;

    std::optional<std::filesystem::path> folder_;
};

}  // namespace annexa::agent
