// Files of the state folder: written whole or not at all, readable by their owner alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::agent {

/// Replaces a file so that after a crash at any point it has its old or its new bytes: written beside it, fsynced,
/// renamed, the folder fsynced. Mode 0600. Throws error naming the file.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Nothing where it does not exist. Throws error where it cannot be read or is larger than most_bytes.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t most_bytes = std::size_t{4} << 20);

/// Removes a file if it is there, and makes that durable. Throws error.
void remove_file(const std::filesystem::path& path);

/// Makes the names in a folder durable.
void sync_folder(const std::filesystem::path& folder);

}  // namespace annexa::agent
