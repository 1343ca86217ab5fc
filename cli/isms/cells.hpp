// What stands in a cell of a sheet for a member of a record, and back: read_cell() of what cell_text() gives is the
// same value.
//
// Lists have one line an entry; yes and no are booleans; groups are JSON, one a line; a record is its id, and is read
// by its title too.
#pragma once

#include "cli/isms/kinds.hpp"
#include "cli/sheets/sheet.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace annexa::cli {

/// Records by what people call them.
class RecordTitles {
  public:
    /// Of an answer's `records`; those that were deleted or erased are left out.
    explicit RecordTitles(const nlohmann::json& records);
    /// Ids of the records of these kinds (of all where there are none) that have this title.
    [[nodiscard]] std::set<std::string> find(std::string_view title, std::span<const std::string> kinds) const;

  private:
    struct Titled {
        std::string id, kind;
    };
    std::multimap<std::string, Titled, std::less<>> titles_;
};

/// "" for null and for what has nothing in it.
std::string cell_text(const Field& field, const nlohmann::json& value);

/// Sets `value`, to null where the cell is empty. Returns what is wrong and what was expected, "" where nothing is;
/// what only the store can tell (whether a record exists, how records fit together) is left to it.
std::string read_cell(const Field& field, const sheets::Cell& cell, const RecordTitles& titles, nlohmann::json& value);

/// Without blanks and line breaks around it.
std::string_view trimmed(std::string_view text);

/// "Planned until" and "planned-until" are "planned_until": how headings and choices are compared.
std::string folded(std::string_view text);

/// "planned_until" as a person reads it: "Planned until".
std::string heading(std::string_view name);

}  // namespace annexa::cli
