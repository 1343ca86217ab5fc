// A small world for the tests of the engine: two collectors, three tables, packs from text.
#pragma once

#include "evidence/instant.hpp"
#include "policies/check_result.hpp"
#include "policies/evaluate.hpp"
#include "policies/pack.hpp"

#include <memory>
#include <string>
#include <vector>

namespace annexa::policies::testing {

/// users(username, uid, shell nullable, last_login nullable), processes(name, pid volatile), both of the collector
/// `accounts`; settings(name, value nullable, factor double, on boolean) of the collector `settings`.
const Schemas& schemas();

/// A pack of one check with these queries; `more` are further lines of the check.
FileTree pack_files(const std::string& check_lines, const std::string& pack_lines = "");

/// The one check of pack_files(), with `needs: [users]`.
std::string check_text(const std::string& violations, const std::string& population = "SELECT 1",
                       const std::string& more = "");

evidence::Instant at(const std::string& rfc3339);

/// A row of users.
evidence::Row user(const std::string& name, std::int64_t uid, evidence::Value shell = std::string{"/bin/sh"},
                   evidence::Value last_login = std::int64_t{1000});

/// Both collectors ok at 2026-11-01T00:00:00Z, the tables empty but for these users.
HostEvidence host_with(std::vector<evidence::Row> users);

/// Evaluates the first check of a pack.
Outcome evaluate_first(const Pack& pack, const HostEvidence& host);

}  // namespace annexa::policies::testing
