// Bytes on their way into the JSON library's event reader. For the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace annexa::evidence {

/// Knows how far the reader has come, which the library tells its event handlers not.
class JsonInput {
  public:
    /// Throws format_error for what the library would pass over in silence: a NUL byte, which it takes for the end of
    /// the text, and a byte order mark; and for more than `most_bytes`.
    JsonInput(std::string_view bytes, std::size_t most_bytes);

    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = char;
        using difference_type = std::ptrdiff_t;
        using pointer = const char*;
        using reference = const char&;

        Iterator() = default;
        Iterator(const char* at, const char** reached) : at_{at}, reached_{reached} {}
        reference operator*() const { return *at_; }
        Iterator& operator++() {
            *reached_ = ++at_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

      private:
        const char* at_ = nullptr;
        const char** reached_ = nullptr;
    };

    [[nodiscard]] Iterator begin() { return {bytes_.data(), &reached_}; }
    [[nodiscard]] Iterator end() { return {bytes_.data() + bytes_.size(), &reached_}; }
    /// Bytes that have been read.
    [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(reached_ - bytes_.data()); }

  private:
    std::string_view bytes_;
    const char* reached_;
};

}  // namespace annexa::evidence
