// Aligned columns for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace annexa::store {

class TextTable {
  public:
    explicit TextTable(std::vector<std::string> heads) { rows_.push_back(std::move(heads)); }
    /// As many cells as there are heads. What a terminal would obey (control characters) is shown as '?'.
    void add(std::vector<std::string> cells);
    /// Columns two blanks apart, one line a row; the last column is not padded.
    [[nodiscard]] std::string text() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace annexa::store
