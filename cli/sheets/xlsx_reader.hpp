// Office Open XML workbooks (ECMA-376-1), as every spreadsheet program saves them: .xlsx.
#pragma once

#include "cli/sheets/sheet.hpp"

#include <string_view>

namespace annexa::cli::sheets {

/// The sheet of that name, or the first that is not hidden. Formulas, merged cells and errors are problems of their
/// cells: what a formula shows is a program's word, and a merged cell says its value once for several. Throws
/// evidence::error for what is no such file, and for a limit.
Sheet read_xlsx(std::string_view bytes, std::string_view sheet_name = {});

}  // namespace annexa::cli::sheets
