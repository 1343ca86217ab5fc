// How results are printed: aligned text (coloured on a terminal), JSON, CSV. Results go to standard output, messages to
// standard error.
#pragma once

#include "evidence/table.hpp"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::terminal {

enum class Colour { none, red, yellow, green, blue, bold, dim };

/// Whether escape codes are printed: decided once, from the descriptor and NO_COLOR (https://no-color.org).
class Paint {
  public:
    explicit Paint(bool on) : on_{on} {}
    static Paint for_descriptor(int descriptor);
    [[nodiscard]] std::string operator()(Colour colour, std::string_view text) const;

  private:
    bool on_;
};

/// Text as a terminal may show it: control characters, NUL and bytes that are not UTF-8 become "\x1b" and the like, so
/// that a file name on a host cannot write to the screen of whoever looks at it.
std::string printable(std::string_view text);

/// Columns that a text takes on a terminal: code points that are no combining marks, wide ones counted twice.
std::size_t display_width(std::string_view text);

/// A cell as text: null as "" , booleans as true and false.
std::string cell_text(const evidence::Value& value);

/// A table with a header line, columns aligned, numbers to the right.
void print_aligned(std::ostream& out, const evidence::Table& table, const Paint& paint);

/// RFC 4180: header line, CRLF, fields quoted where they must be.
void print_csv(std::ostream& out, const evidence::Table& table);

/// Lines of at most `width` columns, broken at blanks, each after `indent`.
std::string wrapped(std::string_view text, std::string_view indent, std::size_t width = 100);

}  // namespace annexa::terminal
