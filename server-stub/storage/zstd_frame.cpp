#include "server-stub/storage/zstd_frame.hpp"

#include "evidence/errors.hpp"

#include <zstd.h>
#include <bit>
#include <memory>

namespace annexa::store {
namespace {

using evidence::coded_error;

struct FreeDecoder {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
struct FreeEncoder {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

void demand_plain_frame(std::string_view frame, const FrameLimits& limits) {
    constexpr std::string_view magic{"\x28\xb5\x2f\xfd", 4};  // not a skippable frame, not a frame of an older zstd
    if (frame.size() < magic.size()) throw coded_error("truncated", "the zstd frame ends early");
    if (!frame.starts_with(magic)) throw coded_error("table_refused", "the body is not a zstd frame");
    if (ZSTD_getDictID_fromFrame(frame.data(), frame.size()) != 0)
        throw coded_error("table_refused", "the zstd frame needs a dictionary");
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR && size > limits.output_bytes)
        throw coded_error("too_large", "the table has " + std::to_string(size) + " bytes, at most " +
                                           std::to_string(limits.output_bytes) + " are taken");
}

}  // namespace

DecodedFrame decode_frame(std::string_view frame, const FrameLimits& limits) {
    demand_plain_frame(frame, limits);
    const std::unique_ptr<ZSTD_DCtx, FreeDecoder> context{ZSTD_createDCtx()};
    if (!context) throw evidence::error("no memory for zstd");
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax,
                           static_cast<int>(std::bit_width(limits.window_bytes)) - 1);

    DecodedFrame decoded;
    evidence::Hasher hasher;
    std::string piece(ZSTD_DStreamOutSize(), '\0');
    ZSTD_inBuffer in{frame.data(), frame.size(), 0};
    for (;;) {
        ZSTD_outBuffer out{piece.data(), piece.size(), 0};
        const std::size_t before = in.pos;
        const std::size_t left = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(left) != 0)
            throw coded_error("table_refused",
                              std::string{"the zstd frame cannot be decoded: "} + ZSTD_getErrorName(left));
        if (decoded.bytes.size() + out.pos > limits.output_bytes)
            throw coded_error("too_large", "the table has more than " + std::to_string(limits.output_bytes) + " bytes");
        decoded.bytes.append(piece.data(), out.pos);
        hasher.add({piece.data(), out.pos});
        if (left == 0) break;
        if (in.pos == in.size && in.pos == before && out.pos == 0)
            throw coded_error("truncated", "the zstd frame ends early");
    }
    if (in.pos != in.size) throw coded_error("table_refused", "bytes follow the zstd frame");
    decoded.digest = hasher.finish();
    return decoded;
}

std::string compress(std::string_view bytes) {
    const std::unique_ptr<ZSTD_CCtx, FreeEncoder> context{ZSTD_createCCtx()};
    if (!context) throw evidence::error("no memory for zstd");
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size = ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) != 0) throw evidence::error(std::string{"zstd: "} + ZSTD_getErrorName(size));
    frame.resize(size);
    return frame;
}

}  // namespace annexa::store
