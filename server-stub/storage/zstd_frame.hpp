// zstd (RFC 8878) as this store takes and writes it: exactly one frame, no dictionary, a bounded window, a bounded
// output, its digest computed while it is decoded.
#pragma once

#include "evidence/digest.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace annexa::store {

struct FrameLimits {
    std::size_t output_bytes = std::size_t{16} << 20;
    std::size_t window_bytes = std::size_t{8} << 20;  // a power of two
};

struct DecodedFrame {
    std::string bytes;
    evidence::Digest digest;
};

/// Stops at the limit, whatever the frame promises. Throws coded_error: `too_large` (output), `truncated` (the frame
/// does not end), `table_refused` (no zstd frame, damaged, a dictionary, a larger window, more than one frame).
DecodedFrame decode_frame(std::string_view frame, const FrameLimits& limits);

/// One frame with a checksum. Throws error.
std::string compress(std::string_view bytes);

}  // namespace annexa::store
