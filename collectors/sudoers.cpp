// Who may become whom by sudo: the policy as written (osquery's table), and resolved, one row a user and command.
//
// Grammar: sudoers(5), read whole and with all includes (support/sudoers_grammar.hpp). A syntax error anywhere is an
// error: newer sudo skips the rest of such a line, older refuses everything, and neither is what the file says.
// Rules that sudo takes from elsewhere (sssd, LDAP: nsswitch.conf) cannot be read here; `sudo_sources` names them.
#include "collectors/collector.hpp"
#include "collectors/support/pam_entry.hpp"
#include "collectors/support/sudoers_grammar.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column sudoers_columns[] = {
    {"source", Type::text, "File that the line stands in"},
    {"header", Type::text, "First word of the line: a user, Defaults, an alias' kind, an include"},
    {"rule_details", Type::text, "The rest of the line, continuations joined"},
    {"line", Type::integer, "Number of its first line"},
};
constexpr Column rule_columns[] = {
    {"user", Type::text, "Who: a user, #uid, %group, +netgroup or ALL; aliases resolved, one row each"},
    {"users", Type::text, "The list of users as written"},
    {"hosts", Type::text, "The list of hosts as written"},
    {"runas_users", Type::text, "As which users, aliases resolved; root where none is named"},
    {"runas_groups", Type::text, "With which groups, aliases resolved; empty where none is named"},
    {"as_root", Type::boolean, "Whether root is among them: root, #0 or ALL"},
    {"commands", Type::text, "The command, with its digests, ! and arguments; of an alias all that it holds"},
    {"grants", Type::boolean, "False where the command is only forbidden (!)"},
    {"all_commands", Type::boolean, "Whether every command may be run: ALL, itself or in an alias"},
    {"nopasswd", Type::boolean, "Whether NOPASSWD is in force for the command, said here or before it in the list"},
    {"tags", Type::text, "Tags in force: NOPASSWD, SETENV, NOEXEC, …"},
    {"options", Type::text, "Options in force: CWD=/tmp, ROLE=…"},
    {"source", Type::text, "File and line where the rule begins: /etc/sudoers:20"},
};
constexpr Column default_columns[] = {
    {"scope", Type::text, "global, host, user, runas or command"},
    {"binding", Type::text, "To whom or what it applies, as written; empty where global"},
    {"name", Type::text, "Parameter: authenticate, timestamp_timeout, …"},
    {"operation", Type::text, "on, off (!), =, += or -="},
    {"value", Type::text, "Value; empty for a flag"},
    {"in_force", Type::boolean, "False where a later line sets the same parameter for the same binding"},
    {"source", Type::text, "File and line: /etc/sudoers:9"},
};
constexpr Column source_columns[] = {
    {"name", Type::text, "files, or a service of nsswitch.conf: sss, ldap"},
    {"is_read", Type::boolean, "Whether its rules are in sudo_rules; false: they are elsewhere and unknown here"},
    {"source", Type::text, "What says so: /etc/sudoers, or file and line of nsswitch.conf"},
};
constexpr Column pam_columns[] = {
    {"service", Type::text, "Service that sudo names to PAM: sudo, sudo-i, or what Defaults pam_service and its like say"},
    {"file", Type::text, "Service whose stack decides: the same, or other where it has none"},
    {"lets_everybody_in", Type::boolean, "Whether somebody passes for whom no module vouched"},
    {"unknown_modules", Type::text,
     "Modules on whose word alone somebody passes and of which it is not known what they ask for; empty: none"},
    {"source", Type::text, "File and line that lets in without asking, else where the stack begins"},
};
constexpr TableDefinition tables[] = {
    {"sudoers", "Lines of sudoers and of what it includes, as written", sudoers_columns},
    {"sudo_rules", "What sudo lets whom do, aliases and inherited tags resolved, one row a user and command",
     rule_columns},
    {"sudo_defaults", "Settings of Defaults lines, one row a parameter", default_columns},
    {"sudo_sources", "Where sudo takes its rules from", source_columns},
    {"sudo_pam", "PAM's stacks that sudo asks for a password, one row a service", pam_columns},
};

std::string host_name(Host& host) {
    std::string name;
    if (host.kernel != nullptr)
        name = host.kernel->name().node;
    else if (const auto file = host.files.read("/etc/hostname"))
        name = text::trimmed(file->text);
    return name.substr(0, name.find('.'));
}

