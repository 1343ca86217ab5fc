// Which of somebody's columns are which of ours: what --map says, and what it said before. Kept by kind of record in
// columns.json beside annexa's configuration: the next file of the same tool has another name and the same columns.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace annexa::cli {

/// Heading (as folded() makes it) → member; an empty member leaves the column out.
using ColumnMapping = std::map<std::string, std::string, std::less<>>;

/// 'THEIRS=OURS' each, cut at the last equals sign: our names have none. Throws evidence::error.
ColumnMapping parse_mapping(const std::vector<std::string>& arguments);

/// $XDG_CONFIG_HOME/annexa/columns.json, else ~/.config/annexa/columns.json; empty where neither is known.
std::filesystem::path mapping_path();

/// What was kept for a kind; nothing where there is no file. Throws evidence::error where it is none of ours.
ColumnMapping kept_mapping(const std::filesystem::path& path, const std::string& kind);

/// Adds to what is kept for a kind. Throws evidence::error.
void keep_mapping(const std::filesystem::path& path, const std::string& kind, const ColumnMapping& mapping);

}  // namespace annexa::cli
