// Books as Office Open XML workbooks, by libxlsxwriter. Texts are always written as texts, never as formulas or links.
#pragma once

#include "cli/sheets/book.hpp"

#include <filesystem>

namespace annexa::cli::sheets {

/// Two sheets: the table, its header frozen, and what it is ("About"). Throws evidence::error where it cannot be
/// written, or where a text is longer than the 32,767 characters that a cell holds.
void write_xlsx(const Book& book, const std::filesystem::path& path);

}  // namespace annexa::cli::sheets
