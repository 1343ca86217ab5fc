// What sets the umask of a session beside login.defs: pam_umask in the session stack of a service, the start files of shells,
// and an account's comment field.
//
// pam_umask(8): its argument umask=, else umask= in the comment field of the account, else UMASK of login.defs (table login_defs).
// Without it UMASK reaches no session. Start files run later and win; they are shell, of which we read the command umask wherever
// it stands: what is behind a condition counts as much as what is not.
#include "collectors/collector.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/name_service.hpp"
#include "collectors/support/pam_stack.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"kind", Type::text, "pam (a service's session stack), profile (a start file of shells), account (umask= in a comment field)"},
    {"name", Type::text, "Service, file or account"},
    {"sets", Type::boolean, "False for a service whose session stack has no pam_umask"},
    {"umask", Type::text, "As written: 027, u=rwx,g=rx,o=; empty where pam_umask takes what login.defs says"},
    {"bits", Type::integer, "The same as a number: 23 for 027; null where it is not written there or cannot be told", Trait::nullable},
    {"source", Type::text, "File and line: /etc/profile:12"},
};
constexpr TableDefinition tables[] = {
    {"umask_settings", "What sets the umask of sessions beside login.defs, one row a place", columns},
};

constexpr const char* start_files[] = {"/etc/profile",      "/etc/profile.d/*.sh", "/etc/profile.d/*.csh", "/etc/bash.bashrc", "/etc/bashrc",
                                       "/etc/csh.cshrc",    "/etc/csh.login",      "/etc/zsh/zshenv",      "/etc/zsh/zprofile", "/etc/zsh/zshrc",
                                       "/etc/zsh/zlogin",   "/etc/zshenv",         "/etc/zprofile",        "/etc/zshrc",       "/etc/zlogin"};

// "u=rwx,g=rx,o=" of umask(1p): what is named stays allowed. + and - change what was there before, which nobody knows here.
std::optional<std::int64_t> symbolic_bits(std::string_view text) {
    std::int64_t allowed = 0;
    int named = 0;  // u, g, o as bits 4, 2, 1: what is not named stays as it was
    for (const std::string_view clause : text::split(text, ',')) {
        const std::size_t equals = clause.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        std::int64_t bits = 0;
        for (const char c : clause.substr(equals + 1)) {
            const std::size_t at = std::string_view{"xwr"}.find(c);
            if (at == std::string_view::npos) return std::nullopt;
            bits |= std::int64_t{1} << at;
        }
        const std::string_view who = equals == 0 ? std::string_view{"a"} : clause.substr(0, equals);
        for (const char c : who) {
            const int whom = c == 'a' ? 7 : c == 'u' ? 4 : c == 'g' ? 2 : c == 'o' ? 1 : 0;
            if (whom == 0) return std::nullopt;
            named |= whom;
            for (int i = 0; i < 3; ++i)
                if ((whom & (1 << i)) != 0) allowed = (allowed & ~(std::int64_t{7} << (3 * i))) | (bits << (3 * i));
        }
    }
    return named == 7 ? std::optional{0777 & ~allowed} : std::nullopt;
}

Value bits_of(std::string_view text) {
    if (const auto number = text::unsigned_integer(text, 8); number && *number <= 07777) return static_cast<std::int64_t>(*number & 0777);
    const auto bits = symbolic_bits(text);
    return bits ? Value{*bits} : Value{};
}

bool begins_a_command(std::string_view word) {
    constexpr std::string_view words[] = {"then", "else", "do", "&&", "||", "{", "(", "!", "builtin", "command"};
    return word.ends_with(';') || word.ends_with('&') || word.ends_with(')') || std::find(std::begin(words), std::end(words), word) != std::end(words);
}

void add_start_file(Table& table, const std::string& path, std::string_view content) {
    for (const text::Line& line : text::lines(content, text::whole_line_comments)) {
        std::string spaced;  // separators as words of their own
        for (const char c : line.text) {
            if (c == '#' && (spaced.empty() || text::is_blank(spaced.back()))) break;
            spaced += c == ';' ? std::string{" ; "} : std::string(1, c);
        }
        const auto words = text::words(spaced);
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            if (words[i] != "umask" || (i > 0 && !begins_a_command(words[i - 1]))) continue;
            std::size_t value = i + 1;
            if (words[value] == "-S" || words[value] == "-p") ++value;
            if (value == words.size() || words[value] == ";" || words[value] == "&&" || words[value] == "||") continue;  // it prints
            std::string_view mask = words[value];
            while (!mask.empty() && (mask.back() == ')' || mask.back() == '}' || mask.back() == '"' || mask.back() == '\'')) mask.remove_suffix(1);
            while (!mask.empty() && (mask.front() == '"' || mask.front() == '\'')) mask.remove_prefix(1);
            table.rows.push_back({std::string{"profile"}, path, true, std::string{mask}, bits_of(mask), path + ":" + std::to_string(line.number)});
        }
    }
}

void add_services(Table& table, Files& files) {
    for (const auto& [name, service] : pam::services_of(files)) {
        const auto stack = service.find("session");
        if (stack == service.end() || stack->second.empty()) {
            table.rows.push_back({std::string{"pam"}, name, false, std::string{}, Value{}, std::string{"/etc/pam.d/"} + name});
            continue;
        }
        bool found = false;
        for (const pam::Rule& rule : stack->second) {
            if (rule.must_fail || rule.module != "pam_umask.so") continue;
            found = true;
            const std::string mask = pam::argument(rule, "umask").value_or("");
            table.rows.push_back({std::string{"pam"}, name, true, mask, mask.empty() ? Value{} : bits_of(mask), rule.source});
        }
        if (!found) table.rows.push_back({std::string{"pam"}, name, false, std::string{}, Value{}, stack->second.back().source});
    }
}

std::vector<Table> collect(Host& host) {
    Table table = make_table(tables[0]);
    if (pam::configured(host.files)) add_services(table, host.files);
    for (const char* pattern : start_files)
        for (const auto& [path, content] : read_matching(host.files, pattern)) add_start_file(table, path, content);
    // A directory may name more accounts; their comment fields are not seen.
    const AccountsAndGroups local = local_accounts_and_groups(host.files);
    for (const PasswdEntry& account : local.accounts)
        for (const std::string_view field : text::split(account.gecos, ','))
            if (field.starts_with("umask="))
                table.rows.push_back({std::string{"account"}, account.name, true, std::string{field.substr(6)}, bits_of(field.substr(6)), account.source});
    return {table};
}

}  // namespace

extern constexpr Collector umask_settings{.name = "umask_settings",
                                          .version = 2,
                                          .tables = tables,
                                          .sources = "PAM's files as in pam_rules; /etc/profile, /etc/profile.d, start files of bash, csh and zsh in /etc; /etc/passwd and the further files that nsswitch.conf names",
                                          .collect = collect};

}  // namespace annexa::collectors
