#include "collectors/support/os_release.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

bool is_variable(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string shell_value(std::string_view text) {
    std::string result;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            result += text[++i];
        } else if (quote == '\0' && text::is_blank(c)) {
            break;
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace

std::string OsRelease::value(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string{} : found->second;
}

OsRelease parse_os_release(std::string_view path, std::string_view text) {
    OsRelease release;
    release.path = path;
    for (const text::Line& line : text::lines(text, text::whole_line_comments)) {
        const std::size_t equals = line.text.find('=');
        if (equals == std::string_view::npos || !is_variable(line.text.substr(0, equals))) continue;
        const std::string name{line.text.substr(0, equals)};
        release.values[name] = shell_value(line.text.substr(equals + 1));
        release.lines[name] = line.number;
    }
    return release;
}

OsRelease read_os_release(Files& files) {
    for (const char* path : {"/etc/os-release", "/usr/lib/os-release"})
        if (const std::optional<File> file = files.read(path)) return parse_os_release(path, file->text);
    throw host_error(Reason::unreadable_source, "neither /etc/os-release nor /usr/lib/os-release is there");
}

}  // namespace annexa::collectors
