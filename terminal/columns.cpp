#include "terminal/columns.hpp"

#include <algorithm>

namespace annexa::terminal {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right, const Paint& paint, Colour colour) {
    const std::string blanks(width - std::min(width, display_width(text)), ' ');
    return right ? blanks + paint(colour, text) : paint(colour, text) + blanks;
}

}  // namespace

void Columns::add(std::vector<std::string> row, std::vector<Colour> colour, std::vector<bool> right) {
    colour.resize(row.size(), Colour::none);
    right.resize(row.size(), false);
    for (std::string& cell : row) cell = printable(cell);
    rows.push_back(std::move(row));
    colours.push_back(std::move(colour));
    to_the_right.push_back(std::move(right));
}

std::string Columns::text(const Paint& paint) const {
    std::vector<std::size_t> widths;
    for (const std::string& head : heads) widths.push_back(display_width(head));
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells, const std::vector<Colour>& colour, const std::vector<bool>& right) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool last = i + 1 == cells.size();
            out += padded(cells[i], last && !right[i] ? 0 : widths[i], right[i], paint, colour[i]) + (last ? "\n" : "  ");
        }
    };
    // a head stands over its column's first cell
    line(heads, std::vector<Colour>(heads.size(), Colour::bold), rows.empty() ? std::vector<bool>(heads.size()) : to_the_right.front());
    for (std::size_t i = 0; i < rows.size(); ++i) line(rows[i], colours[i], to_the_right[i]);
    return out;
}

}  // namespace annexa::terminal
