// CSV as people's programs save it. What was read is the same once it was written and read again.
#include "cli/sheets/csv.hpp"
#include "evidence/errors.hpp"
#include "fuzz/fuzz.hpp"

#include <sstream>

using namespace annexa;
using namespace annexa::cli::sheets;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Sheet sheet;
    try {
        sheet = read_csv(fuzz::text_of(data, size));
    } catch (const evidence::error&) {  // refused, with a reason
        return 0;
    }
    for (const Row& row : sheet.rows) {
        Book book{.title = "t", .columns = {{.name = "a", .title = "A"}, {.name = "b", .title = "B"}}, .rows = {}};
        for (const Cell& cell : row.cells)
            if (cell.problem.empty()) book.rows.push_back({"x", cell.text});
        std::ostringstream out;
        write_csv(out, book);
        const Sheet again = read_csv(out.str());
        fuzz::promise(again.rows.size() == book.rows.size() + 1);
        for (std::size_t i = 0; i < book.rows.size(); ++i)
            fuzz::promise(again.rows[i + 1].cells[1].text == book.rows[i][1]);
    }
    return 0;
}
