#include "cli/isms/output_format.hpp"

#include "cli/isms/input_file.hpp"
#include "cli/sheets/csv.hpp"
#include "cli/sheets/file.hpp"
#include "cli/sheets/pdf.hpp"
#include "cli/sheets/xlsx_writer.hpp"
#include "evidence/errors.hpp"

#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <sstream>

namespace annexa::cli {
namespace {

void demand_file(const OutputOptions& options) {
    if (options.out.empty() && ::isatty(STDOUT_FILENO) == 1)
        throw evidence::error("a terminal shows no " + options.format + "; give --out FILE");
}

}  // namespace

void add_output(Command& command, OutputOptions& options, std::span<const std::string_view> formats) {
    std::string words;
    for (const std::string_view format : formats) words += (words.empty() ? "" : "|") + std::string{format};
    options.format = formats.front();
    std::vector<std::string> known{formats.begin(), formats.end()};
    command.option("--format", options.format, "How to print it")
        .shown_as(words.c_str())
        .check([known = std::move(known), words](const std::string& text) {
            return std::find(known.begin(), known.end(), text) != known.end() ? std::string{}
                                                                              : "expected " + words + ", found " + text;
        });
    command.option("--out", options.out, "Write it to this file; standard output without it").shown_as("FILE");
}

void put_text(const OutputOptions& options, const Terminal& terminal, std::string_view text) {
    if (options.out.empty())
        terminal.out << text;
    else
        write_output(options.out, std::string{text});
}

void put_book(const OutputOptions& options, const Terminal& terminal, const sheets::Book& book) {
    if (options.format == "csv") {
        std::ostringstream text;
        sheets::write_csv(text, book);
        return put_text(options, terminal, text.str());
    }
    demand_file(options);
    sheets::write_whole(options.out, terminal.out,
                        [&](const std::filesystem::path& path) { sheets::write_xlsx(book, path); });
}

void put_pdf(const OutputOptions& options, const Terminal& terminal, std::string_view html) {
    demand_file(options);
    sheets::write_whole(options.out, terminal.out,
                        [&](const std::filesystem::path& path) { sheets::write_pdf(html, path); });
}

}  // namespace annexa::cli
