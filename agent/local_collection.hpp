// Collecting for a command: which collectors a set of tables needs, asked with the configured limits.
#pragma once

#include "agent/collector_process.hpp"
#include "agent/configuration.hpp"
#include "policies/host_evidence.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annexa::agent {

/// The configuration of a local command, its names held against the built-in collectors. An image (root) is not this
/// machine: its collectors are all on and this machine's waivers do not count there.
Configuration local_configuration(const std::optional<std::filesystem::path>& file,
                                  const std::optional<std::filesystem::path>& root);

/// What reads every file, at idle priority: it has this time at least.
constexpr std::chrono::minutes deep_timeout{15};

/// Whether a collector is of cost class `deep`.
bool is_deep(const std::string& collector);

/// Names of all collectors at hand, and of those that make the given tables (each once, in the order of the names).
std::vector<std::string> all_collector_names();
std::vector<std::string> collectors_of(const std::set<std::string>& tables);

/// What the schemas say of these collectors. Throws error for a name that is none, with those that there are.
std::vector<ExpectedCollector> expected_collectors(const std::vector<std::string>& names);

/// Asks the peer that the configuration names where it lets this user in, else starts annexa-collect; an image is
/// always read by a started one.
CollectorPeer configured_peer(const Configuration& configuration,
                              const std::optional<std::filesystem::path>& root = {});

/// Runs these collectors now. Throws error where the root is no folder or annexa-collect cannot be started.
Collection collect_now(const Configuration& configuration, const std::vector<std::string>& names,
                       const std::optional<std::filesystem::path>& root);

/// What the policies see of it: tables in evidence form.
policies::HostEvidence host_evidence(const Collection& collection);

}  // namespace annexa::agent
