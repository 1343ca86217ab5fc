#include "cli/isms/yaml_text.hpp"

#include "evidence/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace annexa::cli {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Line breaks of other kinds, the byte order mark, and what is not seen or turns the direction of what is.
bool is_hidden(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x61c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || (point >= 0xfff0 && point <= 0xfffb) ||
           (point >= 0xe0000 && point <= 0xe0fff);
}

bool has_hidden(std::string_view text) {
    while (!text.empty())
        if (is_hidden(evidence::take_code_point(text))) return true;
    return false;
}

bool is_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 9})
        if (!is_digit(text[at])) return false;
    return true;
}

/// Words that some reader takes for a truth value or nothing.
bool is_reserved(std::string_view text) {
    constexpr std::array<std::string_view, 10> words{"true", "false", "null", "yes", "no",
                                                     "on",   "off",   "y",    "n",   "nan"};
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return std::find(words.begin(), words.end(), lower) != words.end();
}

bool is_plain(std::string_view text) {
    if (is_day(text)) return true;
    if (text.empty() || !is_letter(text.front()) || text.back() == ' ' || is_reserved(text)) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == ' ' || c == '_' || c == '-' || c == '.' || c == '/' || c == ',';
    });
}

}  // namespace

std::string scalar_yaml(std::string_view text) {
    if (is_plain(text)) return std::string{text};
    std::string out = "\"";
    while (!text.empty()) {
        const std::string_view before = text;
        const std::uint32_t point = evidence::take_code_point(text);
        if (point == '"' || point == '\\') {
            out += '\\';
            out += static_cast<char>(point);
        } else if (point == '\n') {
            out += "\\n";
        } else if (point == '\t') {
            out += "\\t";
        } else if (is_hidden(point)) {
            char escape[16];
            std::snprintf(escape, sizeof escape, point > 0xffff ? "\\U%08X" : "\\u%04X", static_cast<unsigned>(point));
            out += escape;
        } else {
            out += before.substr(0, before.size() - text.size());
        }
    }
    return out + '"';
}

bool is_literal(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') return false;
    if (text.ends_with("\n\n")) return false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.ends_with(' ') || has_hidden(line)) return false;
        at = end + 1;
    }
    return true;
}

std::string literal_yaml(std::string_view text, const std::string& indent) {
    std::string out = text.ends_with('\n') ? "|\n" : "|-\n";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (!line.empty()) out += indent + std::string{line};
        out += '\n';
        at = end + 1;
    }
    return out;
}

}  // namespace annexa::cli
