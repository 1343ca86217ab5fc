// Whom /etc/gshadow lets into groups beyond /etc/group: members, administrators, and whoever knows a password. newgrp
// and sg take its members and password in place of those of /etc/group; its administrators may add whom they like,
// themselves too (gpasswd(1)). No hash leaves this file.
//
// Grammar: gshadow(5) as glibc reads it (support/account_files.hpp). Without the file, /etc/group alone tells.
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/name_service.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"groupname", Type::text, "Group name"},
    {"username", Type::text, "Login name; empty in the row of the group itself"},
    {"role", Type::text, "group (one row a line of the file), administrator (field 3) or member (field 4)"},
    {"password_status", Type::text,
     "Password of the group: set (a hash: who knows the password gets in), empty (none gets in by it) or locked "
     "(nothing that a password could match)"},
    {"source", Type::text, "File and line: /etc/gshadow:1"},
};
constexpr TableDefinition tables[] = {
    {"group_shadow", "Members, administrators and passwords of groups that /etc/gshadow names", columns},
};

std::vector<Table> collect(Host& host) {
    std::vector<GroupShadowEntry> entries;
    if (const auto file = host.files.read("/etc/gshadow")) {
        entries = parse_group_shadow(*file);
        if (entries.empty())
            throw host_error(Reason::malformed_source, file->path + ": expected a group, found none: emptied?");
    }
    for (const File& more : further_account_files(host.files, "gshadow"))
        for (GroupShadowEntry& entry : parse_group_shadow(more)) entries.push_back(std::move(entry));

    Table table = make_table(tables[0]);
    for (const GroupShadowEntry& entry : entries) {
        const auto add = [&](const std::string& user, const char* role) {
            table.rows.push_back({entry.name, user, std::string{role}, entry.password_status, entry.source});
        };
        add("", "group");
        for (const std::string& user : entry.administrators) add(user, "administrator");
        for (const std::string& user : entry.members) add(user, "member");
    }
    return {table};
}

}  // namespace

extern constexpr Collector group_shadow{
    .name = "group_shadow",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources = "/etc/gshadow, /etc/nsswitch.conf; those of extrausers and altfiles where it names them",
    .collect = collect};

}  // namespace annexa::collectors
