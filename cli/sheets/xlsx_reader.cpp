#include "cli/sheets/xlsx_reader.hpp"

#include "cli/sheets/number_format.hpp"
#include "cli/sheets/workbook.hpp"
#include "cli/sheets/xml.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace annexa::cli::sheets {
namespace {

constexpr std::uint32_t most_row_number = 1048576;
constexpr std::size_t most_merged = 10000;

struct Place {
    std::size_t column = 0;
    std::uint32_t row = 0;
};

/// "E5", also "$E$5". Nothing where it is none, or beyond what a program can show.
std::optional<Place> parse_place(std::string_view text) {
    Place place;
    std::size_t at = text.starts_with('$') ? 1 : 0;
    std::size_t column = 0;
    for (; at < text.size() && text[at] >= 'A' && text[at] <= 'Z' && column < 100000; ++at)
        column = column * 26 + static_cast<std::size_t>(text[at] - 'A' + 1);
    if (at < text.size() && text[at] == '$') ++at;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), place.row);
    if (column == 0 || error != std::errc{} || end != text.data() + text.size() || place.row == 0 ||
        place.row > most_row_number)
        return std::nullopt;
    place.column = column - 1;
    return place;
}

struct Merged {
    Place first, last;
    std::string name;
};

/// Reads one worksheet.
class SheetHandler final : public XmlHandler {
  public:
    SheetHandler(const Workbook& book, Sheet& sheet) : book_{book}, sheet_{sheet} {}

    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "row") {
            start_row(attributes);
        } else if (element == "c") {
            start_cell(attributes);
        } else if (element == "f" && in_cell_) {
            formula_ = true;
        } else if (element == "rPh") {
            in_phonetic_ = true;
        } else if ((element == "v" || element == "t") && in_cell_) {
            in_value_ = true;
        } else if (element == "mergeCell") {
            add_merged(attributes["ref"]);
        }
    }

    void end(std::string_view element) override {
        if (element == "rPh") in_phonetic_ = false;
        if (element == "v" || element == "t") in_value_ = false;
        if (element == "c") end_cell();
        if (element == "row") end_row();
        if (element == "worksheet") mark_merged();
    }

    void text(std::string_view part) override {
        if (!in_value_ || in_phonetic_) return;
        if (value_.size() + part.size() > most_cell_bytes)
            throw evidence::error("holds a cell of more than 128 KiB in row " + std::to_string(row_.number));
        value_ += part;
    }

  private:
    void start_row(const XmlAttributes& attributes) {
        std::uint32_t number = last_row_ + 1;
        if (const std::string_view given = attributes["r"]; !given.empty()) {
            const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
            if (error != std::errc{} || end != given.data() + given.size() || number <= last_row_ ||
                number > most_row_number)
                throw evidence::error("has its rows out of order at " + excerpt(given));
        }
        last_row_ = number;
        row_ = Row{.number = number};
        next_column_ = 0;
    }

    void start_cell(const XmlAttributes& attributes) {
        column_ = next_column_;
        if (const std::string_view given = attributes["r"]; !given.empty()) {
            const std::optional<Place> place = parse_place(given);
            if (!place || place->row != row_.number || place->column < next_column_)
                throw evidence::error("has a cell " + excerpt(given) + " where it cannot be");
            column_ = place->column;
        }
        next_column_ = column_ + 1;
        kind_ = attributes["t"];
        style_ = 0;
        const std::string_view style = attributes["s"];
        std::from_chars(style.data(), style.data() + style.size(), style_);
        value_.clear();
        formula_ = false;
        in_cell_ = true;
    }

    void end_cell() {
        in_cell_ = false;
        Cell cell = formula_ ? Cell{.problem =
                                        "holds a formula; expected a value: copy the cells and paste them as "
                                        "values"}
                             : cell_of_value();
        if (cell.blank()) return;
        if (column_ >= most_columns)
            throw evidence::error("has something in " + cell_name(column_, row_.number) +
                                  "; expected at most 256 columns: delete those that are not needed");
        budget_.add_text(cell.text.size(), column_, row_.number);
        widen(row_, column_ + 1);
        row_.cells[column_] = std::move(cell);
    }

    void end_row() {
        if (row_.cells.empty()) return;
        budget_.add_row();
        width_ = std::max(width_, row_.cells.size());
        sheet_.rows.push_back(std::move(row_));
        row_ = Row{};
    }

    void widen(Row& row, std::size_t width) {
        if (row.cells.size() >= width) return;
        budget_.add_cells(width - row.cells.size());
        row.cells.resize(width);
    }

    [[nodiscard]] Cell cell_of_value() const {
        if (kind_ == "s") {
            std::size_t index = 0;
            const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), index);
            if (value_.empty()) return {};
            if (error != std::errc{} || index >= book_.strings.size())
                return {.problem = "refers to a text that the file does not have; save it anew"};
            return text_cell(book_.strings[index]);
        }
        if (kind_ == "inlineStr" || kind_ == "str") return text_cell(unescaped(value_));
        if (value_.empty()) return {};
        if (kind_ == "b") return {.type = CellType::boolean, .text = value_ == "1" ? "true" : "false"};
        if (kind_ == "e") return {.problem = "holds the error " + excerpt(value_) + "; expected a value"};
        if (kind_ == "d") return iso_date();
        return number_cell();
    }

    static Cell text_cell(std::string text) {
        if (text.empty()) return {};
        return {.type = CellType::text, .text = std::move(text)};
    }

    [[nodiscard]] Cell iso_date() const {
        std::string text = value_.substr(0, value_.find('.'));
        if (text.ends_with("T00:00:00")) text.resize(text.size() - 9);
        return {.type = CellType::date, .text = std::move(text)};
    }

    [[nodiscard]] Cell number_cell() const {
        double number = 0;
        const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), number);
        if (error != std::errc{} || end != value_.data() + value_.size() || !std::isfinite(number))
            return {.problem = "holds a number that is none: " + excerpt(value_)};
        if (style_ < book_.styles_with_dates.size() && book_.styles_with_dates[style_]) {
            if (auto date = date_text(number, book_.since_1904))
                return {.type = CellType::date, .text = std::move(*date)};
            return {.problem = "is formatted as a date and holds the number " + excerpt(value_) +
                               ", which is none; expected YYYY-MM-DD"};
        }
        return {.type = CellType::number, .text = evidence::ecmascript_number(number)};
    }

    void add_merged(std::string_view range) {
        if (merged_.size() == most_merged) throw evidence::error("has more than 10,000 merged cells; unmerge them");
        const std::size_t cut = range.find(':');
        const auto first = parse_place(range.substr(0, cut));
        const auto last = cut == std::string_view::npos ? first : parse_place(range.substr(cut + 1));
        if (!first || !last) throw evidence::error("has merged cells " + excerpt(range));
        merged_.push_back({*first, *last, std::string{range}});
    }

    /// They stand after the rows. Those that a row does not have at all are marked too: there a value is missing.
    void mark_merged() {
        std::size_t marked = 0;
        for (const Merged& merged : merged_) {
            auto row = std::lower_bound(sheet_.rows.begin(), sheet_.rows.end(), merged.first.row,
                                        [](const Row& each, std::uint32_t number) { return each.number < number; });
            for (; row != sheet_.rows.end() && row->number <= merged.last.row; ++row) {
                const std::size_t end = std::min(merged.last.column + 1, width_);
                widen(*row, end);
                for (std::size_t column = merged.first.column; column < end; ++column) {
                    if (++marked > most_cells) throw evidence::error("has too many merged cells; unmerge them");
                    row->cells[column] = {.problem = "is part of the merged cells " + merged.name +
                                                     "; expected one value a cell: unmerge them, and repeat the value"};
                }
            }
        }
    }

    const Workbook& book_;
    Sheet& sheet_;
    Budget budget_;
    Row row_;
    std::uint32_t last_row_ = 0;
    std::size_t column_ = 0, next_column_ = 0, width_ = 0, style_ = 0;
    std::string kind_, value_;
    bool in_cell_ = false, in_value_ = false, in_phonetic_ = false, formula_ = false;
    std::vector<Merged> merged_;
};

const WorkbookSheet& chosen_sheet(const Workbook& book, std::string_view name) {
    std::string names;
    for (const WorkbookSheet& sheet : book.sheets) {
        if (name.empty() ? !sheet.hidden : sheet.name == name) return sheet;
        names += (names.empty() ? "\"" : ", \"") + sheet.name + "\"";
    }
    throw evidence::error(
        (name.empty() ? std::string{"has hidden sheets alone"} : "has no sheet \"" + std::string{name} + "\"") +
        "; there are " + excerpt(names, 500) + ": name one with --sheet");
}

}  // namespace

Sheet read_xlsx(std::string_view bytes, std::string_view sheet_name) {
    ZipArchive archive{bytes};
    const Workbook book = read_workbook(archive);
    const WorkbookSheet& chosen = chosen_sheet(book, sheet_name);
    Sheet sheet{chosen.name, {}};
    SheetHandler handler{book, sheet};
    read_xml(chosen.part, archive.open(chosen.part), handler);
    return sheet;
}

}  // namespace annexa::cli::sheets
