// Programs that a test asks for the truth.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace annexa::tests {

struct ProgramResult {
    int exit_status = -1;
    std::string output, errors;
};

/// Runs a program to its end, without a shell, with an empty environment but for LC_ALL=C and PATH.
ProgramResult run(const std::vector<std::string>& command);

/// What a line of shell prints, for pipes alone.
std::string shell(const std::string& line);

/// ANNEXA_TEST_SEED, or a new one.
std::uint64_t seed();

}  // namespace annexa::tests
