// Findings through time: opened by the first evidence that shows them, closed by the first evidence that does not.
#pragma once

#include "evidence/instant.hpp"
#include "policies/evaluate.hpp"

#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

struct OpenFinding {
    std::string key;  // finding_key()
    evidence::Instant opened{};

    bool operator==(const OpenFinding&) const = default;
};

struct FindingChange {
    std::vector<OpenFinding> open;    // all that are open now, by key
    std::vector<OpenFinding> opened;  // of these, the new ones
    std::vector<OpenFinding> closed;  // no longer open, with the time when they were opened
};

/// What a new outcome does to the findings that were open. Its time is outcome.newest. Missing, error and deleted close
/// nothing: silence is no evidence.
FindingChange advance_findings(std::span<const OpenFinding> open, const Outcome& outcome);

}  // namespace annexa::policies
