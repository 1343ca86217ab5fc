// Whether this host installs security updates by itself: apt's periodic settings, the origins that unattended-upgrades may
// take from, the two timers that start it, and when it last did. One row, because one of these alone says nothing.
//
// Rules: apt.systemd.daily of apt (intervals "0", "always", days, or with s, m, h, d; Enable "1" and the rest "0" where
// nothing is said) and unattended-upgrade's own matching of Allowed-Origins and Origins-Pattern.
#include "collectors/collector.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"enabled", Type::boolean, "APT::Periodic::Enable"},
    {"refreshes_indexes", Type::boolean, "Whether APT::Periodic::Update-Package-Lists is more than never"},
    {"upgrades", Type::boolean, "Whether APT::Periodic::Unattended-Upgrade is more than never"},
    {"installed", Type::boolean, "Whether the package unattended-upgrades is installed"},
    {"security_origins", Type::boolean, "Whether its origins take in the distribution's security archive"},
    {"origins", Type::text, "Its origins as configured, one after the other"},
    {"blocked_packages", Type::text, "Patterns of packages that it leaves alone"},
    {"refresh_timer", Type::text, "State of apt-daily.timer: active; of an image enabled; else inactive, masked, absent, no_systemd"},
    {"upgrade_timer", Type::text, "State of apt-daily-upgrade.timer"},
    {"last_refresh", Type::integer, "When apt.systemd.daily last refreshed the indexes, Unix seconds; null where it never did", Trait::nullable},
    {"last_upgrade", Type::integer, "When unattended-upgrades last ran to its end, Unix seconds; null where it never did", Trait::nullable},
    {"source", Type::text, "File and line that decides about upgrades; empty where the default does"},
};
constexpr TableDefinition tables[] = {
    {"auto_updates", "Automatic updates of a Debian host, one row", columns},
};

bool is_due_ever(const AptConfig& config, std::string_view name) {
    std::string interval{text::trimmed(config.value(name, "0"))};
    if (interval == "always") return true;
    while (!interval.empty() && std::string_view{"smhd"}.find(interval.back()) != std::string_view::npos) interval.pop_back();
    return text::integer(interval).value_or(0) > 0;
}

struct Archive {
    std::string origin, label, suite, codename;
};

std::map<std::string, std::string> os_release(Files& files) {
    std::map<std::string, std::string> values;
    auto file = files.read("/etc/os-release");
    if (!file) file = files.read("/usr/lib/os-release");
    if (file)
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments))
            if (const auto pair = text::split_at(line.text, '=')) values[std::string{pair->first}] = text::unquoted(pair->second);
    return values;
}

// The security archive of this release under the names that it bears while the release is stable and after.
std::vector<Archive> security_archives(const std::string& id, const std::string& codename) {
    if (id == "ubuntu") return {{"Ubuntu", "Ubuntu", codename + "-security", codename}};
    std::vector<Archive> archives;
    for (const char* suite : {"stable-security", "oldstable-security", "oldoldstable-security"})
        archives.push_back({"Debian", "Debian-Security", suite, codename + "-security"});
    archives.push_back({"Debian", "Debian-Security", codename + "-security", codename + "-security"});
    return archives;
}

bool matches(const std::string& pattern, const std::string& value) { return ::fnmatch(pattern.c_str(), value.c_str(), 0) == 0; }

std::string substituted(std::string text, const std::string& id, const std::string& codename) {
    const std::string name = id == "ubuntu" ? "Ubuntu" : "Debian";
    for (const auto& [variable, value] : {std::pair<std::string, std::string>{"${distro_id}", name}, {"${distro_codename}", codename}})
        for (std::size_t at = text.find(variable); at != std::string::npos; at = text.find(variable, at + value.size()))
            text.replace(at, variable.size(), value);
    return text;
}

