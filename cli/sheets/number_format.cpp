#include "cli/sheets/number_format.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace annexa::cli::sheets {
namespace {

using namespace std::chrono;

constexpr double first_of_10000 = 2958466;  // the day after 9999-12-31
constexpr sys_days epoch_1900 = sys_days{year{1899} / 12 / 30};
constexpr sys_days epoch_1904 = sys_days{year{1904} / 1 / 1};

std::string digits(long value, int width) {
    std::string text = std::to_string(value);
    return std::string(static_cast<std::size_t>(std::max(0, width - static_cast<int>(text.size()))), '0') + text;
}

}  // namespace

bool is_date_format(unsigned id, std::string_view code) {
    if (code.empty()) return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
    if (code == "General") return false;
    for (std::size_t at = 0; at < code.size() && code[at] != ';'; ++at) {  // the first section decides
        switch (code[at]) {
            case '"':
            case '[': {  // words, and colours or locales
                const std::size_t end = code.find(code[at] == '"' ? '"' : ']', at + 1);
                if (end == std::string_view::npos) return false;
                at = end;
                break;
            }
            case '\\':
            case '_':
            case '*':
                ++at;
                break;
            case 'd':
            case 'D':
            case 'y':
            case 'Y':
                return true;
            default:
                break;
        }
    }
    return false;
}

std::optional<std::string> date_text(double serial, bool since_1904) {
    if (!(serial >= (since_1904 ? 0 : 1)) || serial >= first_of_10000) return std::nullopt;
    const double whole = std::floor(serial);
    auto second = std::lround((serial - whole) * 86400);
    auto count = static_cast<int>(whole);
    if (second == 86400) {
        second = 0;
        ++count;
    }
    // Lotus 1-2-3 took 1900 for a leap year, and every program since counts that day.
    if (!since_1904 && count == 60) return std::nullopt;
    if (!since_1904 && count < 60) ++count;
    const year_month_day day{(since_1904 ? epoch_1904 : epoch_1900) + days{count}};
    if (static_cast<int>(day.year()) > 9999) return std::nullopt;
    std::string text = digits(static_cast<int>(day.year()), 4) + "-" + digits(static_cast<unsigned>(day.month()), 2) +
                       "-" + digits(static_cast<unsigned>(day.day()), 2);
    if (second != 0)
        text += "T" + digits(second / 3600, 2) + ":" + digits(second / 60 % 60, 2) + ":" + digits(second % 60, 2);
    return text;
}

std::optional<double> date_serial(std::string_view date) {
    if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
    const auto number = [&](std::size_t first, std::size_t count) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(date.data() + first, date.data() + first + count, value);
        return error == std::errc{} && end == date.data() + first + count ? value : 0;
    };
    const year_month_day day{year{static_cast<int>(number(0, 4))}, month{number(5, 2)}, std::chrono::day{number(8, 2)}};
    if (!day.ok() || sys_days{day} < sys_days{year{1900} / 3 / 1}) return std::nullopt;
    return static_cast<double>((sys_days{day} - epoch_1900).count());
}

}  // namespace annexa::cli::sheets
