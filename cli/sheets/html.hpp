// Pages of HTML: one file with nothing to load and nothing that runs. What a user wrote is text, whatever it says.
#pragma once

#include <string>
#include <string_view>

namespace annexa::cli::sheets {

/// Text for between tags and in attributes with quotation marks. Characters that HTML may not hold become U+FFFD.
std::string escaped(std::string_view text);

/// A whole page. Its policy lets nothing in but this style. `title` is escaped here, `style` and `body` are ours.
std::string html_page(std::string_view title, std::string_view style, std::string_view body);

}  // namespace annexa::cli::sheets