std::string tag_names(const sudoers::CommandSpec& spec) {
    std::string names;
    for (const auto& [tag, on] : spec.tags) names += (names.empty() ? "" : " ") + std::string{on ? "" : "NO"} + tag;
    return names;
}

bool is_root(const sudoers::Member& member) {
    return !member.negated && (member.kind == sudoers::MemberKind::all || member.text == "root" || member.text == "#0");
}

void add_rules(const sudoers::Policy& policy, const sudoers::UserSpec& spec, Table& table) {
    using sudoers::AliasKind;
    // The last match decides, so whom a later ! takes out again is still named: sooner one too many than one too few.
    std::set<std::string> users;
    for (const auto& member : expanded(policy, AliasKind::user, spec.users))
        if (!member.negated) users.insert(member.text);
    for (const auto& privilege : spec.privileges)
        for (const auto& command : privilege.commands) {
            auto runas_users = expanded(policy, AliasKind::runas, command.runas_users);
            const auto runas_groups = expanded(policy, AliasKind::runas, command.runas_groups);
            const bool unnamed = command.runas_users.empty() && command.runas_groups.empty();
            const bool as_root = unnamed || std::any_of(runas_users.begin(), runas_users.end(), is_root);
            const auto commands = expanded(policy, AliasKind::command, {command.command});
            const auto granted = [](const sudoers::Member& member) { return !member.negated; };
            const auto everything = [](const sudoers::Member& member) {
                return !member.negated && member.kind == sudoers::MemberKind::all;
            };
            const auto asks = command.tags.find("PASSWD");
            std::string options;
            for (const auto& [name, value] : command.options)
                options += (options.empty() ? "" : " ") + name + "=" + value;
            for (const auto& user : users)
                table.rows.push_back({user, to_text(spec.users), to_text(privilege.hosts),
                                      unnamed ? std::string{"root"} : to_text(runas_users), to_text(runas_groups),
                                      as_root, to_text(commands),
                                      std::any_of(commands.begin(), commands.end(), granted),
                                      std::any_of(commands.begin(), commands.end(), everything),
                                      asks != command.tags.end() && !asks->second, tag_names(command), options,
                                      spec.file + ":" + std::to_string(spec.line)});
        }
}

void add_defaults(const sudoers::Policy& policy, Table& table) {
    constexpr std::string_view scopes[] = {"global", "host", "user", "runas", "command"};
    std::set<std::pair<std::string, std::string>> later;
    for (auto entry = policy.defaults.rbegin(); entry != policy.defaults.rend(); ++entry) {
        const std::string scope{scopes[static_cast<std::size_t>(entry->scope)]};
        const std::string binding = to_text(entry->binding);
        const std::pair key{scope + " " + binding, entry->name};
        const bool in_force = !later.contains(key);
        if (entry->operation != "+=" && entry->operation != "-=") later.insert(key);
        table.rows.push_back({scope, binding, entry->name, entry->operation, entry->value, in_force,
                              entry->file + ":" + std::to_string(entry->line)});
    }
}

// nsswitch.conf(5): "sudoers: files sss"; without such a line sudo reads files alone.
void add_foreign_sources(Host& host, Table& table) {
    const auto file = host.files.read("/etc/nsswitch.conf");
    if (!file) return;
    for (const auto& line : text::lines(file->text, text::whole_line_comments)) {
        const std::string_view setting = line.text.substr(0, line.text.find('#'));
        const auto parts = text::split_at(setting, ':');
        if (!parts || !text::equal_without_case(parts->first, "sudoers")) continue;
        for (const std::string_view word : text::words(parts->second))
            if (word != "files" && word[0] != '[' && word.back() != ']')
                table.rows.push_back({std::string{word}, false, file->path + ":" + std::to_string(line.number)});
    }
}

