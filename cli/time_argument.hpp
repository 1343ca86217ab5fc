// Times as people write them.
#pragma once

#include "evidence/instant.hpp"

#include <string>
#include <string_view>

namespace annexa::cli {

/// "2026-11-24T09:30:00Z" (any RFC 3339), "2026-11-24 09:30[:00]" in UTC, or "2026-11-24": the end of that day, or now where
/// that is today. Gives RFC 3339; an empty text stays empty. Throws evidence::error that names the option.
std::string time_argument(std::string_view option, std::string_view text, evidence::Instant now);

}  // namespace annexa::cli
