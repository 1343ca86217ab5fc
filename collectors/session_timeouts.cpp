// When a session that nobody uses ends: TMOUT of shells, StopIdleSessionSec of logind, ClientAliveInterval of sshd.
//
// TMOUT (bash(1)) is a variable that start files set; a line behind a condition sets it for some and is told apart from
// one that every login shell passes. Files of /etc/profile.d count where /etc/profile reads that folder.
#include "collectors/collector.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/sshd_host.hpp"
#include "collectors/support/systemd_config.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"kind", Type::text,
     "shell (TMOUT), logind (StopIdleSessionSec), sshd (ClientAliveInterval times ClientAliveCountMax)"},
    {"name", Type::text, "File of a shell's setting; of sshd the Match block as in sshd_effective, empty outside any"},
    {"seconds", Type::integer, "After so many seconds; null: never, or it cannot be told", Trait::nullable},
    {"always", Type::boolean, "False where a condition stands before the setting"},
    {"fixed", Type::boolean, "Whether nobody can change it for himself: a shell's variable is so from readonly on"},
    {"source", Type::text, "File and line; default where none set it"},
};
constexpr TableDefinition tables[] = {
    {"session_timeouts", "When idle sessions end, one row a setting", columns},
};

constexpr std::array<std::string_view, 6> openers{"if", "for", "while", "until", "case", "select"};
constexpr std::array<std::string_view, 3> closers{"fi", "done", "esac"};
constexpr std::array<std::string_view, 6> declarers{"export", "readonly", "declare", "typeset", "builtin", "command"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string without_quotes(std::string_view value) {
    std::string plain;
    for (const char c : value)
        if (c != '"' && c != '\'') plain += c;
    return plain;
}

// Commands of shell text, roughly: words, separators as words of their own, comments left out.
std::vector<std::string> words_of(std::string_view line) {
    std::string spaced;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == 0 && c == '#' && (spaced.empty() || text::is_blank(spaced.back()))) break;
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        const bool twice = i + 1 < line.size() && line[i + 1] == c;
        if (quote == 0 && (c == ';' || c == '(' || c == ')' || (twice && (c == '&' || c == '|')))) {
            spaced += std::string{" "} + c + (twice && c != '(' && c != ')' ? std::string(1, c) : std::string{}) + " ";
            if (twice && c != '(' && c != ')') ++i;
        } else {
            spaced += c;
        }
    }
    std::vector<std::string> words;
    for (const std::string_view word : text::words(spaced)) words.emplace_back(word);
    return words;
}

void add_start_file(Table& table, const std::string& path, std::string_view content) {
    int depth = 0;
    for (const text::Line& line : text::lines(content, text::whole_line_comments)) {
        const auto words = words_of(line.text);
        bool behind_condition = false;
        bool begins = true;
        bool declares = false, readonly = false, unsets = false;
        for (const std::string& word : words) {
            if (word == ";" || word == ";;") {
                behind_condition = declares = readonly = unsets = false;
                begins = true;
                continue;
            }
            if (word == "&&" || word == "||" || word == "(" || word == ")") {
                behind_condition = true;
                declares = readonly = unsets = false;
                begins = true;
                continue;
            }
            if (begins && is_among(openers, word)) ++depth;
            if (begins && is_among(closers, word)) depth = std::max(0, depth - 1);
            if (word == "{") ++depth;
            if (word == "}") depth = std::max(0, depth - 1);
            const bool keyword = begins && (word == "then" || word == "else" || word == "do" || word == "{" ||
                                            word == "!" || is_among(openers, word));
            if (begins && is_among(declarers, word)) {
                declares = true;
                readonly = word == "readonly";
            } else if (begins && word == "unset") {
                unsets = true;
            } else if (declares && word.starts_with('-')) {
                readonly = readonly || word.find('r') != std::string::npos;
            } else if ((begins || declares || unsets) &&
                       (word.starts_with("TMOUT=") || ((declares || unsets) && word == "TMOUT"))) {
                const bool always = depth == 0 && !behind_condition;
                const std::string source = path + ":" + std::to_string(line.number);
                const auto seconds =
                    word.size() > 6 ? text::integer(without_quotes(std::string_view{word}.substr(6))) : std::nullopt;
                if (word != "TMOUT" || unsets)
                    table.rows.push_back({std::string{"shell"}, path,
                                          seconds && *seconds > 0 ? Value{*seconds} : Value{}, always, readonly,
                                          source});
                else if (readonly && !table.rows.empty() && always)  // readonly TMOUT, set before
                    table.rows.back()[4] = true;
                continue;
            }
            begins = keyword;
        }
    }
}

void add_shells(Table& table, Files& files) {
    const auto profile = files.read("/etc/profile");
    const bool reads_folder = profile && profile->text.find("/etc/profile.d") != std::string::npos;
    for (const std::string_view pattern :
         {"/etc/environment", "/etc/profile", "/etc/profile.d/*.sh", "/etc/bash.bashrc", "/etc/bashrc"}) {
        if (pattern.starts_with("/etc/profile.d/") && !reads_folder) continue;
        for (const auto& [path, content] : read_matching(files, std::string{pattern}))
            add_start_file(table, path, content);
    }
}

void add_logind(Table& table, Files& files) {
    const auto settings = parse_systemd_config(files.read_systemd_layers("systemd/logind.conf", ".conf"));
    const auto idle = last_setting(settings, "Login", "StopIdleSessionSec");
    if (!idle) return;
    const auto seconds = systemd_seconds(idle->value);
    table.rows.push_back({std::string{"logind"}, std::string{}, seconds && *seconds > 0 ? Value{*seconds} : Value{},
                          true, true, idle->source});
}

void add_sshd(Table& table, Host& host) {
    try {
        sshd::demand_installed(host);
    } catch (const not_applicable&) {
        return;
    }
    for (const auto& [match, settings] : sshd::circumstances(host)) {
        std::optional<std::int64_t> interval, count;
        std::string source = "default";
        for (const sshd::Effective& setting : settings) {
            if (setting.name == "clientalivecountmax") count = text::integer(setting.value);
            if (setting.name != "clientaliveinterval") continue;
            interval = text::integer(setting.value);
            source = setting.source;
        }
        // 0 of either: nobody is ever thrown out (sshd_config(5))
        const bool ends = interval && count && *interval > 0 && *count > 0 && *interval < 1000000 && *count < 1000000;
        table.rows.push_back(
            {std::string{"sshd"}, match, ends ? Value{*interval * *count} : Value{}, true, true, source});
    }
}

std::vector<Table> collect(Host& host) {
    Table table = make_table(tables[0]);
    add_shells(table, host.files);
    add_logind(table, host.files);
    add_sshd(table, host);
    return {table};
}

}  // namespace

extern constexpr Collector session_timeouts{.name = "session_timeouts",
                                            .version = 1,
                                            .tables = tables,
                                            .needs = Capability::dac_read_search,
                                            .sources =
                                                "/etc/environment, /etc/profile, /etc/profile.d, /etc/bash.bashrc, "
                                                "/etc/bashrc; logind.conf with its .d; sshd's configuration as in "
                                                "sshd_effective",
                                            .collect = collect};

}  // namespace annexa::collectors
