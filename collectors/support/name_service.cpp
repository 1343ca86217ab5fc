#include "collectors/support/name_service.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace annexa::collectors {
namespace {

bool has_entry(Files& files, std::string_view folder, std::string_view suffix) {
    const auto names = files.list(folder);
    return names &&
           std::any_of(names->begin(), names->end(), [&](const std::string& name) { return name.ends_with(suffix); });
}

// nss-systemd makes up root, nobody and the accounts of DynamicUser= while their service runs: they have no password,
// no shell and no say in who is root. It also tells records of userdb(8) and homed, which are accounts like any other.
bool systemd_has_accounts(Files& files) {
    constexpr std::array<std::string_view, 5> folders{"/etc/userdb", "/run/userdb", "/run/host/userdb",
                                                      "/usr/local/lib/userdb", "/usr/lib/userdb"};
    return has_entry(files, "/var/lib/systemd/home", ".identity") ||
           std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) {
               return has_entry(files, folder, ".user") || has_entry(files, folder, ".group") ||
                      has_entry(files, folder, ".membership");
           });
}

// Red Hat lists sss before anybody has joined a directory: sssd.service does not start without a configuration.
bool sssd_is_unconfigured(Files& files) {
    const auto folder = files.list("/etc/sssd");
    return folder && std::find(folder->begin(), folder->end(), "sssd.conf") == folder->end() &&
           files.list("/etc/sssd/conf.d").value_or(std::vector<std::string>{}).empty();
}

bool adds_nothing(Files& files, std::string_view service, std::string_view database) {
    if (service == "files" || service == "compat") return true;
    if (service == "mymachines")
        return true;  // what containers map their users to, vu-NAME-UID, none of which can log in
    if (service == "systemd") return !systemd_has_accounts(files);
    if (service == "sss") return sssd_is_unconfigured(files);
    if (service == "db") return !files.status("/var/db/" + std::string{database} + ".db");
    return false;
}

File required(Files& files, std::string_view path) {
    if (auto file = files.read(path)) return *std::move(file);
    throw host_error(Reason::unreadable_source, std::string{path} + ": No such file or directory");
}

template <class Entry>
void add_further(Files& files, std::string_view database, std::vector<Entry> (*parse)(const File&, Which),
                 std::vector<Entry>& entries) {
    for (const File& file : further_account_files(files, database))
        for (Entry& entry : parse(file, Which::further)) entries.push_back(std::move(entry));
}

}  // namespace

std::vector<File> further_account_files(Files& files, std::string_view database) {
    std::vector<File> more;
    const auto file = files.read("/etc/nsswitch.conf");
    if (!file) return more;
    for (const auto& line : text::lines(file->text, text::whole_line_comments)) {
        const auto parts = text::split_at(line.text.substr(0, line.text.find('#')), ':');
        if (!parts || (parts->first != database && !(database == "group" && parts->first == "initgroups"))) continue;
        std::string services;  // without what stands in brackets
        bool within = false;
        for (const char c : parts->second) {
            within = c == '[' || (within && c != ']');
            services += within || c == ']' ? ' ' : c;
        }
        for (const std::string_view service : text::words(services)) {
            if (adds_nothing(files, service, database)) continue;
            std::string path;
            if (service == "extrausers") path = "/var/lib/extrausers/" + std::string{database};
            if (service == "altfiles") path = "/usr/lib/" + std::string{database};
            if (path.empty())
                throw host_error(Reason::unreadable_source, file->path + ":" + std::to_string(line.number) + ": " +
                                                                std::string{parts->first} + " also comes from " +
                                                                text::printable(service, 80) +
                                                                ", and whom that names is in no file here");
            const bool known =
                std::any_of(more.begin(), more.end(), [&](const File& each) { return each.path == path; });
            if (known) continue;
            if (auto found = files.read(path)) more.push_back(*std::move(found));
        }
    }
    return more;
}

std::vector<PasswdEntry> all_accounts(Files& files) {
    auto accounts = parse_passwd(required(files, "/etc/passwd"));
    add_further(files, "passwd", parse_passwd, accounts);
    return accounts;
}

AccountsAndGroups all_accounts_and_groups(Files& files) {
    AccountsAndGroups all{parse_passwd(required(files, "/etc/passwd")), parse_group(required(files, "/etc/group"))};
    add_further(files, "passwd", parse_passwd, all.accounts);
    add_further(files, "group", parse_group, all.groups);
    return all;
}

AccountsAndGroups local_accounts_and_groups(Files& files, bool* all) {
    AccountsAndGroups local;
    const auto note = [&] {
        if (all != nullptr) *all = false;
    };
    const auto passwd = files.read("/etc/passwd");
    const auto group = files.read("/etc/group");
    if (!passwd || !group) note();
    if (passwd) local.accounts = parse_passwd(*passwd);
    if (group) local.groups = parse_group(*group);
    const auto add = [&](std::string_view database, auto parse, auto& entries) {
        try {
            add_further(files, database, parse, entries);
        } catch (const host_error& error) {
            if (error.reason() != Reason::unreadable_source) throw;  // not a directory that names more
            note();
        }
    };
    add("passwd", parse_passwd, local.accounts);
    add("group", parse_group, local.groups);
    return local;
}

}  // namespace annexa::collectors
