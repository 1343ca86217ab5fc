// A sheet read into changes of records: which row is which record, what differs from what the store has, and what is
// wrong, each with its row, column and cell. Nothing is asked of the store here.
//
// A cell that says what the record says is no change; an empty one takes the member away; members without a column stay
// as they are, and so do records without a row. A sheet of ours says of which version each row was written: what was
// not edited since is left as another made it, and what both changed is told.
#pragma once

#include "cli/isms/cells.hpp"
#include "cli/isms/column_mapping.hpp"
#include "cli/isms/kinds.hpp"
#include "cli/sheets/book.hpp"
#include "cli/sheets/sheet.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace annexa::cli {

struct CellDifference {
    std::uint32_t row = 0;
    std::string cell;    // "E5"
    std::string record;  // id; empty: a new one
    std::string name;    // its title, or the control that it is of
    std::string member;
    std::string from, to;  // as cell_text() shows them
};

struct SheetProblem {
    std::uint32_t row = 0;  // 0: of the sheet as a whole
    std::string cell;       // "E5"; empty: of the row
    std::string heading;    // of its column
    std::string message;
};

struct ImportedSheet {
    std::shared_ptr<nlohmann::json> changes;  // as POST /api/v1/isms/changes takes them; never null
    std::vector<CellDifference> differences;
    std::vector<SheetProblem> problems;
    std::size_t rows = 0;                           // that were read
    std::map<std::string, std::uint32_t> row_of;    // by what a change calls its record
    std::map<std::string, std::size_t> column_of;   // by member
    std::map<std::string, std::string> heading_of;  // by member
    ColumnMapping mapping_used;                     // headings that were found by the mapping
};

struct ImportInto {
    const Kind& kind;
    const std::vector<sheets::Column>& columns;  // as an export has them: those that are read_only are passed over
    const nlohmann::json& records;               // all, of every kind, deleted ones too
    const ColumnMapping& mapping;
    /// The members of a record as an earlier version had them; null where they were erased.
    std::function<nlohmann::json(const std::string& id, std::uint64_t version)> members_at;
};

/// Throws evidence::error where no row can be the header: what was looked for, what was found.
ImportedSheet import_sheet(const sheets::Sheet& sheet, const ImportInto& into);

/// The place in the sheet of what the store said of a change: `path` is of a member, "links[2].to".
SheetProblem locate(const ImportedSheet& imported, const std::string& record, const std::string& path,
                    const std::string& message);

}  // namespace annexa::cli
