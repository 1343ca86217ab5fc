// Generated input for property tests. A test prints the seed; ANNEXA_TEST_SEED=N repeats it.
#pragma once

#include "evidence/digest.hpp"
#include "evidence/instant.hpp"
#include "evidence/table.hpp"

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace annexa::evidence::test {

inline std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* fixed = std::getenv("ANNEXA_TEST_SEED");
        return fixed != nullptr ? std::strtoull(fixed, nullptr, 10) : std::uint64_t{std::random_device{}()};
    }();
    return value;
}

class Random {
  public:
    explicit Random(std::uint64_t stream = 0) : engine_{seed() + stream * 1'000'003} {}

    std::uint64_t bits() { return engine_(); }
    /// From 0 to most, both included.
    std::uint64_t up_to(std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>{0, most}(engine_); }
    bool chance(unsigned one_in) { return up_to(one_in - 1) == 0; }
    std::string bytes(std::size_t count) {
        std::string text(count, '\0');
        for (char& c : text) c = static_cast<char>(up_to(255));
        return text;
    }
    Digest digest() { return Digest::from_bytes(bytes(32)); }
    std::string identifier() {
        std::string text = "c";
        for (std::uint64_t i = up_to(12); i > 0; --i) text.push_back("abcxyz019_"[up_to(9)]);
        return text;
    }
    /// Unicode from everywhere: ASCII, controls, the basic plane, beyond it. Plain text unless `any`.
    std::string text(std::size_t most_points);
    Instant instant() {
        return Instant{std::chrono::milliseconds{static_cast<std::int64_t>(up_to(253'402'300'799'999))}};
    }
    /// Any double but NaN and infinity, the awkward ones more often than chance would have it.
    double number();
    Value value(Type type);
    Table table();

  private:
    std::mt19937_64 engine_;
};

}  // namespace annexa::evidence::test
