// The commands of annexa-server, apart from their command line: each prints its result and returns. What goes wrong is
// thrown as evidence::error; main.cpp makes exit codes of it.
#pragma once

#include "server-stub/configuration/configuration.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace annexa::store {

enum class Format { text, json };

struct InitOptions {
    std::filesystem::path data;
    std::string organization;
    std::vector<std::string> names;  // empty: this machine's own name
    Format format = Format::text;
};
void command_init(const InitOptions& options);

/// Serves until SIGTERM or SIGINT.
void command_run(const Configuration& configuration);

struct TokenCreateOptions {
    std::string role;
    std::optional<std::string> ttl;  // "1h"
    std::optional<std::uint64_t> uses;
    std::optional<std::string> host;
    std::string name;
};
void command_token_create(const Configuration& configuration, const TokenCreateOptions& options, Format format);
void command_token_list(const Configuration& configuration, Format format);
void command_token_revoke(const Configuration& configuration, const std::string& id, Format format);

void command_host_list(const Configuration& configuration, Format format);
void command_host_retire(const Configuration& configuration, const std::string& host, Format format);
void command_host_revoke(const Configuration& configuration, const std::string& host, std::optional<std::uint64_t> compromised_since, Format format);

/// Runs an administrative command (administration.hpp) by the running server, or under the store's lock where none runs.
/// Returns its result, or throws evidence::error with what it said.
nlohmann::json administration(const Configuration& configuration, const std::string& command, const nlohmann::json& arguments);

}  // namespace annexa::store
