// What fuzz targets share: bytes as text, and a promise that ends the run where it is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace annexa::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline void promise(bool holds) {
    if (!holds) std::abort();
}

}  // namespace annexa::fuzz
