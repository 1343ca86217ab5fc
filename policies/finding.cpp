#include "policies/finding.hpp"

#include <algorithm>

namespace annexa::policies {

FindingChange advance_findings(std::span<const OpenFinding> open, const Outcome& outcome) {
    FindingChange change;
    const bool shows =
        outcome.state == State::pass || outcome.state == State::fail || outcome.state == State::not_applicable;
    if (!shows || !outcome.newest) {
        change.open.assign(open.begin(), open.end());
        return change;
    }
    const std::vector<std::string> keys =
        outcome.state == State::fail ? finding_keys(outcome) : std::vector<std::string>{};
    for (const std::string& key : keys) {
        const auto known =
            std::find_if(open.begin(), open.end(), [&](const OpenFinding& one) { return one.key == key; });
        const OpenFinding finding = known == open.end() ? OpenFinding{key, *outcome.newest} : *known;
        change.open.push_back(finding);
        if (known == open.end()) change.opened.push_back(finding);
    }
    for (const OpenFinding& finding : open)
        if (!std::binary_search(keys.begin(), keys.end(), finding.key)) change.closed.push_back(finding);
    return change;
}

}  // namespace annexa::policies
