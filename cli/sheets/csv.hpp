// Comma-separated values (RFC 4180).
//
// A spreadsheet program runs a cell that begins with = + - @, a tab or a carriage return as a formula. Such a text is
// written with an apostrophe before it, and so is one that has apostrophes before such a character; reading takes one
// apostrophe off again, so that every text comes back as it was. Plain numbers stay as they are.
#pragma once

#include "cli/sheets/book.hpp"
#include "cli/sheets/sheet.hpp"

#include <iosfwd>
#include <string>
#include <string_view>

namespace annexa::cli::sheets {

/// The table alone: a header line, one record a row.
void write_csv(std::ostream& out, const Book& book);

/// UTF-8 with or without a byte order mark; separated by comma, semicolon or tab, whichever the first record has most
/// of. Cells are texts. A quotation mark where none may stand is a problem of the cell, another number of cells than in
/// the header one of the row. Throws evidence::error for another encoding, a quoted cell without an end, and a limit.
Sheet read_csv(std::string_view bytes);

/// A text as it stands in a cell, and back. restored(defused(text)) == text.
std::string defused(std::string_view text);
std::string restored(std::string_view cell);

}  // namespace annexa::cli::sheets
