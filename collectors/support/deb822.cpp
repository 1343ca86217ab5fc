#include "collectors/support/deb822.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace annexa::collectors {
namespace {

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
           });
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (is_blank(text.front()) || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\n')) text.remove_suffix(1);
    return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Order of dpkg: ~ before the end, the end before letters, letters before everything else.
int weight(char c) {
    if (is_digit(c) || c == '\0') return 0;
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) return static_cast<unsigned char>(c);
    return c == '~' ? -1 : static_cast<unsigned char>(c) + 256;
}

char at(std::string_view text, std::size_t index) { return index < text.size() ? text[index] : '\0'; }

int compare_part(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        while ((i < a.size() && !is_digit(a[i])) || (j < b.size() && !is_digit(b[j]))) {
            const int difference = weight(at(a, i)) - weight(at(b, j));
            if (difference != 0) return difference;
            ++i;
            ++j;
        }
        while (at(a, i) == '0') ++i;
        while (at(b, j) == '0') ++j;
        int first = 0;
        while (i < a.size() && is_digit(a[i]) && j < b.size() && is_digit(b[j])) {
            if (first == 0) first = a[i] - b[j];
            ++i;
            ++j;
        }
        if (i < a.size() && is_digit(a[i])) return 1;
        if (j < b.size() && is_digit(b[j])) return -1;
        if (first != 0) return first;
    }
    return 0;
}

struct Version {
    unsigned long epoch = 0;
    std::string_view upstream, revision;
};

Version split(std::string_view text) {
    Version version;
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        std::from_chars(text.data(), text.data() + colon, version.epoch);
        text.remove_prefix(colon + 1);
    }
    const std::size_t dash = text.rfind('-');
    version.upstream = text.substr(0, dash);
    if (dash != std::string_view::npos) version.revision = text.substr(dash + 1);
    return version;
}

}  // namespace

const Stanza::Field* Stanza::find(std::string_view name) const {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return same_word(field.name, name); });
    return found == fields.end() ? nullptr : &*found;
}

std::string_view Stanza::value(std::string_view name) const {
    const Field* field = find(name);
    return field == nullptr ? std::string_view{} : field->value;
}

void for_each_stanza(std::string_view path, std::string_view text, const std::function<void(const Stanza&)>& visit) {
    Stanza stanza;
    const char* value_begin = nullptr;
    const char* value_end = nullptr;
    const auto finish_field = [&] {
        if (!stanza.fields.empty() && value_begin != nullptr)
            stanza.fields.back().value = trimmed({value_begin, static_cast<std::size_t>(value_end - value_begin)});
        value_begin = nullptr;
    };
    const auto finish_stanza = [&] {
        finish_field();
        if (!stanza.fields.empty()) visit(stanza);
        stanza.fields.clear();
    };
    int number = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++number;
        if (std::all_of(line.begin(), line.end(), is_blank)) {
            finish_stanza();
        } else if (line.front() == '#') {
            continue;  // part of no field; inside a value deb822_words drops it
        } else if (is_blank(line.front())) {
            if (value_begin == nullptr)
                throw host_error{evidence::Reason::malformed_source, std::string{path} + ":" + std::to_string(number) +
                                                                         ": a continuation line without a field"};
            value_end = line.data() + line.size();
        } else {
            finish_field();
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos || colon == 0)
                throw host_error{evidence::Reason::malformed_source,
                                 std::string{path} + ":" + std::to_string(number) + ": expected 'Field: value'"};
            if (stanza.fields.empty()) stanza.line = number;
            stanza.fields.push_back({trimmed(line.substr(0, colon)), {}, number});
            value_begin = line.data() + colon + 1;
            value_end = line.data() + line.size();
        }
    }
    finish_stanza();
}

std::vector<std::string> deb822_words(std::string_view value) {
    std::vector<std::string> words;
    bool first = true;
    while (!value.empty()) {
        const std::size_t newline = value.find('\n');
        std::string_view line = value.substr(0, newline);
        value.remove_prefix(newline == std::string_view::npos ? value.size() : newline + 1);
        const bool comment = !first && line.starts_with('#');
        first = false;
        if (comment) continue;
        while (true) {
            line = trimmed(line);
            if (line.empty()) break;
            const std::size_t end = line.find_first_of(" \t\r");
            words.emplace_back(line.substr(0, end));
            line.remove_prefix(end == std::string_view::npos ? line.size() : end);
        }
    }
    return words;
}

int compare_debian_versions(std::string_view a, std::string_view b) {
    const Version left = split(a);
    const Version right = split(b);
    if (left.epoch != right.epoch) return left.epoch < right.epoch ? -1 : 1;
    const int upstream = compare_part(left.upstream, right.upstream);
    return upstream != 0 ? upstream : compare_part(left.revision, right.revision);
}

}  // namespace annexa::collectors
