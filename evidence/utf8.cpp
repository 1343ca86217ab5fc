#include "evidence/utf8.hpp"

namespace annexa::evidence {

std::uint32_t take_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(0);
    std::size_t length = 1;
    std::uint32_t point = first;
    std::uint32_t smallest = 0;
    if (first >= 0x80) {
        if (first >= 0xc2 && first <= 0xdf) {
            length = 2, point = first & 0x1f, smallest = 0x80;
        } else if (first >= 0xe0 && first <= 0xef) {
            length = 3, point = first & 0x0f, smallest = 0x800;
        } else if (first >= 0xf0 && first <= 0xf4) {
            length = 4, point = first & 0x07, smallest = 0x10000;
        } else {
            length = 0;
        }
        if (length == 0 || text.size() < length) {
            text.remove_prefix(1);
            return not_utf8;
        }
        for (std::size_t i = 1; i < length; ++i) {
            if ((byte(i) & 0xc0) != 0x80) {
                text.remove_prefix(1);
                return not_utf8;
            }
            point = (point << 6) | (byte(i) & 0x3f);
        }
    }
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < smallest || point > 0x10ffff || surrogate) {
        text.remove_prefix(1);
        return not_utf8;
    }
    text.remove_prefix(length);
    return point;
}

bool is_utf8(std::string_view text) {
    while (!text.empty())
        if (take_code_point(text) == not_utf8) return false;
    return true;
}

bool is_noncharacter(std::uint32_t point) { return (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe; }

bool is_unicode_space(std::uint32_t point) {
    return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
           point == 0x205f || point == 0x3000;
}

}  // namespace annexa::evidence
