// A ZIP archive in memory, read by libzip within bounds: entries and sizes are looked at before anything is unpacked,
// and what is unpacked is counted against one budget for the whole archive.
#pragma once

#include "cli/sheets/sheet.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace annexa::cli::sheets {

constexpr std::size_t most_entries = 2000;
constexpr std::size_t most_unpacked_bytes = std::size_t{256} << 20;

/// Throws evidence::error for everything that is wrong with it. The bytes must live as long.
class ZipArchive {
  public:
    explicit ZipArchive(std::string_view bytes);
    ~ZipArchive();

    [[nodiscard]] bool has(const std::string& name) const;
    /// The entry's bytes in pieces, an empty one at the end: `next` as read_xml() takes it.
    [[nodiscard]] std::function<std::string_view()> open(const std::string& name);

  private:
    struct Archive;
    std::unique_ptr<Archive> archive_;
};

}  // namespace annexa::cli::sheets
