// The accounts of /etc/passwd, the groups of /etc/group, and who is in which: what root or a package put there.
// Accounts of extrausers and altfiles count as well; where nsswitch.conf names a directory (LDAP, SSSD) whose accounts are
// in no file, nothing is said at all (support/name_service.hpp).
//
// Grammar: passwd(5), group(5) as glibc's nss_files reads them (support/account_files.hpp).
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/name_service.hpp"

#include <map>

namespace annexa::collectors {
namespace {

constexpr Column user_columns[] = {
    {"uid", Type::integer, "User id"},
    {"gid", Type::integer, "Primary group id"},
    {"uid_signed", Type::integer, "User id as a signed 32-bit number"},
    {"gid_signed", Type::integer, "Primary group id as a signed 32-bit number"},
    {"username", Type::text, "Login name"},
    {"description", Type::text, "Comment field (GECOS)"},
    {"directory", Type::text, "Home folder"},
    {"shell", Type::text, "Login shell as written; empty means /bin/sh"},
    {"uuid", Type::text, "Always empty on Linux; osquery's column"},
    {"password_field", Type::text,
     "What stands in field 2: shadowed (x), empty, locked, or hash (never the hash itself)"},
    {"login_shell", Type::boolean,
     "Whether the shell lets somebody in: not nologin, false, true, sync, halt or shutdown"},
    {"source", Type::text, "File and line: /etc/passwd:1"},
};
constexpr Column group_columns[] = {
    {"gid", Type::integer, "Group id"},
    {"gid_signed", Type::integer, "Group id as a signed 32-bit number"},
    {"groupname", Type::text, "Group name"},
    {"password_field", Type::text,
     "What stands in field 2: shadowed (x), empty, locked, or hash (never the hash itself)"},
    {"source", Type::text, "File and line: /etc/group:1"},
};
constexpr Column membership_columns[] = {
    {"uid", Type::integer, "User id; null for a member whom /etc/passwd does not name", Trait::nullable},
    {"gid", Type::integer, "Group id"},
    {"username", Type::text, "Login name"},
    {"groupname", Type::text, "Group name; empty for a primary group that /etc/group does not name"},
    {"membership", Type::text, "primary (field 4 of /etc/passwd) or listed (field 4 of /etc/group)"},
    {"source", Type::text, "File and line that makes the member: /etc/group:27"},
};
constexpr TableDefinition tables[] = {
    {"users", "Local accounts, one row a line of /etc/passwd", user_columns},
    {"groups", "Local groups, one row a line of /etc/group", group_columns},
    {"user_groups", "Members of local groups, one row a membership", membership_columns},
};

std::int64_t as_signed(std::uint32_t id) { return static_cast<std::int32_t>(id); }

// login(1), sshd and su start the field as it is; these programs end at once.
bool lets_in(std::string_view shell) {
    const std::string_view name = shell.substr(shell.rfind('/') + 1);
    for (const std::string_view none : {"nologin", "false", "true", "sync", "halt", "shutdown", "poweroff"})
        if (name == none) return false;
    return true;
}

std::vector<Table> collect(Host& host) {
    const auto [accounts, groups] = all_accounts_and_groups(host.files);

    Table users = make_table(tables[0]);
    Table names = make_table(tables[1]);
    Table members = make_table(tables[2]);
    std::map<std::uint32_t, std::string> group_of;
    for (const auto& group : groups) {
        names.rows.push_back({std::int64_t{group.gid}, as_signed(group.gid), group.name,
                              std::string{password_field_name(group.password)}, group.source});
        group_of.emplace(group.gid, group.name);
    }
    std::map<std::string, std::uint32_t, std::less<>> uid_of;
    for (const auto& account : accounts) {
        users.rows.push_back({std::int64_t{account.uid}, std::int64_t{account.gid}, as_signed(account.uid),
                              as_signed(account.gid), account.name, account.gecos, account.directory, account.shell,
                              std::string{}, std::string{password_field_name(account.password)}, lets_in(account.shell),
                              account.source});
        uid_of.emplace(account.name, account.uid);
        const auto group = group_of.find(account.gid);
        members.rows.push_back({std::int64_t{account.uid}, std::int64_t{account.gid}, account.name,
                                group == group_of.end() ? std::string{} : group->second, std::string{"primary"},
                                account.source});
    }
    for (const auto& group : groups)
        for (const auto& member : group.members) {
            const auto uid = uid_of.find(member);
            members.rows.push_back({uid == uid_of.end() ? Value{} : Value{std::int64_t{uid->second}},
                                    std::int64_t{group.gid}, member, group.name, std::string{"listed"}, group.source});
        }
    return {users, names, members};
}

}  // namespace

extern constexpr Collector users{
    .name = "users", .version = 3, .tables = tables, .sources = "/etc/passwd, /etc/group, /etc/nsswitch.conf; those of extrausers and altfiles where it names them", .collect = collect};

}  // namespace annexa::collectors
