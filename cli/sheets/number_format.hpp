// Dates in XLSX are numbers: days since an epoch, told from other numbers by their format alone (ECMA-376-1, 18.8.30).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annexa::cli::sheets {

/// Whether a format shows its number as a day, with or without a time of day. `code` is a format of the file's own
/// ("yyyy\-mm\-dd"), empty for a built-in one.
bool is_date_format(unsigned id, std::string_view code);

/// YYYY-MM-DD, followed by THH:MM:SS where there is a time of day. `since_1904`: the epoch of old Macintosh files.
/// Nothing for what is no day: before the epoch, after 9999, and 29 February 1900, which there never was.
std::optional<std::string> date_text(double serial, bool since_1904);

/// The number of a day YYYY-MM-DD since 1900; nothing before 1 March 1900, where programs disagree.
std::optional<double> date_serial(std::string_view date);

}  // namespace annexa::cli::sheets
