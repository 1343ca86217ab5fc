// Where a command's result goes, and in which form: standard output, or a file that is written whole or not at all.
#pragma once

#include "cli/command_line.hpp"
#include "cli/sheets/book.hpp"

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace annexa::cli {

struct OutputOptions {
    std::string format = "text";
    std::string out;  // empty: standard output
};

/// --format and --out. `formats` are words such as "text", the first the one that holds where none is said.
void add_output(Command& command, OutputOptions& options, std::span<const std::string_view> formats);

/// A text to where it is to go.
void put_text(const OutputOptions& options, const Terminal& terminal, std::string_view text);
/// A book as csv or xlsx. Throws evidence::error where a workbook would go to a terminal.
void put_book(const OutputOptions& options, const Terminal& terminal, const sheets::Book& book);
/// A page as pdf, likewise.
void put_pdf(const OutputOptions& options, const Terminal& terminal, std::string_view html);

}  // namespace annexa::cli
