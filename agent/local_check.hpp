// The local check: packs evaluated over one collection of this machine (or an image), with no history and no store.
#pragma once

#include "agent/collector_process.hpp"
#include "agent/configuration.hpp"
#include "policies/catalogue.hpp"
#include "policies/check_result.hpp"
#include "policies/pack.hpp"

#include <iosfwd>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace annexa::terminal {
class Paint;
}

namespace annexa::agent {

struct LocalResult {
    const policies::Check* check = nullptr;
    const policies::Pack* pack = nullptr;
    policies::Outcome outcome;
    policies::CheckResult result;
    std::string rationale, remediation;  // with the parameters filled in
};

struct LocalOperation {
    const policies::Control* control = nullptr;
    policies::Operation operation = policies::Operation::not_monitored;
};

struct LocalCheck {
    std::string host;
    evidence::Instant at{};
    std::vector<const policies::Pack*> packs;
    std::vector<LocalResult> results;       // the worst first
    std::vector<LocalOperation> controls;   // all 93; a check that was not run counts as missing there
    bool complete = true;                   // every check in force was asked for
    std::optional<evidence::Instant> daily_since{};  // when the oldest of what was not collected now was collected
    std::vector<std::string> needing_root;  // checks that could not be made without it
};

/// The checks to run: all in force, or those named. Throws error for a name that no pack has.
std::vector<std::vector<const policies::Check*>> select_checks(std::span<const policies::Pack> packs,
                                                               std::span<const std::string> only);

LocalCheck check_locally(std::span<const policies::Pack> packs, std::span<const policies::Parameters> parameters,
                         std::span<const std::vector<const policies::Check*>> selected, const Collection& collection,
                         std::span<const ConfiguredWaiver> waivers, std::string host, evidence::Instant at);

void print_check_json(std::ostream& out, const LocalCheck& check);
void print_check_text(std::ostream& out, const LocalCheck& check, const terminal::Paint& paint);

}  // namespace annexa::agent
