#include "cli/sheets/csv.hpp"

#include "evidence/errors.hpp"
#include "evidence/utf8.hpp"
#include "terminal/output.hpp"

#include <algorithm>
#include <array>

namespace annexa::cli::sheets {
namespace {

bool is_plain_number(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return false;
    text.remove_prefix(digits);
    if (text.empty()) return true;
    return text.front() == '.' && text.size() > 1 && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// Apostrophes, none or more, and then what begins a formula.
bool may_run(std::string_view text) {
    const std::size_t first = text.find_first_not_of('\'');
    return first != std::string_view::npos && std::string_view{"=+-@\t\r"}.find(text[first]) != std::string_view::npos;
}

/// Refuses what is not UTF-8, saying what it looks like; takes the byte order mark off.
std::string_view utf8_of(std::string_view bytes) {
    const std::string how = "; save it as UTF-8 (in Excel: \"CSV UTF-8\")";
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) throw evidence::error("is UTF-16" + how);
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    std::size_t line = 1;
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::uint32_t point = evidence::take_code_point(rest);
        if (point == 0)
            throw evidence::error("line " + std::to_string(line) + " holds a NUL byte, as UTF-16 does" + how);
        if (point == evidence::not_utf8)
            throw evidence::error("line " + std::to_string(line) + " is not UTF-8: perhaps Latin-1 or Windows-1252" +
                                  how);
        if (point == '\n') ++line;
    }
    return bytes;
}

/// Whichever stands most often in the first record, outside of quotation marks.
char separator_of(std::string_view text) {
    constexpr std::array separators = {',', ';', '\t'};
    std::array<std::size_t, separators.size()> counts{};
    bool quoted = false;
    for (const char each : text.substr(std::min(text.find_first_not_of("\r\n"), text.size()))) {
        if (each == '"') quoted = !quoted;
        if (!quoted && (each == '\n' || each == '\r')) break;
        for (std::size_t i = 0; i < separators.size(); ++i)
            if (!quoted && each == separators[i]) ++counts[i];
    }
    return separators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin())];
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_{text}, separator_{separator_of(text)} {}

    Sheet read() {
        Sheet sheet;
        std::size_t width = 0;
        while (!done()) {
            Row row = record();
            const auto filled =
                std::count_if(row.cells.begin(), row.cells.end(), [](const Cell& cell) { return !cell.blank(); });
            if (filled == 0) continue;
            budget_.add_row();
            budget_.add_cells(row.cells.size());
            if (width != 0 && row.cells.size() != width)
                row.problem = "has " + std::to_string(row.cells.size()) + " cells, the header has " +
                              std::to_string(width) +
                              "; expected as many, each with a separator even where it is empty";
            // A line of one cell above the header is a caption.
            if (width == 0 && (filled > 1 || row.cells.size() == 1)) width = row.cells.size();
            sheet.rows.push_back(std::move(row));
        }
        return sheet;
    }

  private:
    [[nodiscard]] bool done() const { return at_ == text_.size(); }
    [[nodiscard]] bool at_line_end() const { return done() || text_[at_] == '\n' || text_[at_] == '\r'; }

    Row record() {
        Row row{.number = ++number_};
        for (;;) {
            if (row.cells.size() == most_columns)
                throw evidence::error("row " + std::to_string(number_) + " has more than 256 cells");
            row.cells.push_back(cell(row.cells.size()));
            if (done()) return row;
            const char end = text_[at_++];
            if (end == separator_) continue;
            if (end == '\r' && !done() && text_[at_] == '\n') ++at_;
            return row;
        }
    }

    Cell cell(std::size_t column) {
        Cell cell;
        std::string raw = !done() && text_[at_] == '"' ? quoted(cell) : bare(cell);
        budget_.add_text(raw.size(), column, number_);
        cell.text = restored(raw);
        if (!cell.text.empty()) cell.type = CellType::text;
        if (!cell.problem.empty()) cell.text.clear();
        return cell;
    }

    std::string bare(Cell& cell) {
        const std::size_t from = at_;
        while (!at_line_end() && text_[at_] != separator_) ++at_;
        std::string raw{text_.substr(from, at_ - from)};
        if (raw.find('"') != std::string::npos)
            cell.problem =
                "holds a quotation mark and does not begin with one; expected \"…\" around the whole cell, "
                "and each quotation mark in it doubled";
        return raw;
    }

    std::string quoted(Cell& cell) {
        std::string raw;
        for (++at_;;) {
            const std::size_t end = text_.find('"', at_);
            if (end == std::string_view::npos)
                throw evidence::error("row " + std::to_string(number_) +
                                      " begins a cell with a quotation mark, and none ends it");
            raw += text_.substr(at_, end - at_);
            at_ = end + 1;
            if (done() || text_[at_] != '"') break;
            raw += '"';
            ++at_;
        }
        if (at_line_end() || text_[at_] == separator_) return raw;
        while (!at_line_end() && text_[at_] != separator_) ++at_;
        cell.problem = "goes on after its closing quotation mark; expected each quotation mark in it doubled";
        return raw;
    }

    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    std::uint32_t number_ = 0;
    Budget budget_;
};

}  // namespace

std::string defused(std::string_view text) {
    return (may_run(text) && !is_plain_number(text) ? "'" : "") + std::string{text};
}

std::string restored(std::string_view cell) {
    if (cell.starts_with('\'') && may_run(cell)) cell.remove_prefix(1);
    return std::string{cell};
}

void write_csv(std::ostream& out, const Book& book) {
    evidence::Table table;
    for (const Column& column : book.columns) table.columns.push_back({column.name, evidence::Type::text});
    for (const std::vector<std::string>& row : book.rows) {
        evidence::Row cells;
        for (const std::string& text : row) cells.emplace_back(defused(text));
        table.rows.push_back(std::move(cells));
    }
    terminal::print_csv(out, table);
}

Sheet read_csv(std::string_view bytes) { return Reader{utf8_of(bytes)}.read(); }

}  // namespace annexa::cli::sheets
