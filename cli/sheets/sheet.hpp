// Sheets as they are read from files of others, whatever is in them: rows of cells, each a text in one canonical form
// or a reason why it has none. Every limit is of what is read, so that no file costs more memory or time than this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::cli::sheets {

constexpr std::size_t most_file_bytes = std::size_t{32} << 20;
constexpr std::size_t most_rows = 100000;  // with something in them
constexpr std::size_t most_columns = 256;
constexpr std::size_t most_cells = 2000000;
constexpr std::size_t most_cell_bytes = std::size_t{128} << 10;
constexpr std::size_t most_text_bytes = std::size_t{64} << 20;  // of all cells of a sheet

enum class CellType { empty, text, number, boolean, date };

struct Cell {
    CellType type = CellType::empty;
    /// Numbers as ECMAScript prints them, booleans true or false, dates YYYY-MM-DD, followed by THH:MM:SS where they
    /// have a time of day.
    std::string text = {};
    /// Why it has no value, and what was expected: "holds a formula; expected …". Empty: it has one, or is empty.
    std::string problem = {};

    [[nodiscard]] bool blank() const { return text.empty() && problem.empty(); }
};

struct Row {
    std::uint32_t number = 0;  // from 1, as a spreadsheet program shows it
    std::vector<Cell> cells = {};
    std::string problem = {};  // of the row as a whole
};

/// The rows that have something in them, in their order.
struct Sheet {
    std::string name;  // empty for CSV
    std::vector<Row> rows;
};

/// "A", "B", … "AA": the column's name, counted from 0.
std::string column_name(std::size_t column);
/// "E5".
std::string cell_name(std::size_t column, std::uint32_t row);

/// The beginning of a text for a message: at most so many bytes, no half a character.
std::string excerpt(std::string_view text, std::size_t most_bytes = 40);

/// Counts what a sheet holds, and refuses what is more than the limits. Throws evidence::error.
class Budget {
  public:
    void add_row();
    void add_cells(std::size_t count);
    void add_text(std::size_t bytes, std::size_t column, std::uint32_t row);

  private:
    std::size_t rows_ = 0, cells_ = 0, bytes_ = 0;
};

}  // namespace annexa::cli::sheets
