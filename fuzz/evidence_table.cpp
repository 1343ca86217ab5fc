// A table that is read is exactly its canonical bytes, and both readers agree.
#include "evidence/errors.hpp"
#include "evidence/table.hpp"
#include "fuzz/fuzz.hpp"

using namespace annexa::evidence;
using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    const TableLimits limits{.bytes = 1 << 16, .columns = 8, .cell_bytes = 64};
    std::uint64_t rows = 0;
    bool accepted = false;
    try {
        const SaltedTable read = parse_table("t", bytes, limits);
        accepted = true;
        rows = read.table.rows.size();
        promise(canonical(read.table, read.salt, limits) == bytes);
    } catch (const format_error&) {
    }
    try {
        const TableShape shape = check_table(bytes, limits);
        promise(accepted && shape.rows == rows);
    } catch (const format_error&) {
        promise(!accepted);
    }
    return 0;
}
