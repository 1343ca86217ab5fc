#include "cli/time_argument.hpp"

#include "cli/commands.hpp"
#include "evidence/errors.hpp"

#include <algorithm>

namespace annexa::cli {

namespace {

using evidence::Instant;

bool is_day(std::string_view text) { return text.size() == std::string_view{"2026-11-24"}.size(); }

Instant parse(std::string_view option, std::string_view text) {
    std::string full{text};
    if (is_day(text)) full += "T00:00:00Z";
    if (full.size() == 16) full += ":00";
    if (full.size() == 19) full += "Z";
    try {
        return evidence::parse_instant(full);
    } catch (const evidence::format_error&) {
        throw evidence::error(std::string{option} +
                              ": expected 2026-11-24, \"2026-11-24 09:30\" (UTC) or 2026-11-24T09:30:00Z, found \"" +
                              std::string{text} + "\"");
    }
}

}  // namespace

std::string time_argument(std::string_view option, std::string_view text, Instant now) {
    if (text.empty()) return {};
    const Instant instant = parse(option, text);
    if (!is_day(text)) return evidence::to_string(instant);
    const Instant last = instant + std::chrono::days{1} - std::chrono::milliseconds{1};
    const bool is_today = std::chrono::floor<std::chrono::days>(instant) == std::chrono::floor<std::chrono::days>(now);
    return evidence::to_string(is_today ? std::min(last, now) : last);
}

std::string from_argument(std::string_view option, std::string_view text) {
    return text.empty() ? std::string{} : evidence::to_string(parse(option, text));
}

std::string to_argument(std::string_view option, std::string_view text, Instant now) {
    if (text.empty()) return {};
    const Instant instant = parse(option, text);
    if (!is_day(text)) return evidence::to_string(instant);
    const Instant next = instant + std::chrono::days{1};
    return evidence::to_string(instant <= now ? std::min(next, now) : next);
}

void When::add_to(Arguments& arguments, const evidence::Clock& clock) const {
    arguments.emplace_back("at", time_argument("--at", at, clock.now()));
    arguments.emplace_back("known_at", time_argument("--known-at", known_at, clock.now()));
}

}  // namespace annexa::cli
