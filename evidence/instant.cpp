#include "evidence/instant.hpp"

#include "evidence/errors.hpp"

#include <cstdio>

namespace annexa::evidence {
namespace {

/// Reads decimal digits from a text, remembering where it stands.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_{text} {}

    int number(std::size_t digits, int low, int high, const char* what) {
        int value = 0;
        const std::size_t start = at_;
        for (std::size_t i = 0; i < digits; ++i, ++at_) {
            if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') throw format_error(at_, what);
            value = value * 10 + (text_[at_] - '0');
        }
        if (value < low || value > high) throw format_error(start, what);
        return value;
    }

    bool take(std::string_view any_of) {
        if (at_ >= text_.size() || any_of.find(text_[at_]) == std::string_view::npos) return false;
        ++at_;
        return true;
    }

    void demand(std::string_view any_of, const char* what) {
        if (!take(any_of)) throw format_error(at_, what);
    }

    [[nodiscard]] bool at_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
    char next() { return text_[at_++]; }
    [[nodiscard]] char last() const { return text_[at_ - 1]; }
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] bool done() const { return at_ == text_.size(); }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

int read_milliseconds(Reader& reader) {
    if (!reader.take(".")) return 0;
    if (!reader.at_digit()) throw format_error(reader.position(), "decimals of a second");
    int milliseconds = 0;
    int decimals = 0;
    while (reader.at_digit()) {
        const int digit = reader.next() - '0';
        if (++decimals > 9) throw format_error(reader.position(), "at most nine decimals");
        if (decimals <= 3) milliseconds = milliseconds * 10 + digit;
    }
    for (; decimals < 3; ++decimals) milliseconds *= 10;
    return milliseconds;
}

std::chrono::minutes read_offset(Reader& reader) {
    if (reader.take("Zz")) return std::chrono::minutes{0};
    reader.demand("+-", "Z or an offset such as +01:00");
    const int sign = reader.last() == '-' ? -1 : 1;
    const int hours = reader.number(2, 0, 23, "hours of the offset");
    reader.demand(":", "a colon in the offset");
    return std::chrono::minutes{sign * (hours * 60 + reader.number(2, 0, 59, "minutes of the offset"))};
}

bool has_four_digit_year(Instant instant) {
    using namespace std::chrono;
    return instant >= sys_days{year{0} / January / 1} && instant < sys_days{year{10000} / January / 1};
}

}  // namespace

std::string to_string(Instant instant) {
    if (!has_four_digit_year(instant)) throw error("a time outside the years 0000 to 9999 cannot be written");
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{instant - day};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return text;
}

Instant parse_instant(std::string_view text) {
    Reader reader{text};
    const int year = reader.number(4, 0, 9999, "a year of four digits");
    reader.demand("-", "a hyphen after the year");
    const int month = reader.number(2, 1, 12, "a month from 01 to 12");
    reader.demand("-", "a hyphen after the month");
    const int day = reader.number(2, 1, 31, "a day of the month");
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) throw format_error(8, "a day that the month has");
    reader.demand("Tt ", "T between date and time");
    const int hours = reader.number(2, 0, 23, "hours from 00 to 23");
    reader.demand(":", "a colon after the hours");
    const int minutes = reader.number(2, 0, 59, "minutes from 00 to 59");
    reader.demand(":", "a colon after the minutes");
    const int seconds = reader.number(2, 0, 60, "seconds from 00 to 60");
    const int milliseconds = read_milliseconds(reader);
    const std::chrono::minutes offset = read_offset(reader);
    if (!reader.done()) throw format_error(reader.position(), "the end of the time");
    const Instant instant = std::chrono::sys_days{date} + std::chrono::hours{hours} + std::chrono::minutes{minutes} -
                            offset + std::chrono::seconds{seconds} + std::chrono::milliseconds{milliseconds};
    // An offset or a leap second can lead out of the years that four digits can say.
    if (!has_four_digit_year(instant)) throw format_error(0, "a time within the years 0000 to 9999");
    return instant;
}

std::int64_t unix_seconds(Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

Instant SystemClock::now() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace annexa::evidence
