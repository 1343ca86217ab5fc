#include "collectors/support/apt_config.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace annexa::collectors {
namespace {

constexpr std::size_t most_nodes = 100000;  // a file of 16 MiB could hold millions
constexpr std::size_t most_depth = 64;
constexpr int most_includes = 10;           // as apt

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
           });
}

std::string_view stripped(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool in_quotes(std::string_view text, std::size_t at) {
    return std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '"') % 2 != 0;
}

[[noreturn]] void refuse(std::string_view path, int line, const std::string& what) {
    throw host_error{evidence::Reason::malformed_source, std::string{path} + ":" + std::to_string(line) + ": " + what};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// ParseQuoteWord() of libapt-pkg: a word that ends at a blank outside quotes and brackets; %xx is an escaped byte.
std::optional<std::string> quoted_word(std::string_view& rest) {
    std::size_t at = 0;
    while (at < rest.size() && rest[at] == ' ') ++at;
    if (at == rest.size()) return std::nullopt;
    std::size_t end = at;
    for (; end < rest.size() && !is_space(rest[end]); ++end) {
        if (rest[end] == '"') {
            end = rest.find('"', end + 1);
            if (end == std::string_view::npos) return std::nullopt;
        } else if (rest[end] == '[') {
            end = rest.find(']', end + 1);
            if (end == std::string_view::npos) return std::nullopt;
        }
    }
    std::string word;
    for (std::size_t i = at; i < end; ++i) {
        if (rest[i] == '%' && i + 2 < end && hex_digit(rest[i + 1]) >= 0 && hex_digit(rest[i + 2]) >= 0) {
            word += static_cast<char>(hex_digit(rest[i + 1]) * 16 + hex_digit(rest[i + 2]));
            i += 2;
        } else if (rest[i] != '"') {
            word += rest[i];
        }
    }
    while (end < rest.size() && is_space(rest[end])) ++end;
    rest.remove_prefix(end);
    return word;
}

// ParseCWord(): one or more strings in quotes, joined; nothing where the text does not begin with a quote.
std::optional<std::string> c_word(std::string_view& rest) {
    std::size_t at = 0;
    while (at < rest.size() && rest[at] == ' ') ++at;
    if (at == rest.size()) return std::nullopt;
    std::string word;
    for (; at < rest.size(); ++at) {
        if (rest[at] == '"') {
            for (++at; at < rest.size() && rest[at] != '"'; ++at) word += rest[at];
            if (at == rest.size()) return std::nullopt;
            continue;
        }
        if (is_space(rest[at])) {
            word += ' ';
            continue;
        }
        return std::nullopt;
    }
    word.resize(word.find_last_not_of(' ') == std::string::npos ? 0 : word.find_last_not_of(' ') + 1);
    rest.remove_prefix(at);
    return word;
}

// A line without its comments; `inside` says whether a /* comment is open before and after it.
std::string without_comments(std::string_view line, bool& inside) {
    if (inside) {
        const std::size_t end = line.find("*/");
        if (end == std::string_view::npos) return {};
        line.remove_prefix(end + 2);
        inside = false;
    }
    for (std::size_t at = 0; (at = line.find("//", at)) != std::string_view::npos; ++at)
        if (!in_quotes(line, at)) {
            line = line.substr(0, at);
            break;
        }
    for (std::size_t at = 0; (at = line.find('#', at)) != std::string_view::npos; ++at) {
        const std::string_view word = line.substr(at + 1);
        if (in_quotes(line, at) || word.starts_with("clear") || word.starts_with("include") ||
            word.starts_with("x-apt-configure-index"))
            continue;
        line = line.substr(0, at);
        break;
    }
    std::string kept;
    for (std::size_t at = 0; (at = line.find("/*", at)) != std::string_view::npos;) {
        if (in_quotes(line, at)) {
            at += 2;
            continue;
        }
        kept += line.substr(0, at);
        const std::size_t end = line.find("*/", at + 2);
        if (end == std::string_view::npos) {
            inside = true;
            return kept;
        }
        line.remove_prefix(end + 2);
        at = 0;
    }
    kept += line;
    return kept;
}

}  // namespace

AptConfig::Node* AptConfig::lookup(std::string_view name, bool create) {
    Node* node = &root_;
    std::size_t depth = 0;
    while (true) {
        const std::size_t end = name.find("::");
        const std::string_view tag = name.substr(0, end);
        auto child = node->children.end();
        if (!tag.empty())
            child = std::find_if(node->children.begin(), node->children.end(),
                                 [&](const Node& each) { return same_word(each.tag, tag); });
        else if (!create)
            return nullptr;
        if (child == node->children.end()) {
            if (!create) return nullptr;
            if (++nodes_ > most_nodes || ++depth > most_depth)
                throw host_error{evidence::Reason::malformed_source, "apt.conf: more settings than can be meant"};
            child = node->children.insert(node->children.end(), Node{std::string{tag}, {}, {}, {}});
        }
        node = &*child;
        if (end == std::string_view::npos) return node;
        name.remove_prefix(end + 2);
    }
}

