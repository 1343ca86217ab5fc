#include "collectors/support/apt_sources_list.hpp"

#include "collectors/host.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/deb822.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace annexa::collectors {
namespace {

[[noreturn]] void refuse(std::string_view path, int line, const std::string& what) {
    throw host_error{evidence::Reason::malformed_source, std::string{path} + ":" + std::to_string(line) + ": " + what};
}

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

std::string without_slashes(std::string uri) {
    while (uri.size() > 1 && uri.ends_with('/') && !uri.ends_with("//")) uri.pop_back();
    return uri;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// A word as ParseQuoteWord() takes it: blanks within quotes and brackets belong to it (cdrom:[Debian 12]/).
std::optional<std::string> next_word(std::string_view& rest, std::string_view path, int line) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
    std::string word;
    std::size_t at = 0;
    for (; at < rest.size() && !is_blank(rest[at]); ++at) {
        if (rest[at] != '"' && rest[at] != '[') {
            word += rest[at];
            continue;
        }
        const char closing = rest[at] == '"' ? '"' : ']';
        const std::size_t end = rest.find(closing, at + 1);
        if (end == std::string_view::npos) refuse(path, line, std::string{"no closing "} + closing);
        word += closing == '"' ? rest.substr(at + 1, end - at - 1) : rest.substr(at, end - at + 1);
        at = end;
    }
    rest.remove_prefix(at);
    return word;
}

// `[ arch=amd64,i386 signed-by=/k.gpg trusted=yes ]`; += and -= only change lists, which decide nothing here.
std::map<std::string, std::string> bracket_options(std::string_view& rest, std::string_view path, int line) {
    std::map<std::string, std::string> options;
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    if (rest.empty() || rest.front() != '[') return options;
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) refuse(path, line, "no closing ]");
    std::string_view inside = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    while (auto word = next_word(inside, path, line)) {
        const std::size_t equals = word->find('=');
        if (equals == std::string::npos || equals == 0) refuse(path, line, "expected option=value in [ ]");
        options[lower(word->substr(0, equals))] = word->substr(equals + 1);
    }
    return options;
}

const std::map<std::string, std::string, std::less<>> option_names{
    {"architectures", "arch"}, {"languages", "lang"}, {"targets", "target"}};

}  // namespace

std::vector<AptSource> parse_sources_list(std::string_view path, std::string_view text) {
    std::vector<AptSource> sources;
    int number = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++number;
        // apt cuts at the first # that is not within [ ]
        for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
            const std::size_t opened = line.rfind('[', at);
            if (opened != std::string_view::npos && line.find(']', opened) > at &&
                line.find(']', opened) != std::string_view::npos)
                continue;
            line = line.substr(0, at);
            break;
        }
        auto type = next_word(line, path, number);
        if (!type) continue;
        if (*type != "deb" && *type != "deb-src") refuse(path, number, "unknown type '" + *type + "'");
        AptSource source{.type = *type, .uri = {}, .suite = {}, .components = {}, .enabled = true,
                         .options = bracket_options(line, path, number), .path = std::string{path}, .line = number};
        const auto uri = next_word(line, path, number);
        const auto suite = next_word(line, path, number);
        if (!uri || uri->find(':') == std::string::npos) refuse(path, number, "expected an address after '" + *type + "'");
        if (!suite) refuse(path, number, "expected a suite after the address");
        source.uri = without_slashes(*uri);
        source.suite = *suite;
        while (auto component = next_word(line, path, number)) source.components.push_back(*component);
        if (source.suite.ends_with('/') && !source.components.empty())
            refuse(path, number, "a suite that ends in / has no components");
        if (!source.suite.ends_with('/') && source.components.empty()) refuse(path, number, "expected a component");
        sources.push_back(std::move(source));
    }
    return sources;
}

