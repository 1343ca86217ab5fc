// Files that a person names on the command line, read whole and bounded.
#pragma once

#include <cstddef>
#include <string>

namespace annexa::cli {

/// The bytes of a file, of "-" those of standard input. Throws evidence::error where it cannot be read or is larger.
std::string read_input(const std::string& file, std::size_t most_bytes = std::size_t{4} << 20);

/// Writes a file anew, whole or not at all: a failed run leaves none behind. `private_to_user`: mode 0600, and never
/// over one that is there. Throws evidence::error.
void write_output(const std::string& file, const std::string& bytes, bool private_to_user = false);

}  // namespace annexa::cli
