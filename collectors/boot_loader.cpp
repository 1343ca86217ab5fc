// Whether the boot loader lets everybody at the console change what is booted: GRUB's password, systemd-boot's editor.
//
// GRUB: without `superusers` anybody may edit an entry; with it one of them needs a password or password_pbkdf2 (grub
// info, Security). Red Hat keeps the hash in user.cfg. The file holds the hash, and who may read it may try passwords.
// No hash and no password is said. systemd-boot: loader.conf(5), editor is on unless it says no.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"loader", Type::text, "grub, systemd-boot"},
    {"path", Type::text, "Its configuration"},
    {"protection", Type::text,
     "pbkdf2 or plain (GRUB's password of a superuser), editor off (systemd-boot), else none"},
    {"mode", Type::text, "Permissions of the file in octal"},
    {"uid", Type::integer, "Owner of the file"},
    {"gid", Type::integer, "Group of the file"},
    {"source", Type::text, "File and line that protects; the file where none does"},
};
constexpr TableDefinition tables[] = {
    {"boot_loader", "Boot loaders and what protects them, one row a configuration", columns},
};

void add(Table& table, Files& files, const char* loader, const File& file, const std::string& protection,
         const std::string& source) {
    const auto status = files.status(file.path);
    char octal[8] = "";
    std::snprintf(octal, sizeof octal, "%04o", status ? status->mode : 0U);
    table.rows.push_back({std::string{loader}, file.path, protection, std::string{octal},
                          static_cast<std::int64_t>(status ? status->uid : 0),
                          static_cast<std::int64_t>(status ? status->gid : 0), source});
}

std::string unquoted(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (c != '"' && c != '\'') result += c;
    return result;
}

void grub(Table& table, Files& files, const File& file) {
    std::set<std::string> superusers, hashed, plain;
    std::string source;
    for (const text::Line& line : text::lines(file.text, text::whole_line_comments)) {
        const auto words = text::words(line.text);
        if (words[0] == "set" && words.size() > 1 && words[1].starts_with("superusers=")) {
            std::string names = unquoted(line.text.substr(line.text.find('=') + 1));
            for (char& c : names)
                if (c == ',' || c == ';' || c == '|' || c == '&') c = ' ';
            superusers.clear();
            for (const std::string_view name : text::words(names)) superusers.emplace(name);
        } else if ((words[0] == "password_pbkdf2" || words[0] == "password") && words.size() > 2) {
            (words[0] == "password" ? plain : hashed).insert(unquoted(words[1]));
            if (source.empty()) source = file.path + ":" + std::to_string(line.number);
        }
    }
    // Red Hat: 01_users reads user.cfg and makes root the superuser where it holds a hash.
    const std::string user_file = std::string{text::folder(file.path)} + "/user.cfg";
    if (const auto user = files.read(user_file))
        for (const text::Line& line : text::lines(user->text))
            if (line.text.starts_with("GRUB2_PASSWORD=grub.pbkdf2.") &&
                file.text.find("user.cfg") != std::string::npos) {
                superusers.emplace("root");
                hashed.emplace("root");
                source = user_file + ":" + std::to_string(line.number);
            }
    const auto one_of = [&](const std::set<std::string>& names) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return superusers.contains(name); });
    };
    const char* protection = one_of(plain) ? "plain" : one_of(hashed) ? "pbkdf2" : "none";
    add(table, files, "grub", file, protection, source.empty() ? file.path : source);
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    Table table = make_table(tables[0]);
    for (const char* path : {"/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"})
        if (const auto file = files.read(path)) grub(table, files, *file);
    for (const char* path : {"/boot/loader/loader.conf", "/efi/loader/loader.conf", "/boot/efi/loader/loader.conf"})
        if (const auto file = files.read(path)) {
            std::string protection = "none", source = file->path;
            for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
                const auto [name, value] = text::split_at_blank(line.text);
                if (name != "editor") continue;
                const bool off =
                    value == "no" || value == "0" || value == "false" || value == "off" || value == "n" || value == "f";
                protection = off ? "editor off" : "none";
                source = file->path + ":" + std::to_string(line.number);
            }
            add(table, files, "systemd-boot", *file, protection, source);
        }
    if (table.rows.empty())
        throw not_applicable(Reason::not_present,
                             "neither GRUB nor systemd-boot has a configuration below /boot or /efi");
    return {table};
}

}  // namespace

extern constexpr Collector boot_loader{
    .name = "boot_loader",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources = "/boot/grub/grub.cfg, /boot/grub2/grub.cfg and user.cfg, loader.conf of systemd-boot",
    .collect = collect};

}  // namespace annexa::collectors
