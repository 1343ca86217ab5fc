// A clock that a test holds.
#pragma once

#include "evidence/instant.hpp"

#include <atomic>

namespace annexa::test {

class ManualClock final : public evidence::Clock {
  public:
    explicit ManualClock(std::string_view start = "2026-11-24T09:00:00.000Z") : now_{evidence::parse_instant(start)} {}
    [[nodiscard]] evidence::Instant now() const override { return now_.load(); }
    void set(evidence::Instant instant) { now_ = instant; }
    void advance(std::chrono::milliseconds duration) { now_ = now_.load() + duration; }

  private:
    std::atomic<evidence::Instant> now_;
};

}  // namespace annexa::test
