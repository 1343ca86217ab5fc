#include "collectors/support/rsyslog_text.hpp"

#include "collectors/host.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr int most_nested = 16;
constexpr int most_included = 1000;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

}  // namespace

RsyslogText::RsyslogText(std::string_view path, std::string_view text, const ReadIncluded& include)
    : include_{include} {
    files_.push_back({std::string{path}, std::string{text}, 0, 1, 0});
    last_ = here();
}

std::string_view RsyslogText::rest() const {
    return files_.empty() ? std::string_view{} : std::string_view{files_.back().text}.substr(files_.back().at);
}

char RsyslogText::peek(std::size_t ahead) const {
    const std::string_view left = rest();
    return ahead < left.size() ? left[ahead] : '\0';
}

bool RsyslogText::line_starts() const {
    const Open& file = files_.back();
    for (std::size_t at = file.at; at > 0 && file.text[at - 1] != '\n'; --at)
        if (!text::is_blank(file.text[at - 1])) return false;
    return true;
}

void RsyslogText::advance(std::size_t count) {
    if (files_.empty()) return;
    Open& file = files_.back();
    for (; count > 0 && file.at < file.text.size(); --count)
        if (file.text[file.at++] == '\n') ++file.line;
}

std::string RsyslogText::here() const {
    return files_.empty() ? last_ : files_.back().path + ":" + std::to_string(files_.back().line);
}

void RsyslogText::refuse(const std::string& source, const std::string& what) const {
    throw host_error{evidence::Reason::malformed_source, source + ": " + what};
}

void RsyslogText::skip_comment() {
    const std::string source = here();
    const std::size_t end = rest().find("*/", 2);
    if (end == std::string_view::npos) refuse(source, "a comment without its end");
    advance(end + 2);
}

void RsyslogText::skip_blanks() {
    while (!files_.empty()) {
        const char c = peek();
        if (rest().empty()) {
            last_ = here();
            files_.pop_back();
        } else if (text::is_blank(c) || c == '\0') {
            advance();
        } else if (c == '#') {
            advance(std::min(rest().find('\n'), rest().size()));
        } else if (c == '/' && peek(1) == '*') {
            skip_comment();
        } else {
            return;
        }
    }
}

std::string RsyslogText::rest_of_line() {
    std::string line;
    while (true) {
        const std::size_t length = std::min(rest().find('\n'), rest().size());
        std::string_view part = rest().substr(0, length);
        const bool continues = part.ends_with('\\') && length < rest().size();
        if (continues) part.remove_suffix(1);
        line += part;
        advance(length + (continues ? 1 : 0));
        if (!continues) return std::string{text::trimmed(line)};
    }
}

std::string RsyslogText::word() {
    std::size_t length = 0;
    while (is_word(peek(length))) ++length;
    std::string result{rest().substr(0, length)};
    advance(length);
    return result;
}

std::string RsyslogText::quoted() {
    const std::string source = here();
    const char quote = peek();
    std::string result;
    for (advance(); !rest().empty(); advance()) {
        if (peek() == quote) {
            advance();
            return result;
        }
        if (peek() == '\\' && rest().size() > 1) advance();
        result += peek();
    }
    refuse(source, "a text without its closing quote");
}

RsyslogParameters RsyslogText::object() {
    const std::string source = here();
    RsyslogParameters parameters;
    advance();
    while (true) {
        const std::size_t depth = files_.size();
        skip_blanks();
        if (files_.size() < depth) refuse(source, "an object without its closing )");
        const char c = peek();
        if (c == ')') {
            advance();
            return parameters;
        }
        if (c == '"' || c == '\'') {
            quoted();
            continue;
        }
        if (!is_word(c)) {
            advance();
            continue;
        }
        const std::string name = text::lower(word());
        while (text::is_blank(peek())) advance();
        if (peek() != '=') continue;
        advance();
        while (text::is_blank(peek())) advance();
        std::string value;
        if (peek() == '"' || peek() == '\'') {
            value = quoted();
        } else if (peek() == '[') {
            while (!rest().empty() && peek() != ']') {
                if (peek() == '"' || peek() == '\'')
                    value += (value.empty() ? "" : ",") + quoted();
                else
                    advance();
            }
        } else {
            value = word();
        }
        parameters[name] = value;
    }
}

void RsyslogText::include(const std::string& pattern) {
    if (!include_) return;
    const int depth = files_.empty() ? 1 : files_.back().depth + 1;
    if (depth > most_nested) refuse(here(), "too many nested includes");
    auto found = include_(pattern);
    included_ += static_cast<int>(found.size());
    if (included_ > most_included) refuse(here(), "too many included files");
    for (auto file = found.rbegin(); file != found.rend(); ++file)
        files_.push_back({std::move(file->first), std::move(file->second), 0, 1, depth});
}

}  // namespace annexa::collectors
