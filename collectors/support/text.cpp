#include "collectors/support/text.hpp"

#include "evidence/canonical_json.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace annexa::collectors::text {
namespace {

bool is_comment(std::string_view line, Comments comments) {
    if (comments == Comments::none) return false;
    return line.front() == '#' || (comments == Comments::semicolon && line.front() == ';');
}

}  // namespace

std::vector<JoinedLine> joined_lines(std::string_view text, std::string_view line_ends) {
    std::vector<JoinedLine> joined;
    bool continues = false;
    for (const Line& line : raw_lines(text)) {
        std::string_view part = line.text;
        while (!part.empty() && line_ends.find(part.back()) != std::string_view::npos) part.remove_suffix(1);
        if (!continues) joined.push_back({line.number, {}});
        continues = part.ends_with('\\');
        if (continues) part.remove_suffix(1);
        joined.back().text += part;
    }
    return joined;
}

bool is_blank(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<Line> raw_lines(std::string_view text) {
    std::vector<Line> result;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        result.push_back({++number, text.substr(0, end)});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::vector<Line> lines(std::string_view text, Comments comments) {
    std::vector<Line> result = raw_lines(text);
    for (Line& line : result) line.text = trimmed(line.text);
    std::erase_if(result, [&](const Line& line) { return line.text.empty() || is_comment(line.text, comments); });
    return result;
}

std::pair<std::string_view, std::string_view> split_at_blank(std::string_view text) {
    text = trimmed(text);
    const auto* end = std::find_if(text.begin(), text.end(), is_blank);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return {text.substr(0, length), trimmed(text.substr(length))};
}

std::optional<std::pair<std::string_view, std::string_view>> split_at(std::string_view text, char separator) {
    const std::size_t position = text.find(separator);
    if (position == std::string_view::npos) return std::nullopt;
    return std::pair{trimmed(text.substr(0, position)), trimmed(text.substr(position + 1))};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> result;
    while (true) {
        const std::size_t position = text.find(separator);
        result.push_back(text.substr(0, position));
        if (position == std::string_view::npos) return result;
        text.remove_prefix(position + 1);
    }
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> result;
    for (auto [word, rest] = split_at_blank(text); !word.empty(); std::tie(word, rest) = split_at_blank(rest))
        result.push_back(word);
    return result;
}

std::string_view unquoted(std::string_view text) {
    while (!text.empty() && (is_blank(text.front()) || text.front() == '"')) text.remove_prefix(1);
    return text.substr(0, text.find('"'));
}

std::optional<std::int64_t> integer(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> unsigned_integer(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& character : result)
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
    return result;
}

bool equal_without_case(std::string_view a, std::string_view b) { return a.size() == b.size() && lower(a) == lower(b); }

std::string_view file_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view folder(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {};
    return path.substr(0, slash == 0 ? 1 : slash);
}

std::string printable(std::string_view text, std::size_t most_bytes) {
    std::string result;
    const auto append_escaped = [&](unsigned char byte) {
        constexpr std::string_view digits = "0123456789abcdef";
        result += "\\x";
        result += digits[byte >> 4U];
        result += digits[byte & 15U];
    };
    for (std::size_t at = 0; at < text.size();) {
        if (result.size() >= most_bytes) return result + "…";
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 0;
        const std::string_view character = text.substr(at, length);
        const bool control = byte < 0x20 || byte == 0x7F ||
                             (byte == 0xC2 && character.size() == 2 && static_cast<unsigned char>(character[1]) < 0xA0);
        if (length == 0 || character.size() < length || control || !evidence::is_plain_text(character)) {
            append_escaped(byte);
            at += 1;
        } else {
            result += character;
            at += length;
        }
    }
    return result;
}

}  // namespace annexa::collectors::text
