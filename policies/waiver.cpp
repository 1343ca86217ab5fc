#include "policies/waiver.hpp"

#include "evidence/errors.hpp"

#include <algorithm>
#include <chrono>

namespace annexa::policies {

evidence::Instant parse_until(std::string_view text) {
    constexpr std::size_t date_length = 10;  // 2027-03-31
    if (text.size() != date_length) return evidence::parse_instant(text);
    return evidence::parse_instant(std::string{text} + "T00:00:00Z") + std::chrono::days{1};
}

bool applies(const Waiver& waiver, std::string_view check, std::span<const std::string> host_names,
             evidence::Instant at) {
    if (waiver.check != check || at < waiver.from || at >= waiver.until) return false;
    if (waiver.hosts.empty()) return true;
    return std::any_of(waiver.hosts.begin(), waiver.hosts.end(), [&](const std::string& host) {
        return std::find(host_names.begin(), host_names.end(), host) != host_names.end();
    });
}

bool names_finding(const Waiver& waiver, std::string_view finding_key) {
    if (!waiver.key) return true;
    if (*waiver.key == finding_key) return true;
    // What a person types for a key of one column: alice, or 1000 for what is a number in the finding.
    const std::string bare = *waiver.key;
    return evidence::canonical_row({bare}) == finding_key || "[" + bare + "]" == finding_key;
}

bool covers_all(std::span<const Waiver* const> waivers, const Outcome& outcome) {
    const std::vector<std::string> keys = finding_keys(outcome);
    return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return std::any_of(waivers.begin(), waivers.end(),
                           [&](const Waiver* waiver) { return names_finding(*waiver, key); });
    });
}

}  // namespace annexa::policies
