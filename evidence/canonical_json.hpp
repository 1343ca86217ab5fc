// Canonical JSON (RFC 8785) and the strict reader that belongs to it. The one place that knows both.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace annexa::evidence {

/// Integers beyond this (2^53 - 1, both signs) are written as strings of decimal digits.
constexpr std::int64_t largest_json_integer = 9007199254740991;

/// The canonical form of a value, RFC 8785: members in the order of their UTF-16 units, numbers as ECMAScript prints
/// them, no white space. Throws error for what it cannot say: NaN, infinity, text that is not UTF-8, and an integer
/// (not a double) outside +-(2^53-1), which would silently become another number.
std::string canonical_json(const nlohmann::json& value);

/// A finite number as ECMAScript's Number::toString prints it (RFC 8785 section 3.2.2.3).
std::string ecmascript_number(double value);

/// Appends a JSON string as RFC 8785 section 3.2.2.2 prints it. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// True where the text may stand as a JSON string in our formats: UTF-8 without NUL and without noncharacters.
bool is_plain_text(std::string_view text);

struct JsonLimits {
    std::size_t bytes = std::size_t{16} << 20;
    unsigned depth = 32;  // arrays and objects in one another
};

/// Reads one JSON text under our profile. Throws format_error for anything that is not JSON (RFC 8259), a duplicate
/// member, an integer outside +-(2^53-1) (a number without point and exponent), a NUL or a noncharacter in a string, a
/// byte order mark, bytes after the value, or a limit. The offset is where reading ended.
nlohmann::json parse_json(std::string_view bytes, const JsonLimits& limits = {});

}  // namespace annexa::evidence
