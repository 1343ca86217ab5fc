// UTF-8 (RFC 3629), one code point at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace annexa::evidence {

constexpr std::uint32_t not_utf8 = 0xffffffff;

/// Takes one code point off the front of a text that is not empty; not_utf8 (and one byte taken) where none stands
/// there.
std::uint32_t take_code_point(std::string_view& text);

bool is_utf8(std::string_view text);

/// One of the 66 code points that Unicode keeps for nobody (U+FDD0..U+FDEF and the last two of each plane).
bool is_noncharacter(std::uint32_t point);

/// White_Space of Unicode, as Go's unicode.IsSpace, which signed notes are defined by.
bool is_unicode_space(std::uint32_t point);

}  // namespace annexa::evidence
