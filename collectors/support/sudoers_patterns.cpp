#include "collectors/support/sudoers_patterns.hpp"

#include <algorithm>

namespace annexa::collectors::sudoers {
namespace {

std::size_t octet_length(std::string_view text) {
    std::size_t end = 0;
    int value = 0;
    while (end < 3 && end < text.size() && digit(text[end])) value = value * 10 + (text[end++] - '0');
    if (end == 3 && value > 255) end = 2;
    return end;
}

std::size_t ipv4_length(std::string_view text) {
    std::size_t end = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (end >= text.size() || text[end] != '.') return 0;
            ++end;
        }
        const std::size_t octet = octet_length(text.substr(end));
        if (octet == 0) return 0;
        end += octet;
    }
    return end;
}

std::size_t ipv6_length(std::string_view text) {
    std::size_t end = 0;
    int colons = 0;
    std::size_t longest = 0;
    while (colons < 7) {
        std::size_t digits = 0;
        while (digits < 4 && end + digits < text.size() && hex(text[end + digits])) ++digits;
        if (colons >= 2) {
            longest = std::max(longest, end + digits);
            const std::size_t four = ipv4_length(text.substr(end));
            if (four != 0) longest = std::max(longest, end + four);
        }
        if (end + digits >= text.size() || text[end + digits] != ':') return longest;
        end += digits + 1;
        ++colons;
    }
    std::size_t digits = 0;
    while (digits < 4 && end + digits < text.size() && hex(text[end + digits])) ++digits;
    return std::max(longest, end + digits);
}

}  // namespace

std::size_t blanks(std::string_view text, std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && blank(text[end])) ++end;
    return end - from;
}

std::size_t newline_length(std::string_view text) {
    if (text == "\r") return 1;  // sudo adds the line feed that a file's last line lacks
    return begins(text, "\r\n") ? 2 : begins(text, "\n") ? 1 : 0;
}

std::size_t continuation_length(std::string_view text) {
    if (!begins(text, "\\")) return 0;
    const std::size_t gap = blanks(text, 1);
    const std::size_t end = newline_length(text.substr(1 + gap));
    return end == 0 ? 0 : 1 + gap + end;
}

std::size_t word_length(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size()) {
        if (text[end] == '\\') {
            if (end + 1 >= text.size() || text[end + 1] == '\t' || text[end + 1] == '\n') break;
            end += 2;
        } else if (among(text[end], "#>!=:,() \t\r\n\"")) {
            break;
        } else {
            ++end;
        }
    }
    return end;
}

std::size_t id_length(std::string_view text) {
    if (!begins(text, "#")) return 0;
    std::size_t end = begins(text, "#-") ? 2 : 1;
    const std::size_t first = end;
    while (end < text.size() && digit(text[end])) ++end;
    return end == first ? 0 : end;
}

std::size_t path_length(std::string_view text) {
    if (!begins(text, "/")) return 0;
    std::size_t end = 1;
    while (end < text.size()) {
        if (text[end] == '\\') {
            if (end + 1 >= text.size() || !among(text[end + 1], ",:= \t#")) break;
            end += 2;
        } else if (among(text[end], ",:= \t\r\n#")) {
            break;
        } else {
            ++end;
        }
    }
    return end > 1 ? end : 0;
}

std::size_t regex_length(std::string_view text) {
    if (!begins(text, "^")) return 0;
    std::size_t end = 1;
    std::size_t longest = 0;
    while (end < text.size()) {
        const char c = text[end];
        if (c == '\\' && end + 1 < text.size() && among(text[end + 1], "#$")) {
            // A backslash may stand for itself too, which lets the next $ end the pattern; the longest match decides.
            end += 2;
        } else if (c == '$') {
            longest = end + 1;
            break;
        } else if (among(c, "#\r\n")) {
            break;
        } else {
            ++end;
        }
    }
    return longest;
}

std::size_t environment_word_length(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size()) {
        if (text[end] == '\\') {
            if (end + 1 >= text.size() || among(text[end + 1], "\r\n")) break;
            end += 2;
        } else if (among(text[end], "#=, \t\r\n\"") || (end == 0 && text[end] == '!')) {
            break;
        } else {
            ++end;
        }
    }
    return end;
}

std::size_t comment_length(std::string_view text) {
    if (!begins(text, "#")) return 0;
    const auto to_line_end = [&] {
        std::size_t end = text.find('\n');
        return end == std::string_view::npos ? text.size() : end + 1;
    };
    if (text.size() == 1) return 1;
    if (digit(text[1])) return 1;
    if (text[1] == '-') return text.size() > 2 && !digit(text[2]) && !among(text[2], "\r\n") ? to_line_end() : 1;
    return to_line_end();
}

std::size_t address_length(std::string_view text) {
    std::size_t longest = 0;
    if (const std::size_t four = ipv4_length(text)) {
        longest = four;
        if (four < text.size() && text[four] == '/') {
            const std::string_view mask = text.substr(four + 1);
            std::size_t digits = 0;
            while (digits < 2 && digits < mask.size() && digit(mask[digits])) ++digits;
            if (digits == 2 && (mask[0] - '0') * 10 + (mask[1] - '0') > 32) digits = 1;
            const std::size_t most = std::max(digits, ipv4_length(mask));
            if (most > 0) longest = four + 1 + most;
        }
    }
    if (const std::size_t six = ipv6_length(text)) {
        std::size_t length = six;
        if (six < text.size() && text[six] == '/') {
            const std::string_view mask = text.substr(six + 1);
            std::size_t digits = 0;
            while (digits < 3 && digits < mask.size() && digit(mask[digits])) ++digits;
            const std::size_t most = std::max(digits, ipv6_length(mask));
            if (most > 0) length = six + 1 + most;
        }
        longest = std::max(longest, length);
    }
    return longest;
}

}  // namespace annexa::collectors::sudoers