std::vector<AptSource> parse_sources_deb822(std::string_view path, std::string_view text) {
    std::vector<AptSource> sources;
    for_each_stanza(path, text, [&](const Stanza& stanza) {
        AptSource common;
        common.path = path;
        common.line = stanza.line;
        if (const Stanza::Field* enabled = stanza.find("Enabled"))
            common.enabled = apt_boolean(enabled->value).value_or(true);
        for (const Stanza::Field& field : stanza.fields) {
            const std::string name = lower(field.name);
            if (name == "types" || name == "uris" || name == "suites" || name == "components" || name == "enabled" ||
                name.starts_with("x-"))
                continue;
            const auto renamed = option_names.find(name);
            std::string value;
            for (const std::string& word : deb822_words(field.value)) value += (value.empty() ? "" : " ") + word;
            common.options[renamed == option_names.end() ? name : renamed->second] = value;
        }
        const auto types = deb822_words(stanza.value("Types"));
        const auto uris = deb822_words(stanza.value("URIs"));
        const auto suites = deb822_words(stanza.value("Suites"));
        common.components = deb822_words(stanza.value("Components"));
        if (!common.enabled && (types.empty() || uris.empty() || suites.empty())) return;
        if (types.empty()) refuse(path, stanza.line, "no field Types");
        if (uris.empty()) refuse(path, stanza.line, "no field URIs");
        if (suites.empty()) refuse(path, stanza.line, "no field Suites");
        for (const std::string& suite : suites) {
            if (suite.ends_with('/') && !common.components.empty())
                refuse(path, stanza.line, "a suite that ends in / has no Components");
            if (!suite.ends_with('/') && common.components.empty()) refuse(path, stanza.line, "no field Components");
            for (const std::string& uri : uris)
                for (const std::string& type : types) {
                    if (type != "deb" && type != "deb-src") refuse(path, stanza.line, "unknown type '" + type + "'");
                    if (uri.find(':') == std::string::npos) refuse(path, stanza.line, "'" + uri + "' is no address");
                    AptSource source = common;
                    source.type = type;
                    source.uri = without_slashes(uri);
                    source.suite = suite;
                    sources.push_back(std::move(source));
                }
        }
    });
    return sources;
}

std::vector<AptSource> read_apt_sources(Files& files, const AptConfig& config) {
    std::vector<AptSource> all;
    const auto add = [&](std::vector<AptSource> more) {
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    if (const auto file = files.read(config.path("Dir::Etc::sourcelist"))) add(parse_sources_list(file->path, file->text));
    std::vector<std::string> names;
    const std::string folder = config.path("Dir::Etc::sourceparts");
    if (const auto found = files.list(folder)) {
        for (const char* extension : {"list", "sources"})
            for (std::string& name : apt_part_names(*found, extension, false)) names.push_back(std::move(name));
        std::sort(names.begin(), names.end());
    }
    for (const std::string& name : names) {
        const std::string path = folder + "/" + name;
        const auto file = files.read(path);
        if (!file) continue;  // a dangling link
        add(name.ends_with(".list") ? parse_sources_list(path, file->text) : parse_sources_deb822(path, file->text));
    }
    return all;
}

std::string apt_list_name(std::string_view uri) {
    // without scheme, user and password; _ and what is special to files are escaped; / becomes _
    const std::size_t scheme = uri.find(':');
    std::string_view rest = scheme == std::string_view::npos ? uri : uri.substr(scheme + 1);
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        const std::size_t slash = rest.find('/');
        if (const std::size_t user = rest.substr(0, slash).rfind('@'); user != std::string_view::npos)
            rest.remove_prefix(user + 1);
    }
    constexpr std::string_view bad = "\\|{}[]<>\"^~_=!@#$%^&*";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (const char c : rest) {
        const auto byte = static_cast<unsigned char>(c);
        if (bad.find(c) != std::string_view::npos || byte <= 0x20 || byte >= 0x7f) {
            name += '%';
            name += digits[byte >> 4U];
            name += digits[byte & 15U];
        } else {
            name += c == '/' ? '_' : c;
        }
    }
    return name;
}

std::string apt_dist_uri(const AptSource& source) {
    const std::string base = source.uri.ends_with('/') ? source.uri : source.uri + "/";
    if (!source.suite.ends_with('/')) return base + "dists/" + source.suite + "/";
    return source.suite == "/" ? base : base + source.suite;
}

}  // namespace annexa::collectors
