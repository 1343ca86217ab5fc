// What a case expects, as text for people: one row a line, sources by name alone.
#pragma once

#include "collectors/collected.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace annexa::tests {

/// The form of expected.json.
std::string golden_text(const collectors::Collected& collected);

/// The folders tests/collectors/COLLECTOR/CASE that hold an expected.json, host.yaml, root/ or kernel/.
std::vector<std::filesystem::path> case_folders(const std::filesystem::path& below);

std::string file_text(const std::filesystem::path& path);

/// True where ANNEXA_UPDATE_GOLDEN=1: what is expected is written anew instead of compared.
bool update_golden();

}  // namespace annexa::tests
