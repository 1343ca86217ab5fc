#include "collectors/support/time_config.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr int most_includes = 10;

bool has_word(const std::vector<std::string_view>& words, std::initializer_list<std::string_view> wanted) {
    return std::any_of(words.begin() + 2, words.end(), [&](std::string_view word) {
        return std::any_of(wanted.begin(), wanted.end(), [&](std::string_view each) { return text::equal_without_case(word, each); });
    });
}

void read_chrony(std::string_view path, std::string_view text, const ReadTimeFiles& read, int depth, std::vector<TimeSource>& sources) {
    if (depth > most_includes) return;  // as chrony
    for (const text::Line& line : text::lines(text)) {
        if (std::string_view{"!;#%"}.find(line.text[0]) != std::string_view::npos) continue;
        const auto words = text::words(line.text);
        if (words.size() < 2) continue;
        const std::string directive = text::lower(words[0]);
        const auto include = [&](const std::string& pattern) {
            if (!read) return;
            for (const auto& [file, content] : read(pattern)) read_chrony(file, content, read, depth + 1, sources);
        };
        if (directive == "server" || directive == "pool" || directive == "peer" || directive == "refclock") {
            const std::string address = directive == "refclock" ? text::lower(words[1]) : std::string{words[1]};
            sources.push_back({directive, address, has_word(words, {"nts", "key"}), std::string{path} + ":" + std::to_string(line.number)});
        } else if (directive == "include") {
            include(std::string{words[1]});
        } else if (directive == "confdir" || directive == "sourcedir") {
            for (std::size_t i = 1; i < words.size(); ++i)
                include(std::string{words[i]} + (directive == "confdir" ? "/*.conf" : "/*.sources"));
        }
    }
}

void read_ntp(std::string_view path, std::string_view text, const ReadTimeFiles& read, int depth, std::vector<TimeSource>& sources) {
    if (depth > most_includes) return;
    for (const text::Line& line : text::lines(text)) {
        auto words = text::words(line.text.substr(0, line.text.find('#')));
        // -4 and -6 before the address say which of its addresses
        if (words.size() > 2 && (words[1] == "-4" || words[1] == "-6")) words.erase(words.begin() + 1);
        if (words.size() < 2) continue;
        const std::string directive = text::lower(words[0]);
        if (directive == "server" || directive == "pool" || directive == "peer" || directive == "refclock") {
            const bool clock = words[1].starts_with("127.127.");
            sources.push_back({clock ? "refclock" : directive, std::string{words[1]}, has_word(words, {"nts", "key", "autokey"}),
                               std::string{path} + ":" + std::to_string(line.number)});
        } else if (directive == "includefile" && read) {
            for (const auto& [file, content] : read(words[1])) read_ntp(file, content, read, depth + 1, sources);
        }
    }
}

}  // namespace

std::vector<TimeSource> parse_chrony(std::string_view path, std::string_view text, const ReadTimeFiles& read) {
    std::vector<TimeSource> sources;
    read_chrony(path, text, read, 0, sources);
    return sources;
}

std::vector<TimeSource> parse_ntp(std::string_view path, std::string_view text, const ReadTimeFiles& read) {
    std::vector<TimeSource> sources;
    read_ntp(path, text, read, 0, sources);
    return sources;
}

std::vector<TimeSource> parse_openntpd(std::string_view path, std::string_view text) {
    std::vector<TimeSource> sources;
    for (const text::Line& line : text::lines(text, text::whole_line_comments)) {
        const auto words = text::words(line.text);
        if (words.size() < 2) continue;
        if (words[0] == "server" || words[0] == "servers" || words[0] == "sensor")
            sources.push_back({words[0] == "servers" ? "pool" : std::string{words[0]}, std::string{words[1]}, false,
                               std::string{path} + ":" + std::to_string(line.number)});
    }
    return sources;
}

}  // namespace annexa::collectors
