// How much of what a host may send.
#pragma once

#include <cstddef>
#include <cstdint>

namespace annexa::store {

struct IngestLimits {
    double statements_per_hour = 10;
    double statements_burst = 100;
    std::uint64_t table_bytes_per_day = std::uint64_t{64} << 20;
    std::uint64_t unnamed_table_bytes = std::uint64_t{64} << 20;  // uploaded and not yet named by a statement
    std::size_t table_bytes = std::size_t{16} << 20;              // one table, canonical
    std::size_t zstd_window_bytes = std::size_t{8} << 20;
};

}  // namespace annexa::store
