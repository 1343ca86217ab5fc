// Programs that a test asks for the truth, and a folder that goes when the test goes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace annexa::tests {

struct ProgramResult {
    int exit_status = -1;
    std::string output, errors;
};

/// Runs a program to its end, without a shell, with an empty environment but for LC_ALL=C and PATH.
ProgramResult run(const std::vector<std::string>& command);

/// ANNEXA_TEST_SEED, or a new one.
std::uint64_t seed();

class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace annexa::tests
