// Files of sheets: read whichever kind they are, written whole or not at all.
#pragma once

#include "cli/sheets/book.hpp"
#include "cli/sheets/sheet.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

namespace annexa::cli::sheets {

/// An .xlsx workbook or CSV, told apart by its first bytes. `sheet_name` is of workbooks alone. Throws evidence::error
/// that names the file and says how to save it, where it is something else (.xls, .ods, encrypted).
Sheet read_file(const std::filesystem::path& path, const std::string& sheet_name);

/// The same of bytes.
Sheet read_bytes(std::string_view bytes, const std::string& sheet_name);

/// Has `write` make a file beside `path` and puts it into its place; where it throws, nothing is left. What is no
/// regular file (a device, a pipe) is written into. An empty path is standard output: what was written goes to `out`.
void write_whole(const std::filesystem::path& path, std::ostream& out,
                 const std::function<void(const std::filesystem::path&)>& write);

}  // namespace annexa::cli::sheets
