#include "evidence/encoding.hpp"

#include "evidence/errors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace annexa::evidence {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t no_digit = -1;

constexpr std::array<std::int8_t, 256> make_values(bool url_too) {
    std::array<std::int8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    if (url_too) {
        values['-'] = 62;
        values['_'] = 63;
    }
    return values;
}

constexpr auto standard_values = make_values(false);
constexpr auto any_values = make_values(true);

/// Only '-' and '_', not '+' and '/'.
constexpr auto url_values = [] {
    auto values = make_values(true);
    values['+'] = no_digit;
    values['/'] = no_digit;
    return values;
}();

/// Decodes digits without padding; text.size() % 4 must not be 1 and the unused bits must be zero.
std::string decode(std::string_view text, const std::array<std::int8_t, 256>& values) {
    if (text.size() % 4 == 1) throw format_error(text.size(), "a whole number of base64 groups");
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int have = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::int8_t value = values[static_cast<unsigned char>(text[i])];
        if (value == no_digit) throw format_error(i, "a base64 digit");
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes.push_back(static_cast<char>((bits >> have) & 0xff));
        }
    }
    if ((bits & ((1U << have) - 1U)) != 0) throw format_error(text.size(), "zero in the unused bits of base64");
    return bytes;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

std::string from_hex(std::string_view text) {
    const auto value = [&](std::size_t i) -> int {
        const char c = text[i];
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        throw format_error(i, "a lower-case hexadecimal digit");
    };
    if (text.size() % 2 != 0) throw format_error(text.size(), "an even number of hexadecimal digits");
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) bytes.push_back(static_cast<char>(value(i) * 16 + value(i + 1)));
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = (bits << 8) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) text.push_back(k <= count ? alphabet[(bits >> (18 - 6 * k)) & 63] : '=');
    }
    return text;
}

std::string from_base64(std::string_view text) {
    if (text.size() % 4 != 0) throw format_error(text.size(), "base64 padded to groups of four");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    return decode(text.substr(0, text.size() - padding), standard_values);
}

std::string from_any_base64(std::string_view text) {
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    return decode(text, any_values);
}

std::string to_base64url(std::string_view bytes) {
    std::string text = to_base64(bytes);
    text.resize((bytes.size() * 4 + 2) / 3);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::string from_base64url(std::string_view text) { return decode(text, url_values); }

}  // namespace annexa::evidence
