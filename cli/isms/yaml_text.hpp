// Texts as YAML 1.2 that reads back byte for byte. Of what readers of YAML 1.1 take for something else a day alone
// stands plain.
#pragma once

#include <string>
#include <string_view>

namespace annexa::cli {

/// On one line: plain where nobody can take it for anything but text, else in double quotes; what an editor would not
/// show (control, format and direction characters) as an escape.
std::string scalar_yaml(std::string_view text);

/// Whether a text of several lines can stand as it is below "|".
bool is_literal(std::string_view text);
/// "|" and the lines after `indent`, with a line break at the end. Only what is_literal().
std::string literal_yaml(std::string_view text, const std::string& indent);

}  // namespace annexa::cli
