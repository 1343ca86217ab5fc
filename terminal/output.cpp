#include "terminal/output.hpp"

#include "terminal/columns.hpp"

#include "evidence/canonical_json.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <unistd.h>

namespace annexa::terminal {
namespace {

/// The code point at `at` and its length in bytes; length 0 where there is no valid one (RFC 3629).
std::pair<char32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (length == 0 || first >= 0xF5 || at + length > text.size()) return {0, 0};
    char32_t point = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return {0, 0};
        point = (point << 6U) | (byte(at + i) & 0x3FU);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {0, 0};
    return {point, length};
}

/// Control characters, and those that reorder or hide text (bidirectional controls, zero width).
bool is_hostile(char32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

bool is_wide(char32_t point) {
    return (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) || (point >= 0xAC00 && point <= 0xD7A3) ||
           (point >= 0xF900 && point <= 0xFAFF) || (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60) ||
           (point >= 0xFFE0 && point <= 0xFFE6) || (point >= 0x1F300 && point <= 0x1FAFF) || (point >= 0x20000 && point <= 0x3FFFD);
}

bool is_combining(char32_t point) {
    return (point >= 0x300 && point <= 0x36F) || (point >= 0x1AB0 && point <= 0x1AFF) || (point >= 0x20D0 && point <= 0x20FF) ||
           (point >= 0xFE00 && point <= 0xFE0F) || (point >= 0xFE20 && point <= 0xFE2F);
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of("\",\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    return out + '"';
}

}  // namespace

Paint Paint::for_descriptor(int descriptor) {
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return Paint{isatty(descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
                 !(terminal != nullptr && std::string_view{terminal} == "dumb")};
}

std::string Paint::operator()(Colour colour, std::string_view text) const {
    constexpr std::string_view codes[] = {"", "31", "33", "32", "34", "1", "2"};
    if (!on_ || colour == Colour::none) return std::string{text};
    return "\033[" + std::string{codes[static_cast<std::size_t>(colour)]} + "m" + std::string{text} + "\033[0m";
}

std::string printable(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, length] = code_point(text, at);
        if (length != 0 && !is_hostile(point)) {
            out.append(text.substr(at, length));
            at += length;
            continue;
        }
        for (std::size_t i = 0; i < std::max<std::size_t>(length, 1); ++i, ++at) {
            const auto byte = static_cast<unsigned char>(text[at]);
            out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, length] = code_point(text, at);
        at += std::max<std::size_t>(length, 1);
        if (!is_combining(point)) width += is_wide(point) ? 2 : 1;
    }
    return width;
}

std::string cell_text(const evidence::Value& value) {
    struct Printer {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return evidence::ecmascript_number(number); }
        std::string operator()(const std::string& text) const { return text; }
    };
    return std::visit(Printer{}, value);
}

void print_aligned(std::ostream& out, const evidence::Table& table, const Paint& paint) {
    Columns columns;
    for (const evidence::ColumnType& column : table.columns) columns.heads.push_back(printable(column.name));
    for (const evidence::Row& row : table.rows) {
        std::vector<std::string> texts;
        std::vector<bool> right;
        for (const evidence::Value& cell : row) {
            texts.push_back(cell_text(cell));
            right.push_back(std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell));
        }
        columns.add(std::move(texts), {}, std::move(right));
    }
    out << columns.text(paint);
}

void print_csv(std::ostream& out, const evidence::Table& table) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) out << (i == 0 ? "" : ",") << csv_field(table.columns[i].name);
    out << "\r\n";
    for (const evidence::Row& row : table.rows) {
        if (row.size() == 1 && cell_text(row[0]).empty()) out << "\"\"";  // an empty line would be no record
        for (std::size_t i = 0; i < row.size(); ++i) out << (i == 0 ? "" : ",") << csv_field(cell_text(row[i]));
        out << "\r\n";
    }
}

std::string wrapped(std::string_view text, std::string_view indent, std::size_t width) {
    std::string out;
    std::string line;
    const auto flush = [&] {
        if (line.empty()) return;
        out += std::string{indent} + line + '\n';
        line.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t start = text.find_first_not_of(" \t\n", at);
        if (start == std::string_view::npos) break;
        const std::size_t end = std::min(text.find_first_of(" \t\n", start), text.size());
        const std::string_view word = text.substr(start, end - start);
        if (!line.empty() && display_width(indent) + display_width(line) + 1 + display_width(word) > width) flush();
        line += (line.empty() ? "" : " ") + std::string{word};
        at = end;
    }
    flush();
    return out;
}

}  // namespace annexa::terminal
