// All that can be wrong with an agent, in one catalogue: log, `status` and `doctor` speak from it alone.
#pragma once

#include "evidence/instant.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::agent {

enum class Severity { notice, warning, error };
std::string_view severity_name(Severity severity);

struct Condition {
    std::string_view code;
    Severity severity;
    std::string_view sentence;           // what is so
    std::string_view todo;               // what a person does about it
    std::string_view follows_from = "";  // the condition that explains it, where that holds too
    std::chrono::seconds grace{0};       // how long it holds before it is shown
};

/// All of them.
std::span<const Condition> all_conditions();
/// Nothing where there is no such code.
const Condition* find_condition(std::string_view code);

/// Those that hold now, since when, and what was seen. A value: the service owns one and hands out copies.
class Conditions {
  public:
    struct Held {
        const Condition* condition = nullptr;
        evidence::Instant since{};
        std::string detail;
    };

    /// True where it did not hold before. Throws error for a code that the catalogue does not have.
    bool raise(std::string_view code, evidence::Instant now, std::string detail = {});
    /// True where it held.
    bool clear(std::string_view code);
    [[nodiscard]] bool holds(std::string_view code) const { return held_.contains(std::string{code}); }

    [[nodiscard]] std::optional<evidence::Instant> since(std::string_view code) const {
        const auto at = held_.find(code);
        return at == held_.end() ? std::nullopt : std::optional{at->second.since};
    }

    /// The worst first; without those that another one explains, and those within their grace.
    [[nodiscard]] std::vector<Held> shown(evidence::Instant now) const;

  private:
    std::map<std::string, Held, std::less<>> held_;
};

}  // namespace annexa::agent
