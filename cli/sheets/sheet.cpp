#include "cli/sheets/sheet.hpp"

#include "evidence/errors.hpp"

#include <algorithm>

namespace annexa::cli::sheets {

std::string column_name(std::size_t column) {
    std::string name;
    for (std::size_t rest = column + 1; rest != 0; rest = (rest - 1) / 26)
        name.push_back(static_cast<char>('A' + (rest - 1) % 26));
    std::reverse(name.begin(), name.end());
    return name;
}

std::string cell_name(std::size_t column, std::uint32_t row) { return column_name(column) + std::to_string(row); }

std::string excerpt(std::string_view text, std::size_t most_bytes) {
    if (text.size() <= most_bytes) return std::string{text};
    std::size_t end = most_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string{text.substr(0, end)} + "…";
}

void Budget::add_row() {
    if (++rows_ > most_rows) throw evidence::error("has more than 100,000 rows; split it into several files");
}

void Budget::add_cells(std::size_t count) {
    cells_ += count;
    if (cells_ > most_cells)
        throw evidence::error("has more than 2,000,000 cells; delete columns that are not needed, or split it");
}

void Budget::add_text(std::size_t bytes, std::size_t column, std::uint32_t row) {
    if (bytes > most_cell_bytes)
        throw evidence::error(cell_name(column, row) + " holds more than 128 KiB; shorten it, or attach it as a file");
    bytes_ += bytes;
    if (bytes_ > most_text_bytes) throw evidence::error("holds more than 64 MiB of text; split it into several files");
}

}  // namespace annexa::cli::sheets
