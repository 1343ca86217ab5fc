// One file of cases/, read: what each case gives and expects.
#pragma once

#include "policies/field_reader.hpp"
#include "policies/host_evidence.hpp"
#include "policies/pack.hpp"
#include "policies/state.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annexa::policies {

/// When the evidence of a case without `now` was collected: 2026-01-01T00:00:00Z.
constexpr evidence::Instant default_case_time{std::chrono::seconds{1767225600}};

struct Case {
    std::string name;
    Place place;
    std::string fixture;    // "login_defs/last-line-wins"; empty: the tables stand in the case
    HostEvidence host;      // where they do
    Parameters parameters;  // the pack's, with those that the case sets
    std::optional<evidence::Instant> now;
    State expect = State::pass;  // pass, fail, not_applicable or error
    std::optional<std::string> reason;
    std::optional<std::int64_t> population;
    std::optional<std::vector<evidence::Row>> violations;
    std::set<std::string> null_may_pass;  // "table.column", in this case
};

/// Only what could be read without an error comes back.
std::vector<Case> read_cases(const YamlNode& document, const Check& check, const Pack& pack, const Schemas& schemas,
                             Problems& problems);

}  // namespace annexa::policies
