#include "evidence/frame.hpp"

#include "evidence/errors.hpp"

#include <cstdint>

namespace annexa::evidence {
namespace {

constexpr std::size_t length_bytes = 4;

}  // namespace

std::string encode_frame(std::string_view bytes) {
    if (bytes.size() > UINT32_MAX) throw error("a frame of more than 4294967295 bytes");
    std::string out;
    out.reserve(length_bytes + bytes.size());
    for (unsigned shift = 32; shift != 0; shift -= 8)
        out.push_back(static_cast<char>((bytes.size() >> (shift - 8)) & 0xFFU));
    return out.append(bytes);
}

std::optional<std::string> FrameDecoder::next() {
    if (buffer_.size() - begin_ < length_bytes) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        length = length << 8U | static_cast<unsigned char>(buffer_[begin_ + i]);
    if (length > most_bytes_)
        throw format_error(
            position_, "a frame of at most " + std::to_string(most_bytes_) + " bytes, not " + std::to_string(length));
    if (buffer_.size() - begin_ - length_bytes < length) return std::nullopt;
    std::string frame = buffer_.substr(begin_ + length_bytes, length);
    begin_ += length_bytes + length;
    position_ += length_bytes + length;
    // Moved to the front when half of it is spent, so that many small frames cost no more than their bytes.
    if (begin_ * 2 >= buffer_.size()) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
    return frame;
}

}  // namespace annexa::evidence
