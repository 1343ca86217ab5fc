// Random choices of a test that makes its input up. The seed is printed; ANNEXA_TEST_SEED repeats a run.
#pragma once

#include "support/process.hpp"

#include <cstdint>
#include <iostream>
#include <random>
#include <string>

namespace annexa::tests {

class Chance {
  public:
    explicit Chance(const char* what) : seed{tests::seed()}, random_{seed} {
        std::cout << what << ": ANNEXA_TEST_SEED=" << seed << "\n";
    }
    std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }
    bool of(std::size_t percent) { return below(100) < percent; }
    template <std::size_t N>
    std::string pick(const char* const (&choices)[N]) {
        return choices[below(N)];
    }
    const std::uint64_t seed;

  private:
    std::mt19937_64 random_;
};

}  // namespace annexa::tests