// "origin=Debian,codename=bookworm-security": all must match; a key that is not known matches nothing.
bool pattern_matches(const std::string& pattern, const Archive& archive) {
    bool any = false;
    for (const std::string_view part : text::split(pattern, ',')) {
        const auto pair = text::split_at(part, '=');
        if (!pair) return false;
        const std::string_view key = pair->first;
        const std::string wanted{pair->second};
        const std::string* value = key == "o" || key == "origin"                      ? &archive.origin
                                   : key == "l" || key == "label"                     ? &archive.label
                                   : key == "a" || key == "suite" || key == "archive" ? &archive.suite
                                   : key == "n" || key == "codename"                  ? &archive.codename
                                                                                      : nullptr;
        if (value == nullptr && key != "c" && key != "component" && key != "site") return false;
        if (value != nullptr && !matches(wanted, *value)) return false;
        if (value == nullptr && wanted != "*" && !(wanted == "main" && key != "site")) return false;
        any = true;
    }
    return any;
}

std::string joined(const std::vector<AptConfig::Setting>& settings) {
    std::string text;
    for (const auto& setting : settings) text += (text.empty() ? "" : " | ") + setting.value;
    return text;
}

Value modified(Files& files, const char* path) {
    const auto status = files.status(path);
    return status ? Value{status->modified} : Value{};
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const auto packages = read_dpkg_status(files);
    if (!packages) throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    const AptConfig config = read_apt_config(files);
    const auto release = os_release(files);
    const auto value = [&](const char* name) {
        const auto found = release.find(name);
        return found == release.end() ? std::string{} : found->second;
    };
    const std::string id = text::lower(value("ID"));
    const std::string codename = value("VERSION_CODENAME");

    auto origins = config.list("Unattended-Upgrade::Origins-Pattern");
    auto legacy = config.list("Unattended-Upgrade::Allowed-Origins");
    bool security = false;
    for (const Archive& archive : security_archives(id, codename)) {
        for (const auto& origin : origins) security = security || pattern_matches(substituted(origin.value, id, codename), archive);
        for (const auto& origin : legacy) {  // "Debian:stable-security"
            const std::string entry = substituted(origin.value, id, codename);
            const std::size_t colon = entry.find(':');
            if (colon != std::string::npos)
                security = security || (matches(entry.substr(0, colon), archive.origin) && matches(entry.substr(colon + 1), archive.suite));
        }
    }
    origins.insert(origins.end(), legacy.begin(), legacy.end());
    const bool installed = std::any_of(packages->begin(), packages->end(), [](const DpkgPackage& package) {
        return package.name == "unattended-upgrades" && package.installed();
    });
    const auto units = running_units(host);
    const auto decided = config.find("APT::Periodic::Unattended-Upgrade");
    Table table = make_table(tables[0]);
    table.rows.push_back({config.boolean("APT::Periodic::Enable", true), is_due_ever(config, "APT::Periodic::Update-Package-Lists"),
                          is_due_ever(config, "APT::Periodic::Unattended-Upgrade"), installed, security, joined(origins),
                          joined(config.list("Unattended-Upgrade::Package-Blacklist")), unit_state(host, units, "apt-daily.timer"),
                          unit_state(host, units, "apt-daily-upgrade.timer"), modified(files, "/var/lib/apt/periodic/update-stamp"),
                          modified(files, "/var/lib/apt/periodic/unattended-upgrades-stamp"), decided ? decided->source : std::string{}});
    return {table};
}

}  // namespace

extern constexpr Collector auto_updates{.name = "auto_updates",
                                        .version = 1,
                                        .tables = tables,
                                        .needs = Capability::dac_read_search,
                                        .cost = Cost::fast,
                                        .reads_images = true,
                                        .runs_programs = false,
                                        .sources = "/etc/apt/apt.conf.d, /var/lib/apt/periodic, /var/lib/dpkg/status, systemd",
                                        .collect = collect};

}  // namespace annexa::collectors