const AptConfig::Node* AptConfig::lookup(std::string_view name) const {
    return const_cast<AptConfig*>(this)->lookup(name, false);
}

void AptConfig::set(std::string_view name, std::string_view value, std::string_view source) {
    Node* node = lookup(name, true);
    node->value = value;
    node->source = source;
}

void AptConfig::clear(std::string_view name) {
    if (Node* node = lookup(name, false)) {
        node->value.clear();
        node->children.clear();
    }
}

std::optional<AptConfig::Setting> AptConfig::find(std::string_view name) const {
    const Node* node = lookup(name);
    if (node == nullptr || node->value.empty()) return std::nullopt;
    return Setting{std::string{name}, node->value, node->source};
}

std::string AptConfig::value(std::string_view name, std::string_view otherwise) const {
    const auto found = find(name);
    return found ? found->value : std::string{otherwise};
}

std::int64_t AptConfig::number(std::string_view name, std::int64_t otherwise) const {
    const auto found = find(name);
    if (!found) return otherwise;
    char* end = nullptr;
    const long long number = std::strtoll(found->value.c_str(), &end, 0);
    return end == found->value.c_str() ? otherwise : number;
}

bool AptConfig::boolean(std::string_view name, bool otherwise) const {
    const auto found = find(name);
    return found ? apt_boolean(found->value).value_or(otherwise) : otherwise;
}

std::vector<AptConfig::Setting> AptConfig::list(std::string_view name) const {
    std::vector<Setting> members;
    if (const Node* node = lookup(name))
        for (const Node& child : node->children)
            if (!child.value.empty()) members.push_back({std::string{name}, child.value, child.source});
    return members;
}

std::string AptConfig::path(std::string_view name) const {
    std::string path = value(name);
    if (path.empty()) return {};
    std::string_view scope = name;
    while (!path.starts_with('/')) {
        const std::size_t end = scope.rfind("::");
        if (end == std::string_view::npos) return "/" + path;
        scope = scope.substr(0, end);
        const std::string above = value(scope);
        if (!above.empty()) path.insert(0, above.ends_with('/') ? above : above + "/");
    }
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

bool AptConfig::has(std::string_view name) const {
    const auto any = [](const auto& self, const Node& node) -> bool {
        return !node.value.empty() || std::any_of(node.children.begin(), node.children.end(),
                                                  [&](const Node& child) { return self(self, child); });
    };
    const Node* node = lookup(name);
    return node != nullptr && any(any, *node);
}

void AptConfig::apply(std::string_view path, std::string_view text, const Include& include) {
    apply(path, text, include, 0);
}

void AptConfig::apply(std::string_view path, std::string_view text, const Include& include, int depth) {
    std::string pending;                // what was read of the present setting
    std::string parent;                 // the scope
    std::vector<std::string> scopes;
    bool in_comment = false;
    int line_number = 0;
    const auto leave = [&] {
        parent = scopes.empty() ? std::string{} : scopes.back();
        if (!scopes.empty()) scopes.pop_back();
    };
    const auto append = [&](std::string_view piece) {
        piece = stripped(piece);
        if (!pending.empty() && !piece.empty()) pending += ' ';
        pending += piece;
    };
    const auto directive = [&](std::string_view tag, const std::string& word) {
        if (!parent.empty()) refuse(path, line_number, "directives stand at the top level only");
        if (tag == "#clear") {
            clear(word);
        } else if (tag == "#include") {
            if (depth > most_includes) refuse(path, line_number, "too many nested includes");
            if (!include) return;
            for (const auto& [included, content] : include(word)) apply(included, content, include, depth + 1);
        } else if (tag != "#x-apt-configure-index") {
            refuse(path, line_number, "unknown directive '" + std::string{tag} + "'");
        }
    };

    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        std::string raw{text.substr(0, newline)};
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++line_number;
        std::replace(raw.begin(), raw.end(), '\t', ' ');
        const std::string fragment = without_comments(stripped(raw), in_comment);

        bool quoted = false;
        std::size_t start = 0;
        for (std::size_t i = 0; i < fragment.size(); ++i) {
            if (fragment[i] == '"') quoted = !quoted;
            if (quoted || (fragment[i] != '{' && fragment[i] != ';' && fragment[i] != '}')) continue;
            append(std::string_view{fragment}.substr(start, i - start));
            const char ends = fragment[i];
            start = i + 1;
            if (pending.empty()) {
                if (ends == '{') refuse(path, line_number, "a block begins without a name");
                if (ends == '}') leave();
                continue;
            }
            std::string_view rest = pending;
            auto tag = quoted_word(rest);
            if (!tag) refuse(path, line_number, "malformed name");
            auto word = c_word(rest);
            if (!word) word = quoted_word(rest);
            if (!word && ends != '{') {
                word = std::move(tag);
                tag = std::string{};
            }
            if (!rest.empty()) refuse(path, line_number, "extra text after the value");
            if (ends == '{') {
                if (scopes.size() >= most_depth) refuse(path, line_number, "scopes nest too deeply");
                scopes.push_back(parent);
                parent += parent.empty() ? *tag : "::" + *tag;
                tag = std::string{};
            }
            std::string item = *tag;
            if (!parent.empty()) item = ends != '{' || !tag->empty() ? parent + "::" + *tag : parent;
            if (tag->starts_with('#')) {
                directive(*tag, word.value_or(""));
            } else if (tag->empty() && word == "#clear") {
                refuse(path, line_number, "#clear needs the name of a setting");
            } else if (word) {
                set(item, *word, std::string{path} + ":" + std::to_string(line_number));
            }
            pending.clear();
            if (ends == '}') leave();
        }
        append(std::string_view{fragment}.substr(start));
    }
    if (!pending.empty()) refuse(path, line_number, "extra text at the end of the file (a ; is missing)");
}

