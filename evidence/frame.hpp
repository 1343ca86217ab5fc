// Frames on a local stream socket: a length of four bytes, big-endian, then so many bytes. Pure functions over buffers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::evidence {

/// Throws error where the bytes are more than a length of 32 bits can say.
std::string encode_frame(std::string_view bytes);

/// Cuts a stream into frames. Holds at most one frame more than was added at once. Not thread-safe.
class FrameDecoder {
  public:
    explicit FrameDecoder(std::size_t most_bytes) : most_bytes_{most_bytes} {}

    void add(std::string_view bytes) { buffer_ += bytes; }

    /// The next whole frame; nothing where more bytes are needed. Throws format_error, at the first byte of the length,
    /// as soon as a length is larger than most_bytes: before that many are waited for. Then the stream is of no more
    /// use.
    std::optional<std::string> next();

    /// True where bytes of a frame that is not whole are held: the stream may not end here.
    [[nodiscard]] bool within_frame() const { return buffer_.size() > begin_; }

  private:
    std::size_t most_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;     // of the next frame in the buffer
    std::size_t position_ = 0;  // of the same byte in the whole stream
};

}  // namespace annexa::evidence
