// The parts of an XLSX file around its sheets (ECMA-376-1, 18.2, 18.4, 18.8; ECMA-376-2 for the relations of parts).
#pragma once

#include "cli/sheets/zip_archive.hpp"

#include <string>
#include <vector>

namespace annexa::cli::sheets {

struct WorkbookSheet {
    std::string name;
    std::string part;  // xl/worksheets/sheet1.xml
    bool hidden = false;
};

struct Workbook {
    std::vector<WorkbookSheet> sheets;
    std::vector<std::string> strings;     // shared ones
    std::vector<bool> styles_with_dates;  // by index of a cell's style
    bool since_1904 = false;
};

/// Throws evidence::error where a part is missing or not what it should be.
Workbook read_workbook(ZipArchive& archive);

/// "_x000D_" stands for a character that XML does not hold, "_x005F_" for the underscore before such a thing
/// (ECMA-376-1, 22.9.2.19).
std::string unescaped(std::string_view text);
/// The other way, of what would be read as such a thing.
std::string escaped_for_workbook(std::string_view text);

}  // namespace annexa::cli::sheets
