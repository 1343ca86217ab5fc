// Runs the cases of a pack: tables in, state and findings out, as data beside the checks (docs/write-a-check.md).
//
// To each author's cases it adds what no author should have to write: `missing`, `error`, `stale` and an agent too old
// are derived from a case of each check, and every nullable column that a check reads is set to NULL in every passing
// case, which must then no longer pass.
#pragma once

#include "policies/host_evidence.hpp"
#include "policies/pack.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

/// Runs collectors over a fixture ("login_defs/last-line-wins", below `--hosts DIR`) and returns what they found,
/// tables in evidence form. Throws evidence::error where there is no such fixture.
using FixtureReader = std::function<HostEvidence(const std::string& fixture, std::span<const std::string> collectors)>;

struct CaseFailure {
    std::string file;  // below the pack's folder
    int line = 1;
    int column = 1;
    std::string check;
    std::string name;  // of the case, empty where it is about the check as a whole
    std::string what;

    /// "cases/ssh-macs.yaml:7:8: weak-mac: expected fail, got pass"
    [[nodiscard]] std::string text() const;
};

struct CaseReport {
    std::size_t checks = 0;
    std::size_t cases = 0;    // written by people and run
    std::size_t derived = 0;  // made by the runner: missing, error, stale, agent too old, NULL
    std::size_t skipped = 0;  // `host` cases with no fixtures at hand
    std::vector<CaseFailure> failures;
};

/// `fixtures` may be empty: cases with `host` are then counted as skipped.
CaseReport run_cases(const Pack& pack, const FileTree& files, const Schemas& schemas,
                     const FixtureReader& fixtures = {});

}  // namespace annexa::policies