std::optional<bool> apt_boolean(std::string_view text) {
    const std::string word{stripped(text)};
    char* end = nullptr;
    const long number = std::strtol(word.c_str(), &end, 0);
    if (end != word.c_str() && *end == '\0') return number != 0;
    for (const std::string_view no : {"no", "false", "without", "off", "disable"})
        if (same_word(word, no)) return false;
    for (const std::string_view yes : {"yes", "true", "with", "on", "enable"})
        if (same_word(word, yes)) return true;
    return std::nullopt;
}

std::vector<std::string> apt_part_names(const std::vector<std::string>& names, std::string_view extension,
                                        bool without_extension) {
    std::vector<std::string> parts;
    for (const std::string& name : names) {
        if (name.empty() || name.front() == '.') continue;
        const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == ':' || c == '.';
        });
        const std::size_t dot = name.rfind('.');
        const bool matches = dot == std::string::npos ? without_extension : name.substr(dot + 1) == extension;
        if (plain && matches) parts.push_back(name);
    }
    std::sort(parts.begin(), parts.end());
    return parts;
}

AptConfig apt_default_paths() {
    AptConfig config;
    for (const auto& [name, value] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"Dir", "/"},
             {"Dir::State", "var/lib/apt"},
             {"Dir::State::lists", "lists/"},
             {"Dir::Etc", "etc/apt"},
             {"Dir::Etc::sourcelist", "sources.list"},
             {"Dir::Etc::sourceparts", "sources.list.d"},
             {"Dir::Etc::main", "apt.conf"},
             {"Dir::Etc::parts", "apt.conf.d"},
             {"Dir::Etc::preferences", "preferences"},
             {"Dir::Etc::preferencesparts", "preferences.d"},
             {"Dir::Log", "var/log/apt"},
             {"Dir::Log::History", "history.log"}})
        config.set(name, value);
    return config;
}

AptConfig read_apt_config(Files& files) {
    AptConfig config = apt_default_paths();
    const auto read_folder = [&](const std::string& folder) {
        std::vector<std::pair<std::string, std::string>> texts;
        if (const auto names = files.list(folder))
            for (const std::string& name : apt_part_names(*names, "conf", true)) {
                const std::string path = folder + "/" + name;
                const auto status = files.status(path);
                if (!status || status->kind != FileKind::regular) continue;
                if (auto file = files.read(path)) texts.emplace_back(path, std::move(file->text));
            }
        return texts;
    };
    const AptConfig::Include include = [&](std::string_view path) {
        if (path.size() > 2 && path.ends_with('/')) return read_folder(std::string{path.substr(0, path.size() - 1)});
        std::vector<std::pair<std::string, std::string>> texts;
        auto file = files.read(path);
        if (!file) throw host_error{evidence::Reason::malformed_source, std::string{path} + ": included, not there"};
        texts.emplace_back(std::string{path}, std::move(file->text));
        return texts;
    };
    for (const auto& [path, text] : read_folder(config.path("Dir::Etc::parts"))) config.apply(path, text, include);
    if (const auto main = files.read(config.path("Dir::Etc::main"))) config.apply(main->path, main->text, include);
    return config;
}

}  // namespace annexa::collectors
