#include "cli/time_argument.hpp"

#include "evidence/errors.hpp"

#include <algorithm>

namespace annexa::cli {

std::string time_argument(std::string_view option, std::string_view text, evidence::Instant now) {
    if (text.empty()) return {};
    std::string full{text};
    const bool day_alone = full.size() == 10;
    if (day_alone) full += "T23:59:59.999Z";
    if (full.size() == 16) full += ":00";
    if (full.size() == 19) full += "Z";
    try {
        evidence::Instant instant = evidence::parse_instant(full);
        const auto day = std::chrono::floor<std::chrono::days>(instant);
        if (day_alone && day == std::chrono::floor<std::chrono::days>(now)) instant = std::min(instant, now);
        return evidence::to_string(instant);
    } catch (const evidence::format_error&) {
        throw evidence::error(std::string{option} + ": expected 2026-11-24, \"2026-11-24 09:30\" (UTC) or 2026-11-24T09:30:00Z, found \"" + std::string{text} + "\"");
    }
}

}  // namespace annexa::cli
