// Durations as people write them: 0, 90s, 15m, 26h, 30d, 2w.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::policies {

/// A whole number and one unit of s, m, h, d, w; 0 needs no unit. Nothing where the text is anything else or beyond a
/// hundred years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// In the largest unit that leaves no remainder: "30d", "26h", "0".
std::string duration_text(std::chrono::seconds duration);

}  // namespace annexa::policies
