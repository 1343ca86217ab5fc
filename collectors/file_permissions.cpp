// Who may read and write what a host keeps its secrets, its rules and its records in: modes, owners and access control
// lists.
//
// A list (acl(5), the attribute system.posix_acl_access) may let in more than the mode says; what it adds is named. Of
// logs one row stands for a file with all that it was rotated to, so that a night's rotation is no news. Symbolic links
// are passed over in folders: what they lead to has its own permissions, and where it lies below the same folder, its
// own row.
#include "collectors/collector.hpp"
#include "collectors/support/name_service.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"kind", Type::text,
     "rules (who may log in, become root, what starts), secrets (password hashes, key tables), private_key, log"},
    {"path", Type::text, "File or folder; of a log without what rotation appends"},
    {"folder", Type::boolean, "Whether it is a folder"},
    {"mode", Type::integer, "Permission bits as a number: 416 for 0640"},
    {"mode_text", Type::text, "The same as ls and chmod have them: 0640"},
    {"owner", Type::text, "Its owner's name, else the number"},
    {"uid", Type::integer, "Its owner"},
    {"group_name", Type::text, "Its group's name, else the number"},
    {"gid", Type::integer, "Its group"},
    {"acl_reads", Type::text, "Whom an access control list lets read beside them: user:33 group:4; empty: nobody"},
    {"acl_writes", Type::text, "The same for writing"},
};
constexpr TableDefinition tables[] = {
    {"file_permissions", "Permissions of files that rules, secrets, private keys and logs are kept in, one row a file",
     columns},
};

constexpr std::size_t most_entries = 100000;
constexpr int most_depth = 32;
constexpr std::size_t head_bytes = std::size_t{64} << 10;

constexpr std::string_view rules[] = {"/etc/passwd",
                                      "/etc/passwd-",
                                      "/etc/group",
                                      "/etc/group-",
                                      "/etc/sudo.conf",
                                      "/etc/nsswitch.conf",
                                      "/etc/login.defs",
                                      "/etc/hosts.allow",
                                      "/etc/hosts.deny",
                                      "/etc/crontab",
                                      "/etc/anacrontab",
                                      "/etc/at.allow",
                                      "/etc/cron.allow",
                                      "/etc/profile",
                                      "/etc/bash.bashrc",
                                      "/etc/environment",
                                      "/etc/shells",
                                      "/etc/ld.so.preload",
                                      "/etc/ld.so.conf",
                                      "/etc",
                                      "/root"};
constexpr std::string_view rule_folders[] = {"/etc/sudoers.d",    "/etc/ssh",          "/etc/pam.d",
                                             "/etc/security",     "/etc/profile.d",    "/etc/cron.d",
                                             "/etc/cron.hourly",  "/etc/cron.daily",   "/etc/cron.weekly",
                                             "/etc/cron.monthly", "/etc/ld.so.conf.d", "/etc/systemd/system",
                                             "/etc/init.d",       "/etc/sudoers"};
constexpr std::string_view secrets[] = {"/etc/shadow",           "/etc/shadow-",          "/etc/gshadow",
                                        "/etc/gshadow-",         "/etc/security/opasswd", "/etc/krb5.keytab",
                                        "/etc/ppp/chap-secrets", "/etc/ppp/pap-secrets",  "/var/lib/extrausers/shadow"};

// acl(5): a version of four bytes, then entries of tag, permissions (two bytes each) and id (four), little-endian.
struct Acl {
    std::string reads, writes;
};
Acl acl_of(Files& files, const std::string& path) {
    Acl acl;
    const auto bytes = files.attribute(path, "system.posix_acl_access");
    if (!bytes) return acl;
    const auto number = [&](std::size_t at, std::size_t width) {
        std::uint32_t value = 0;
        for (std::size_t i = width; i > 0; --i) value = value << 8 | static_cast<unsigned char>((*bytes)[at + i - 1]);
        return value;
    };
    if (bytes->size() < 4 || number(0, 4) != 2 || (bytes->size() - 4) % 8 != 0)
        throw host_error(Reason::unsupported_format, path + ": an access control list that is not understood");
    std::uint32_t mask = 7;
    for (std::size_t at = 4; at < bytes->size(); at += 8)
        if (number(at, 2) == 0x10) mask = number(at + 2, 2);
    for (std::size_t at = 4; at < bytes->size(); at += 8) {
        const std::uint32_t tag = number(at, 2), permissions = number(at + 2, 2) & mask;
        if (tag != 0x02 && tag != 0x08) continue;  // a user or a group by number
        const std::string who = (tag == 0x02 ? "user:" : "group:") + std::to_string(number(at + 4, 4));
        if ((permissions & 4) != 0) acl.reads += (acl.reads.empty() ? "" : " ") + who;
        if ((permissions & 2) != 0) acl.writes += (acl.writes.empty() ? "" : " ") + who;
    }
    return acl;
}

// "auth.log.2.gz", "secure-20260101", "system@0005….journal" → "auth.log", "secure", "*.journal"
std::string without_rotation(std::string name) {
    for (const std::string_view packed : {".gz", ".xz", ".zst", ".bz2"})
        if (name.ends_with(packed)) name.resize(name.size() - packed.size());
    if (name.ends_with(".journal") || name.ends_with(".journal~")) return "*.journal";
    for (const char mark : {'.', '-'}) {
        const auto at = name.rfind(mark);
        if (at == std::string::npos || at == 0 || at + 1 == name.size()) continue;
        if (name.find_first_not_of("0123456789", at + 1) == std::string::npos) name.resize(at);
    }
    if (name.ends_with(".old")) name.resize(name.size() - 4);
    return name;
}

