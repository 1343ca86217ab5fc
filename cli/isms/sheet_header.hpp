// The header of a sheet: which column is which member.
#pragma once

#include "cli/isms/sheet_import.hpp"

#include <optional>
#include <string>
#include <vector>

namespace annexa::cli {

struct BoundColumn {
    std::size_t column = 0;
    std::string heading;           // as it is written
    const Field* field = nullptr;  // none: the id
};

struct SheetHeader {
    std::size_t row = 0;  // index into the sheet's rows
    std::vector<BoundColumn> columns;
    std::vector<bool> without_heading;   // by column
    std::optional<BoundColumn> version;  // of the record that a row was written from
    [[nodiscard]] const BoundColumn* find(const Field* field) const;
};

/// The first of the upper 20 rows that has a column for the id, the kind's key or the title. A sheet of ours bears the
/// records' ids: there, what is only shown is passed over; elsewhere a column of such a name is somebody's own.
/// Problems (a column that is unknown, or there twice) are added to `imported`, with where members stand. Throws
/// evidence::error where there is no such row, or --map names a column that is not there.
SheetHeader read_header(const sheets::Sheet& sheet, const ImportInto& into, ImportedSheet& imported);

}  // namespace annexa::cli
