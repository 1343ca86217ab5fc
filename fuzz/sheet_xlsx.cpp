// Workbooks: a file as it is, or the XML within one, which no checksum stands before.
#include "cli/sheets/xlsx_reader.hpp"
#include "evidence/errors.hpp"
#include "fuzz/fuzz.hpp"
#include "tests/cli/made_workbook.hpp"

using namespace annexa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string bytes{fuzz::text_of(data, size)};
    if (!bytes.starts_with("PK")) {
        const auto take = [&] {
            const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
            const std::string part = bytes.substr(0, cut);
            bytes.erase(0, cut + 1);
            return part;
        };
        test::MadeWorkbook made;
        made.sheet = take();
        made.strings = take();
        made.styles = take();
        bytes = made.bytes();
    }
    try {
        const cli::sheets::Sheet sheet = cli::sheets::read_xlsx(bytes);
        std::uint32_t last = 0;
        for (const cli::sheets::Row& row : sheet.rows) {
            fuzz::promise(row.number > last && row.cells.size() <= cli::sheets::most_columns);
            last = row.number;
        }
    } catch (const evidence::error&) {  // refused, with a reason
    }
    return 0;
}
