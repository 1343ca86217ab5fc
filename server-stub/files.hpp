// Files of the server's own: read bounded, written so that they are whole or not there.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace annexa::store {

/// Throws evidence::error ("/x: No such file or directory") also where it is longer than `most_bytes`.
std::string read_file(const std::filesystem::path& file, std::size_t most_bytes);

/// Writes beside it, syncs, renames: who reads the path sees the old bytes or the new. Mode as given.
void write_file(const std::filesystem::path& file, std::string_view bytes, unsigned mode);

/// Makes names in a folder durable.
void sync_folder(const std::filesystem::path& folder);

}  // namespace annexa::store
