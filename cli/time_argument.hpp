// Times as people write them.
#pragma once

#include "evidence/instant.hpp"

#include <string>
#include <string_view>

namespace annexa::cli {

/// "2026-11-24T09:30:00Z" (any RFC 3339), "2026-11-24 09:30[:00]" in UTC, or "2026-11-24": the end of that day, or now
/// where that is today. Gives RFC 3339; an empty text stays empty. Throws evidence::error that names the option.
std::string time_argument(std::string_view option, std::string_view text, evidence::Instant now);

/// The same for the start of a period: a day alone is its first moment.
std::string from_argument(std::string_view option, std::string_view text);

/// The same for the end of a period, which is not part of it: a day alone is the first moment of the next, or now where
/// that is still to come.
std::string to_argument(std::string_view option, std::string_view text, evidence::Instant now);

}  // namespace annexa::cli
