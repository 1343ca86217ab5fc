// Where the command takes its token from, and where `annexa login` puts it.
#pragma once

#include "evidence/token.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace annexa::cli {

/// $XDG_CONFIG_HOME/annexa/config.yaml, else ~/.config/annexa/config.yaml. Throws evidence::error where neither is
/// known.
std::filesystem::path configuration_path();

/// From ANNEXA_TOKEN, else from the configuration. Throws evidence::error that says how to get one.
evidence::Token read_token();

/// Throws evidence::error where the token enrols agents and opens nothing to people.
void demand_person(const evidence::Token& token);

/// Writes the configuration, mode 0600 in a folder of mode 0700, whole or not at all.
void write_token(const std::filesystem::path& path, const evidence::Token& token);

/// A file's token, or standard input's for "-". At most 16 KiB.
std::string read_token_text(const std::string& file);

}  // namespace annexa::cli
