#include "collectors/support/sshd_config.hpp"

#include "collectors/support/sshd_keywords.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors::sshd {
namespace {

constexpr int most_nested_files = 16;  // as sshd
constexpr std::size_t most_settings = 100000;
constexpr std::string_view blanks = " \t\r\n";

[[noreturn]] void malformed(const std::string& source, const std::string& what) {
    throw host_error(evidence::Reason::malformed_source, source + ": " + what);
}

// strdelim() of misc.c: one word, or one in double quotes; = may stand once between words. Nothing for an open quote.
std::optional<std::string> next_word(std::string_view& rest) {
    const auto end = rest.find_first_of(" \t\r\n\"=");
    if (end == std::string_view::npos) {
        std::string word{rest};
        rest = {};
        return word;
    }
    if (rest[end] == '"') {
        std::string word{rest.substr(0, end)};
        const auto close = rest.find('"', end + 1);
        if (close == std::string_view::npos) return std::nullopt;
        word += rest.substr(end + 1, close - end - 1);
        rest.remove_prefix(close + 1);
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
        return word;
    }
    std::string word{rest.substr(0, end)};
    const bool equals = rest[end] == '=';
    rest.remove_prefix(end + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (!rest.empty() && rest[0] == '=' && !equals) {
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    }
    return word;
}

// argv_split() of misc.c: quotes of both kinds, backslashes before quotes, backslashes and blanks, comments.
std::vector<std::string> split_arguments(std::string_view text, const std::string& source) {
    std::vector<std::string> arguments;
    std::size_t i = 0;
    while (true) {
        while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
        if (i >= text.size() || text[i] == '#') return arguments;
        std::string word;
        char quote = 0;
        for (; i < text.size(); ++i) {
            const char c = text[i];
            if (c == '\\') {
                const char after = i + 1 < text.size() ? text[i + 1] : '\0';
                if (after == '\'' || after == '"' || after == '\\' || (quote == 0 && after == ' '))
                    word += text[++i];
                else
                    word += c;
            } else if (quote == 0 && (c == ' ' || c == '\t')) {
                break;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote != 0 && c == quote) {
                quote = 0;
            } else {
                word += c;
            }
        }
        if (quote != 0) malformed(source, "expected a closing quote");
        arguments.push_back(std::move(word));
    }
}

class ConfigParser {
  public:
    ConfigParser(const Reader& reader, Release release) : reader_{reader}, release_{release} {}

    bool read(const std::string& path, std::size_t block, int depth) {
        const auto file = reader_.file(path);
        if (!file) return false;
        std::size_t current = block;
        for (const auto& line : text::raw_lines(file->text))
            take(line.text, path + ":" + std::to_string(line.number), block, current, depth);
        return true;
    }
    void take(std::string_view line, const std::string& source, std::size_t outer, std::size_t& current, int depth);

    Config config;

  private:
    void include(const Setting& setting, std::size_t current, int depth);
    std::size_t begin_match(std::string_view rest, const std::string& source, std::size_t outer);

    const Reader& reader_;
    Release release_;
};

void ConfigParser::take(std::string_view line, const std::string& source, std::size_t outer, std::size_t& current,
                        int depth) {
    const bool old_grammar = release_ < Release{8, 7};
    if (old_grammar) line = line.substr(0, line.find('#'));
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return;
    line.remove_prefix(first);
    while (!line.empty() && (blanks.find(line.back()) != std::string_view::npos || line.back() == '\f'))
        line.remove_suffix(1);
    if (line.empty() || line[0] == '#') return;
    auto word = next_word(line);
    if (word && word->empty()) word = next_word(line);
    if (!word || word->empty() || (*word)[0] == '#') return;
    const Keyword* keyword = find_keyword(text::lower(*word), release_);
    if (keyword == nullptr) {
        // A release that is newer than these tables may know more.
        if (release_ > Release{10, 0}) return;
        malformed(source, "unknown setting " + text::printable(*word, 80));
    }
    if (current != 0 && !config.blocks[current].always && !keyword->in_match)
        malformed(source, *word + " is not allowed within a Match block");
    if (keyword->name == "match") {
        current = begin_match(line, source, outer);
        return;
    }
    Setting setting;
    setting.keyword = keyword->real_name.empty() ? keyword->name : keyword->real_name;
    setting.rest = line;
    setting.source = source;
    setting.block = current;
    if (keyword->kind == Kind::ignored) return;
    if (keyword->kind != Kind::whole) {
        if (old_grammar)
            while (!line.empty()) {
                auto value = next_word(line);
                if (!value) malformed(source, "expected a closing quote");
                if (value->empty()) break;
                setting.values.push_back(*std::move(value));
            }
        else
            setting.values = split_arguments(line, source);
    }
    const bool nothing =
        keyword->kind == Kind::whole ? setting.rest.empty() : setting.values.empty() || setting.values[0].empty();
    if (nothing && keyword->kind != Kind::unshown) malformed(source, *word + " lacks a value");
    switch (keyword->kind) {
        case Kind::whole:
        case Kind::words:
        case Kind::list:
        case Kind::unshown:
        case Kind::rekey:
            break;
        default:
            if (setting.values.size() > 1)
                malformed(source, "unexpected " + text::printable(setting.values[1], 80) + " behind " + *word);
    }
    if (keyword->name == "include") {
        include(setting, current, depth);
        return;
    }
    if (config.settings.size() >= most_settings) malformed(source, "too many settings");
    config.settings.push_back(std::move(setting));
}

void ConfigParser::include(const Setting& setting, std::size_t current, int depth) {
    if (depth >= most_nested_files) malformed(setting.source, "too many nested includes");
    if (setting.values.empty()) malformed(setting.source, "Include lacks a path");
    for (const auto& value : setting.values) {
        if (value.empty()) malformed(setting.source, "Include with an empty path");
        if (value[0] == '~') continue;  // the home of whoever starts sshd: not a place of the host's configuration
        for (const auto& path : reader_.glob(value[0] == '/' ? value : "/etc/ssh/" + value))
            read(path, current, depth + 1);
    }
}

std::size_t ConfigParser::begin_match(std::string_view rest, const std::string& source, std::size_t outer) {
    static constexpr std::array<std::string_view, 11> attributes{"user",         "group",     "host",        "address",
                                                                 "localaddress", "localport", "rdomain",     "version",
                                                                 "sessiontype",  "command",   "localnetwork"};
    std::string criteria;
    bool alone = false;
    while (!rest.empty() && rest[0] != '#') {
        auto attribute = next_word(rest);
        if (!attribute) malformed(source, "expected a closing quote");
        if (attribute->empty() || (*attribute)[0] == '#') break;
        if (alone) malformed(source, "\"all\" cannot be combined with other criteria");
        criteria += (criteria.empty() ? "" : " ") + *attribute;
        const std::string name = text::lower(*attribute);
        if (name == "all") {
            if (criteria.size() != 3) malformed(source, "\"all\" cannot be combined with other criteria");
            alone = true;
            continue;
        }
        if (name == "invalid-user") continue;
        if (std::find(attributes.begin(), attributes.end(), name) == attributes.end())
            malformed(source, "unsupported Match criterion " + text::printable(*attribute, 80));
        auto value = next_word(rest);
        if (!value || value->empty() || (*value)[0] == '#') malformed(source, "Match " + *attribute + " lacks a value");
        criteria += " " + *value;
    }
    if (criteria.empty()) malformed(source, "Match lacks criteria");
    const bool always = alone && (outer == 0 || config.blocks[outer].always);
    if (outer != 0) criteria = config.blocks[outer].criteria + " and " + criteria;
    config.blocks.push_back({criteria, outer, source, always});
    return config.blocks.size() - 1;
}

std::optional<std::int64_t> seconds(std::string_view text) {
    std::int64_t total = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        std::size_t end = text.find_first_not_of("0123456789");
        if (end == 0) return std::nullopt;
        const auto number = text::integer(text.substr(0, end));
        if (!number) return std::nullopt;
        std::int64_t unit = 1;
        text.remove_prefix(std::min(end, text.size()));
        if (!text.empty()) {
            switch (text[0] | 0x20) {
                case 's':
                    unit = 1;
                    break;
                case 'm':
                    unit = 60;
                    break;
                case 'h':
                    unit = 3600;
                    break;
                case 'd':
                    unit = 86400;
                    break;
                case 'w':
                    unit = 604800;
                    break;
                default:
                    return std::nullopt;
            }
            text.remove_prefix(1);
        }
        if (*number > 2147483647 / unit) return std::nullopt;
        total += *number * unit;
        if (total > 2147483647) return std::nullopt;
    }
    return total;
}

// "1G" in bytes (scan_scaled).
std::optional<std::int64_t> bytes(std::string_view text) {
    if (text == "default") return 0;
    std::int64_t unit = 1;
    if (!text.empty()) {
        const auto scale = std::string_view{"bkmgtpe"}.find(static_cast<char>(text.back() | 0x20));
        if (scale != std::string_view::npos && text.back() > '9') {
            unit = std::int64_t{1} << (10 * scale);
            text.remove_suffix(1);
        }
    }
    const auto number = text::integer(text);
    if (!number || *number < 0 || *number > 9223372036854775807 / unit) return std::nullopt;
    return *number * unit;
}

bool fits(std::string_view name, std::string_view pattern) {
    std::size_t n = 0, p = 0, star = std::string_view::npos, mark = 0;
    while (n < name.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++n;
            ++p;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++mark;
        } else
            return false;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

// kex_assemble_names(): + behind the default, ^ before it, - out of it; patterns stand for all that they fit.
std::string algorithms(std::string_view keyword, std::string_view written, Release release) {
    const std::string fallback = default_algorithms(keyword, release);
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    const auto add_all = [&](std::string_view list) {
        for (const std::string_view name : text::split(list, ',')) {
            if (name.find_first_of("*?") == std::string_view::npos) {
                add(std::string{name});
                continue;
            }
            for (const auto& known : known_algorithms(keyword))
                if (fits(known, name)) add(known);
        }
    };
    const char prefix = written.empty() ? '\0' : written[0];
    if (prefix == '-') {
        const auto patterns = text::split(written.substr(1), ',');
        for (const std::string_view name : text::split(fallback, ','))
            if (std::none_of(patterns.begin(), patterns.end(),
                             [&](std::string_view pattern) { return fits(name, pattern); }))
                add(std::string{name});
    } else if (prefix == '+') {
        add_all(fallback);
        add_all(written.substr(1));
    } else if (prefix == '^') {
        add_all(written.substr(1));
        add_all(fallback);
    } else {
        add_all(written);
    }
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ",") + name;
    return list;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// A value as sshd -T prints it. Throws for what sshd refuses.
std::string printed(const Keyword& keyword, const Setting& setting, Release release) {
    const auto refuse = [&](const std::string& value) -> std::string {
        malformed(setting.source, "unsupported value of " + setting.keyword + ": " + text::printable(value, 80));
    };
    const std::string value = setting.values.empty() ? std::string{} : setting.values[0];
    switch (keyword.kind) {
        case Kind::flag:
        case Kind::choice:
            for (const std::string_view choice : text::words(keyword.choices)) {
                const auto equals = choice.find('=');
                if (text::equal_without_case(value, choice.substr(0, equals)))
                    return std::string{equals == std::string_view::npos ? choice : choice.substr(equals + 1)};
            }
            return refuse(value);
        case Kind::number: {
            const auto number = text::integer(value);
            return number ? std::to_string(*number) : refuse(value);
        }
        case Kind::seconds: {
            const auto number = seconds(value);
            return number ? std::to_string(*number) : refuse(value);
        }
        case Kind::octal: {
            const auto number = text::unsigned_integer(value, 8);
            if (!number || *number > 0777) return refuse(value);
            std::string digits;
            for (auto rest = *number; rest > 0; rest /= 8)
                digits.insert(digits.begin(), static_cast<char>('0' + rest % 8));
            return "0" + digits;
        }
        case Kind::whole:
            return text::equal_without_case(setting.rest, "none") ? "none" : setting.rest;
        case Kind::words:
            return joined(setting.values);
        case Kind::algorithms:
            // Patterns may take names away; to add by pattern is for the types of keys alone.
            if (value[0] != '-' && value.find_first_of("*?") != std::string::npos &&
                (keyword.name == "ciphers" || keyword.name == "macs" || keyword.name == "kexalgorithms"))
                return refuse(value);
            return algorithms(keyword.name, value, release);
        case Kind::level: {
            const std::string lower = text::lower(value);
            for (const std::string_view level :
                 {"QUIET", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3"})
                if (text::equal_without_case(level, lower)) return std::string{level == "DEBUG1" ? "DEBUG" : level};
            return refuse(value);
        }
        case Kind::facility: {
            for (const std::string_view name : {"DAEMON", "USER", "AUTH", "AUTHPRIV", "LOCAL0", "LOCAL1", "LOCAL2",
                                                "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7"})
                if (text::equal_without_case(name, value)) return std::string{name};
            return refuse(value);
        }
        case Kind::startups: {
            const auto parts = text::split(value, ':');
            if (parts.size() == 1 && text::integer(value)) return value + ":30:" + value;
            if (parts.size() != 3 || !text::integer(parts[0]) || !text::integer(parts[1]) || !text::integer(parts[2]))
                return refuse(value);
            return value;
        }
        case Kind::rekey: {
            const auto limit = bytes(value);
            const std::string after = setting.values.size() > 1 ? setting.values[1] : "none";
            const auto interval = after == "none" ? std::optional<std::int64_t>{0} : seconds(after);
            if (!limit || !interval) return refuse(joined(setting.values));
            return std::to_string(*limit) + " " + std::to_string(*interval);
        }
        default:
            return value;
    }
}

}  // namespace

std::optional<Release> parse_release(std::string_view text) {
    if (const auto name = text.find("OpenSSH_"); name != std::string_view::npos)
        text.remove_prefix(name + 8);
    else if (const auto epoch = text.find(':'); epoch != std::string_view::npos && epoch < 4)
        text.remove_prefix(epoch + 1);
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || dot > 2) return std::nullopt;
    const auto major = text::integer(text.substr(0, dot));
    const std::string_view rest = text.substr(dot + 1);
    const auto minor = text::integer(rest.substr(0, rest.find_first_not_of("0123456789")));
    if (!major || !minor || *major < 1 || *minor > 99) return std::nullopt;
    return Release{static_cast<int>(*major), static_cast<int>(*minor)};
}

std::optional<Config> read_config(const Reader& reader, std::string_view path, Release release,
                                  const std::vector<CommandLineOption>& options) {
    ConfigParser parser{reader, release};
    for (const auto& option : options) {
        std::size_t current = 0;
        parser.take(option.text, option.source, 0, current, most_nested_files);
    }
    if (!parser.read(std::string{path}, 0, 0)) return std::nullopt;
    // sshd checks values within Match blocks before anybody connects.
    for (const auto& setting : parser.config.settings)
        if (const Keyword* keyword = find_keyword(setting.keyword, release)) printed(*keyword, setting, release);
    return std::move(parser.config);
}

std::vector<Effective> effective(const Config& config, Release release, const std::vector<std::size_t>& matching) {
    std::vector<bool> active(config.blocks.size(), false);
    for (std::size_t block = 1; block < config.blocks.size(); ++block) active[block] = config.blocks[block].always;
    for (std::size_t block : matching)
        for (; block != 0; block = config.blocks[block].parent) active[block] = true;
    // What a Match sets goes before what stands outside; among each the first line wins. "Match all" counts as both.
    std::map<std::string_view, std::vector<const Setting*>> outside, within;
    for (const auto& setting : config.settings) {
        if (config.blocks[setting.block].always || setting.block == 0) outside[setting.keyword].push_back(&setting);
        if (setting.block != 0 && active[setting.block]) within[setting.keyword].push_back(&setting);
    }
    std::vector<Effective> rows;
    for (const Keyword* keyword : shown_keywords(release)) {
        const std::string name{keyword->name};
        const auto inner = within.find(keyword->name);
        const auto outer = outside.find(keyword->name);
        const std::vector<const Setting*> none;
        const auto& settings = inner != within.end() ? inner->second : outer != outside.end() ? outer->second : none;
        if (settings.empty()) {
            if (keyword->kind == Kind::algorithms)
                rows.push_back({name, default_algorithms(name, release), "default"});
            else if (keyword->kind == Kind::repeated)
                for (const std::string_view value : text::words(keyword->fallback))
                    rows.push_back({name, std::string{value}, "default"});
            else if (!keyword->fallback.empty())
                rows.push_back({name, std::string{keyword->fallback}, "default"});
            continue;
        }
        if (keyword->kind == Kind::list || keyword->kind == Kind::repeated) {
            for (const auto* setting : settings)
                for (const auto& value : setting->values) rows.push_back({name, value, setting->source});
            continue;
        }
        if (keyword->kind == Kind::startups) {
            // Here the last line wins, and one number alone leaves the rate of an earlier line.
            std::string rate = "30";
            for (const auto* setting : settings)
                if (const auto parts = text::split(setting->values[0], ':'); parts.size() == 3) rate = parts[1];
            const auto parts = text::split(settings.back()->values[0], ':');
            rows.push_back({name, std::string{parts.front()} + ":" + rate + ":" + std::string{parts.back()},
                            settings.back()->source});
            continue;
        }
        if (keyword->kind == Kind::rekey) {
            // Amount and time are two settings on one line: each has its own first.
            std::string interval;
            for (const auto* side : {&inner, &outer})
                if (*side != (side == &inner ? within.end() : outside.end()))
                    for (const auto* setting : (*side)->second)
                        if (interval.empty() && setting->values.size() > 1 && setting->values[1] != "none")
                            interval = printed(*keyword, *setting, release);
            const std::string first = printed(*keyword, *settings.front(), release);
            const std::string limit = first.substr(0, first.find(' '));
            rows.push_back({name, limit + (interval.empty() ? " 0" : interval.substr(interval.find(' '))),
                            settings.front()->source});
            continue;
        }
        const Setting& setting = *settings.front();
        rows.push_back({name, printed(*keyword, setting, release), setting.source});
    }
    if (release < Release{8, 7}) {
        // sshd itself: challenge-response switches the keyboard-interactive method on.
        const auto find = [&](std::string_view name) {
            return std::find_if(rows.begin(), rows.end(), [&](const Effective& row) { return row.name == name; });
        };
        const auto challenge = find("challengeresponseauthentication");
        const auto keyboard = find("kbdinteractiveauthentication");
        if (challenge != rows.end() && keyboard != rows.end() && challenge->value == "yes") {
            keyboard->value = "yes";
            keyboard->source = challenge->source;
        }
    }
    return rows;
}

std::vector<std::pair<std::string, std::string>> parse_dump(std::string_view output) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& line : text::lines(output)) {
        const auto [name, value] = text::split_at_blank(line.text);
        rows.emplace_back(text::lower(name), std::string{value});
    }
    return rows;
}

}  // namespace annexa::collectors::sshd
