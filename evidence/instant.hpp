// Points in time, UTC, in milliseconds; the only clock of the project is behind Clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace annexa::evidence {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-11-24T09:30:00.000Z": RFC 3339, UTC, always three decimals. Throws error outside the years 0000 to 9999.
std::string to_string(Instant instant);

/// Reads RFC 3339 with any offset and up to nine decimals (what is finer than a millisecond is cut off).
/// Throws format_error where the text is anything else.
Instant parse_instant(std::string_view text);

/// Whole seconds since 1970, rounded down.
std::int64_t unix_seconds(Instant instant);

/// The wall clock, passed in wherever time matters so that tests can hold it.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

/// The machine's own clock.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override;
};

}  // namespace annexa::evidence