/// sudo's own services and those of Defaults lines, in force or not: which of them decides depends on user, host and command.
void add_pam(Host& host, const sudoers::Policy& policy, Table& table) {
    if (!pam::present(host.files)) return;  // an sudo that asks /etc/shadow itself
    std::set<std::string> names{"sudo", "sudo-i"};
    for (const auto& entry : policy.defaults)
        if (entry.name == "pam_service" || entry.name == "pam_login_service" || entry.name == "pam_askpass_service") {
            std::string_view name = text::trimmed(entry.value);
            if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
            if (!name.empty()) names.emplace(name);
        }
    const auto services = pam::services_of(host.files);
    for (const std::string& name : names) {
        auto service = services.find(name);
        if (service == services.end()) service = services.find("other");
        if (service == services.end()) {
            if (name == "sudo-i") continue;  // not every sudo asks for it
            throw host_error(Reason::unreadable_source,
                             "/etc/pam.d: has no service " + text::printable(name, 80) + " and no other: what sudo demands nobody can say");
        }
        const auto stack = service->second.find("auth");
        if (stack == service->second.end() || stack->second.empty()) continue;
        pam::demand_sense(name, stack->second);
        const pam::Entry entry = pam::entry_of(host.files, stack->second);
        const bool open = entry.everybody || !entry.unknown.empty();
        table.rows.push_back({name, service->first, entry.everybody, entry.unknown,
                              open ? pam::opening_rule(stack->second).source : stack->second.front().source});
    }
}

/// The policy file that sudo.conf(5) names, /etc/sudoers where it names none. Another policy plugin decides by rules that
/// nobody can read here.
std::string policy_file(Host& host) {
    std::string file = "/etc/sudoers";
    const auto configuration = host.files.read("/etc/sudo.conf");
    if (!configuration) return file;
    std::string joined{configuration->text};
    for (std::size_t at = 0; (at = joined.find("\\\n", at)) != std::string::npos;) joined.replace(at, 2, " ");
    for (const std::string_view line : text::split(joined, '\n')) {
        const std::vector<std::string_view> parts = text::words(line.substr(0, line.find('#')));
        if (parts.size() < 3 || text::lower(parts[0]) != "plugin") continue;
        if (parts[1] == "sudoers_io" || parts[1] == "sudoers_audit") continue;
        if (parts[1] != "sudoers_policy")
            throw host_error(Reason::unreadable_source, "/etc/sudo.conf: the plugin " + std::string{parts[1]} + " decides, not sudoers");
        for (std::size_t i = 3; i < parts.size(); ++i)
            if (parts[i].starts_with("sudoers_file=")) file = parts[i].substr(13);
    }
    return file;
}

std::vector<Table> collect(Host& host) {
    const sudoers::Reader reader{.file = [&](std::string_view path) { return host.files.read(path); },
                                 .folder = [&](std::string_view path) -> std::optional<std::vector<std::string>> {
                                     auto names = host.files.list(path);
                                     if (!names) return std::nullopt;
                                     std::erase_if(*names, [&](const std::string& name) {
                                         const auto status = host.files.status(std::string{path} + "/" + name);
                                         return !status || status->kind != FileKind::regular;
                                     });
                                     return names;
                                 },
                                 .host_name = [&] { return host_name(host); }};
    std::string path = policy_file(host);
    auto policy = read_policy(reader, path);
    if (!policy && path == "/etc/sudoers") policy = read_policy(reader, path = "/usr/etc/sudoers");  // SUSE
    if (!policy) {
        if (host.files.status("/usr/bin/sudo"))
            throw host_error(Reason::unreadable_source,
                             path + ": No such file or directory, but sudo is installed");
        throw not_applicable(Reason::not_installed, "sudo is not installed");
    }
    Table lines = make_table(tables[0]);
    Table rules = make_table(tables[1]);
    Table defaults = make_table(tables[2]);
    Table sources = make_table(tables[3]);
    for (const auto& line : policy->lines)
        lines.rows.push_back({line.file, line.header, line.details, std::int64_t{line.line}});
    for (const auto& spec : policy->users) add_rules(*policy, spec, rules);
    add_defaults(*policy, defaults);
    sources.rows.push_back({std::string{"files"}, true, path});
    add_foreign_sources(host, sources);
    Table asked = make_table(tables[4]);
    add_pam(host, *policy, asked);
    return {lines, rules, defaults, sources, asked};
}

}  // namespace

extern constexpr Collector sudoers_policy{
    .name = "sudoers",
    .version = 2,
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources = "/etc/sudo.conf; /etc/sudoers with its includes, on SUSE also /usr/etc/sudoers; /etc/nsswitch.conf; "
               "PAM's files as in pam_rules",
    .collect = collect};

}  // namespace annexa::collectors
