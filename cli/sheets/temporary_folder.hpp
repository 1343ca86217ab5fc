// A folder of our own for as long as it lives, readable by nobody else.
#pragma once

#include <filesystem>

namespace annexa::cli::sheets {

class TemporaryFolder {
  public:
    /// Throws evidence::error where none can be made.
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace annexa::cli::sheets
