// An auditor's nonce: made here, kept here until the first draw tells it to the store. Whoever knew it before the
// population is frozen could foresee the sample, so only its hash leaves this machine.
#pragma once

#include <filesystem>
#include <string>

namespace annexa::cli {

/// Where the nonce of a hash is kept: `file`, or where that is empty below XDG_STATE_HOME or ~/.local/state. Throws
/// evidence::error where there is no home.
std::filesystem::path nonce_path(const std::string& file, const std::string& hash);

/// 64 hexadecimal digits of 256 random bits.
std::string make_nonce();

/// Mode 0600, and never over one that is there. Throws evidence::error.
void keep_nonce(const std::filesystem::path& path, const std::string& nonce);

/// Throws evidence::error where there is none, or its SHA-256 is not `hash`.
std::string read_nonce(const std::filesystem::path& path, const std::string& hash);

}  // namespace annexa::cli
