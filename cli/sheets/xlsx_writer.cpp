#include "cli/sheets/xlsx_writer.hpp"

#include "cli/sheets/number_format.hpp"
#include "cli/sheets/sheet.hpp"
#include "cli/sheets/workbook.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <xlsxwriter.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <type_traits>

namespace annexa::cli::sheets {
namespace {

constexpr std::size_t most_choice_bytes = 255;  // of a drop-down list
constexpr lxw_row_t rows_for_more = 500;        // beyond the last one, where the lists drop down too
constexpr lxw_color_t head_colour = 0xE8EDF3, read_only_colour = 0x666666;

struct Free {
    void operator()(lxw_workbook* workbook) const { lxw_workbook_free(workbook); }
};

/// What a cell of 16 digits, as the file has them, is read as.
std::optional<double> exact_number(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    char written[32];
    std::snprintf(written, sizeof written, "%.16G", number);
    if (evidence::ecmascript_number(std::strtod(written, nullptr)) != text) return std::nullopt;
    return number;
}

class Writer {
  public:
    explicit Writer(const std::filesystem::path& path) : path_{path.string()}, workbook_{workbook_new(path_.c_str())} {
        if (!workbook_) throw evidence::error(path_ + ": the workbook could not be made");
        text_ = format();
        format_set_num_format(text_, "@");  // what is typed into it stays text: 1.10 does not become 1.1
        read_only_ = format();
        format_set_num_format(read_only_, "@");
        format_set_font_color(read_only_, read_only_colour);
        date_ = format();
        format_set_num_format(date_, "yyyy\\-mm\\-dd");
        number_ = format();
        head_ = format();
        format_set_bold(head_);
        format_set_bg_color(head_, head_colour);
        format_set_bottom(head_, LXW_BORDER_THIN);
    }

    void write_table(const Book& book) {
        lxw_worksheet* sheet = workbook_add_worksheet(workbook_.get(), book.title.substr(0, 31).c_str());
        if (sheet == nullptr) throw evidence::error(path_ + ": a sheet cannot be called \"" + book.title + "\"");
        const auto columns = static_cast<lxw_col_t>(book.columns.size());
        const auto rows = static_cast<lxw_row_t>(book.rows.size());
        for (lxw_col_t column = 0; column < columns; ++column) {
            const Column& shown = book.columns[column];
            worksheet_set_column(sheet, column, column, shown.width, format_of(shown));
            write_text(sheet, 0, column, shown.title, head_);
            drop_down(sheet, column, shown.choices, rows + rows_for_more);
        }
        for (lxw_row_t row = 0; row < rows; ++row)
            for (lxw_col_t column = 0; column < columns; ++column)
                write_cell(sheet, row + 1, column, book.columns[column], book.rows[row].at(column));
        worksheet_freeze_panes(sheet, 1, 1);
        if (columns != 0) worksheet_autofilter(sheet, 0, 0, rows, static_cast<lxw_col_t>(columns - 1));
        worksheet_set_landscape(sheet);
        worksheet_set_paper(sheet, 9);  // A4
        worksheet_fit_to_pages(sheet, 1, 0);
        worksheet_repeat_rows(sheet, 0, 0);
    }

    void write_about(const Book& book) {
        if (book.about.empty()) return;
        lxw_worksheet* sheet = workbook_add_worksheet(workbook_.get(), "About");
        worksheet_set_column(sheet, 0, 0, 28, nullptr);
        worksheet_set_column(sheet, 1, 1, 90, nullptr);
        lxw_row_t row = 0;
        for (const auto& [name, value] : book.about) {
            write_text(sheet, row, 0, name, head_);
            write_text(sheet, row++, 1, value, text_);
        }
    }

    void close() {
        // Frees the workbook whether it could be written or not.
        const lxw_error error = workbook_close(workbook_.release());
        if (error != LXW_NO_ERROR) throw evidence::error(path_ + ": cannot be written: " + lxw_strerror(error));
    }

  private:
    lxw_format* format() {
        lxw_format* made = workbook_add_format(workbook_.get());
        format_set_text_wrap(made);
        format_set_align(made, LXW_ALIGN_VERTICAL_TOP);
        return made;
    }

    lxw_format* format_of(const Column& column) {
        if (column.read_only) return read_only_;
        return column.type == ColumnType::date ? date_ : column.type == ColumnType::number ? number_ : text_;
    }

    void write_cell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const Column& shown,
                    const std::string& text) {
        if (text.empty()) return;
        std::optional<double> number;
        if (shown.type == ColumnType::date) number = date_serial(text);
        if (shown.type == ColumnType::number) number = exact_number(text);
        if (!number) return write_text(sheet, row, column, text, shown.read_only ? read_only_ : text_);
        check(worksheet_write_number(sheet, row, column, *number, shown.type == ColumnType::date ? date_ : number_),
              row, column);
    }

    void write_text(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const std::string& text,
                    lxw_format* format) {
        check(worksheet_write_string(sheet, row, column, escaped_for_workbook(text).c_str(), format), row, column);
    }

    void check(lxw_error error, lxw_row_t row, lxw_col_t column) const {
        if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
            throw evidence::error("the text for the cell " + cell_name(column, row + 1) +
                                  " is longer than the 32,767 characters that a cell holds; write it as CSV");
        if (error != LXW_NO_ERROR)
            throw evidence::error(path_ + ": " + cell_name(column, row + 1) + ": " + lxw_strerror(error));
    }

    static void drop_down(lxw_worksheet* sheet, lxw_col_t column, const std::vector<std::string>& choices,
                          lxw_row_t last) {
        std::size_t bytes = 0;
        for (const std::string& choice : choices) bytes += choice.size() + 1;
        if (choices.empty() || bytes > most_choice_bytes) return;
        lxw_data_validation validation{};
        // Pointers to const only since libxlsxwriter 1.1.5.
        std::vector<std::string> words = choices;
        std::vector<std::remove_pointer_t<decltype(validation.value_list)>> list;
        list.reserve(words.size() + 1);
        for (std::string& word : words) list.push_back(word.data());
        list.push_back(nullptr);
        validation.validate = LXW_VALIDATION_TYPE_LIST;
        validation.value_list = list.data();
        worksheet_data_validation_range(sheet, 1, column, last, column, &validation);
    }

    std::string path_;
    std::unique_ptr<lxw_workbook, Free> workbook_;
    lxw_format *text_ = nullptr, *read_only_ = nullptr, *date_ = nullptr, *number_ = nullptr, *head_ = nullptr;
};

}  // namespace

void write_xlsx(const Book& book, const std::filesystem::path& path) {
    Writer writer{path};
    writer.write_table(book);
    writer.write_about(book);
    writer.close();
}

}  // namespace annexa::cli::sheets
