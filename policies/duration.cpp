#include "policies/duration.hpp"

#include <charconv>
#include <utility>

namespace annexa::policies {
namespace {

constexpr std::pair<char, std::int64_t> units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
constexpr std::int64_t longest = std::int64_t{100} * 366 * 86400;

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || number < 0 || text.front() == '-' || number > longest) return std::nullopt;
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    if (unit.empty() && number == 0) return std::chrono::seconds{0};
    if (unit.size() != 1) return std::nullopt;
    for (const auto& [letter, seconds] : units) {
        if (letter == unit.front() && number <= longest / seconds) return std::chrono::seconds{number * seconds};
    }
    return std::nullopt;
}

std::string duration_text(std::chrono::seconds duration) {
    const std::int64_t count = duration.count();
    if (count == 0) return "0";
    for (const auto& [letter, seconds] : units) {
        // Weeks are for reading only: nobody says "4w" of what was written as 28 days.
        if (letter != 'w' && count % seconds == 0) return std::to_string(count / seconds) + letter;
    }
    return std::to_string(count) + 's';
}

}  // namespace annexa::policies
