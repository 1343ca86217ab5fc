// The policy packs that a command works with.
#pragma once

#include "policies/pack.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace annexa::agent {

/// The packs of these folders, or the built-in one where none is named. An invalid pack throws error whose lines each
/// begin with FILE:LINE:COLUMN, FILE as the user would open it.
std::vector<policies::Pack> load_packs(std::span<const std::filesystem::path> folders);

/// The errors of a folder's pack, a line each, FILE as the user would open it; empty where it is valid.
std::vector<std::string> pack_problems(const std::filesystem::path& folder);

/// Each pack's parameters after PARAMETER=VALUE. Throws error for a parameter that no pack has or a value that does not
/// fit.
std::vector<policies::Parameters> pack_parameters(std::span<const policies::Pack> packs,
                                                  std::span<const std::string> settings);

}  // namespace annexa::agent
