// Texts in aligned columns: the one printer of tables for people.
#pragma once

#include "terminal/output.hpp"

#include <string>
#include <vector>

namespace annexa::terminal {

/// Columns two blanks apart, the head in bold, one line a row; a last column on the left is not padded. Every cell is shown as
/// printable() makes it. Colours are of whole cells.
struct Columns {
    std::vector<std::string> heads;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::vector<Colour>> colours;
    std::vector<std::vector<bool>> to_the_right;  // numbers

    /// As many cells as there are heads; colours and sides may be left out.
    void add(std::vector<std::string> row, std::vector<Colour> colour = {}, std::vector<bool> right = {});
    [[nodiscard]] std::string text(const Paint& paint = Paint{false}) const;
};

}  // namespace annexa::terminal
