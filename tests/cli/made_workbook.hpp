// Workbooks made by hand, for what no spreadsheet program would write.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace annexa::test {

using Parts = std::vector<std::pair<std::string, std::string>>;

/// A ZIP archive of these parts, deflated.
std::string zip_of(const Parts& parts);

/// What stands in a workbook: XML between <worksheet> and </worksheet>, between <sst> and </sst>, between <styleSheet>
/// and </styleSheet>, and of the workbook's properties.
struct MadeWorkbook {
    std::string sheet = {};
    std::string strings = {};
    std::string styles = {};
    std::string properties = {};
    std::string prolog = {};  // before the sheet's first element

    [[nodiscard]] Parts parts() const;
    [[nodiscard]] std::string bytes() const { return zip_of(parts()); }
};

/// Rows as <sheetData>…: "<row>…</row>".
inline std::string data(const std::string& rows) { return "<sheetData>" + rows + "</sheetData>"; }

}  // namespace annexa::test