class Permissions {
  public:
    Permissions(Host& host, Table& table) : files_{host.files}, table_{table} {
        const AccountsAndGroups local = local_accounts_and_groups(files_);
        for (const PasswdEntry& account : local.accounts) {
            owners_.emplace(account.uid, account.name);
            homes_.insert(account.directory);
        }
        for (const GroupEntry& group : local.groups) groups_.emplace(group.gid, group.name);
        // of those whom a directory names too
        for (const std::string& name : files_.list("/home").value_or(std::vector<std::string>{}))
            if (const auto status = files_.status("/home/" + name); status && status->kind == FileKind::directory)
                homes_.insert("/home/" + name);
    }

    void add(std::string_view kind, const std::string& path) {
        const auto status = files_.status(path);
        if (status) add(kind, path, path, *status);
    }

    // All below a folder, itself too; a file stands for itself. `each` says under which name an entry is shown, or none
    // at all.
    template <typename Each>
    void walk(std::string_view kind, const std::string& path, int depth, const Each& each) {
        if (++entries_ > most_entries)
            throw host_error(Reason::output_too_large, path + ": more than 100,000 files; the walk was cut short");
        const auto status = files_.status_of_link(path);
        if (!status || status->kind == FileKind::symlink) return;
        const bool folder = status->kind == FileKind::directory;
        if (!folder && status->kind != FileKind::regular) return;
        if (const std::string shown = each(path, folder); !shown.empty()) add(kind, path, shown, *status);
        if (!folder) return;
        if (depth >= most_depth)
            throw host_error(Reason::output_too_large,
                             path + ": folders in folders more than 32 deep; the walk was cut short");
        for (const std::string& name : files_.list(path).value_or(std::vector<std::string>{}))
            walk(kind, path + "/" + name, depth + 1, each);
    }

    // Told by what it holds, for which its name must give reason to look.
    std::string private_key(const std::string& path, bool folder) {
        if (folder) return {};
        const std::string_view name = text::file_name(path);
        const bool named = name.ends_with(".key") || name.ends_with(".pem") || name.ends_with("_key") ||
                           name.starts_with("id_") || name.find("privkey") != std::string_view::npos ||
                           path.find("/private/") != std::string::npos;
        if (!named) return {};
        const auto head = files_.read_head(path, head_bytes);
        const bool is_key = head && (head->find("PRIVATE KEY-----") != std::string::npos ||
                                     head->find("PuTTY-User-Key-File") != std::string::npos);
        return is_key ? path : std::string{};
    }

    [[nodiscard]] const std::set<std::string>& homes() const { return homes_; }

  private:
    void add(std::string_view kind, const std::string& path, const std::string& shown, const FileStatus& status) {
        const Acl acl = acl_of(files_, path);
        const bool folder = status.kind == FileKind::directory;
        const std::string key = std::string{kind} + "\n" + shown + "\n" + std::to_string(status.mode) + "\n" +
                                std::to_string(status.uid) + "\n" + std::to_string(status.gid) + "\n" + acl.reads +
                                "\n" + acl.writes;
        if (!known_.insert(key).second) return;
        std::string octal = "0000";
        for (std::size_t i = 0, rest = status.mode & 07777; i < 4; ++i, rest /= 8)
            octal[3 - i] = static_cast<char>('0' + rest % 8);
        const auto owner = owners_.find(status.uid);
        const auto group = groups_.find(status.gid);
        table_.rows.push_back({std::string{kind}, shown, folder, std::int64_t{status.mode & 07777}, octal,
                               owner == owners_.end() ? std::to_string(status.uid) : owner->second,
                               std::int64_t{status.uid},
                               group == groups_.end() ? std::to_string(status.gid) : group->second,
                               std::int64_t{status.gid}, acl.reads, acl.writes});
    }

    Files& files_;
    Table& table_;
    std::map<std::uint32_t, std::string> owners_, groups_;
    std::set<std::string> homes_, known_;
    std::size_t entries_ = 0;
};

std::vector<Table> collect(Host& host) {
    Table table = make_table(tables[0]);
    Permissions permissions{host, table};
    for (const std::string_view path : rules) permissions.add("rules", std::string{path});
    const auto as_it_is = [](const std::string& path, bool) { return path; };
    for (const std::string_view path : rule_folders) permissions.walk("rules", std::string{path}, 0, as_it_is);
    for (const std::string_view path : secrets) permissions.add("secrets", std::string{path});
    const auto keys = [&](const std::string& path, bool folder) { return permissions.private_key(path, folder); };
    permissions.walk("private_key", "/etc", 0, keys);
    for (const std::string& home : permissions.homes())
        if (home.size() > 1 && home.starts_with('/')) permissions.walk("private_key", home + "/.ssh", 0, keys);
    permissions.walk("log", "/var/log", 0, [](const std::string& path, bool folder) {
        return folder ? path
                      : std::string{text::folder(path)} + "/" + without_rotation(std::string{text::file_name(path)});
    });
    std::sort(table.rows.begin(), table.rows.end());
    return {table};
}

}  // namespace

extern constexpr Collector file_permissions{
    .name = "file_permissions",
    .version = 2,
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources =
        "stat(2) and access control lists of /etc, /root, .ssh of every home, /var/log; the first "
        "bytes of files named like keys; /etc/passwd, /etc/group and the further files that nsswitch.conf names",
    .collect = collect};

}  // namespace annexa::collectors
