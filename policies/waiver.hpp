// Waivers: a person accepts findings of a check for a time. Never a pass, and never anything but a finding.
#pragma once

#include "evidence/instant.hpp"
#include "policies/evaluate.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

struct Waiver {
    std::string id;  // the record's, empty for one of the local configuration
    std::string check;
    std::vector<std::string> hosts;  // ids or names; empty: every host
    std::optional<std::string> key;  // nothing: every finding of the check; else a finding_key(), or the bare text of a
                                     // key of one column
    std::string reason;
    evidence::Instant from{};   // in force from then
    evidence::Instant until{};  // and before this
};

/// The last moment of "2027-03-31" is still covered: gives the start of the day after. A full RFC 3339 time is taken as
/// it is. Throws evidence::format_error.
evidence::Instant parse_until(std::string_view text);

/// True where the waiver is in force for the check on one of the host's names.
bool applies(const Waiver& waiver, std::string_view check, std::span<const std::string> host_names,
             evidence::Instant at);

/// True where the waiver names this finding, or names none.
bool names_finding(const Waiver& waiver, std::string_view finding_key);

/// True where each finding of the outcome is covered by one of the waivers; false where there is no finding.
bool covers_all(std::span<const Waiver* const> waivers, const Outcome& outcome);

}  // namespace annexa::policies
