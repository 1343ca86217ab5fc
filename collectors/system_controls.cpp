// Parameters of the kernel: as they are (/proc/sys) and as the next boot will set them (sysctl.d).
//
// Configured: what systemd-sysctl(8) does at boot with /etc, /run, /usr/local/lib and /usr/lib/sysctl.d;
// /etc/sysctl.conf counts where a file of theirs is a link to it, as Debian ships it. Counters and states are no
// settings and are left out, since they would change the table each hour; so are keys (stable_secret,
// tcp_fastopen_key).
#include "collectors/collector.hpp"
#include "collectors/support/sysctl_config.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Parameter: net.ipv4.ip_forward"},
    {"oid", Type::text, "Empty: Linux has no numbers for them"},
    {"subsystem", Type::text, "First part of the name: net"},
    {"current_value", Type::text, "Value in the running kernel; null on an image and where it may not be read",
     Trait::nullable},
    {"config_value", Type::text, "Value that sysctl.d sets at boot; null where it sets none", Trait::nullable},
    {"type", Type::text, "Always: string"},
    {"config_source", Type::text, "File and line that sets it: /etc/sysctl.d/50-site.conf:3", Trait::nullable},
};
constexpr TableDefinition tables[] = {
    {"system_controls", "Parameters of the kernel, running and configured, one row a parameter", columns},
};

constexpr std::size_t most_parameters = 100'000;
constexpr int most_depth = 12;

constexpr std::array never_shown{
    // states and counters
    "fs/aio-nr",
    "fs/dentry-state",
    "fs/file-nr",
    "fs/inode-nr",
    "fs/inode-state",
    "fs/quota",
    "kernel/ns_last_pid",
    "kernel/pty/nr",
    "kernel/random/boot_id",
    "kernel/random/entropy_avail",
    "kernel/random/uuid",
    "kernel/firmware_config",
    "kernel/sched_domain",
    "net/netfilter/nf_conntrack_count",
    "vm/stat_refresh",
    "sunrpc/transports",
    // what reading does something, or what only takes writes
    "net/ipv4/route/flush",
    "net/ipv6/route/flush",
    "vm/compact_memory",
    "vm/drop_caches",
    // keys
    "net/ipv4/tcp_fastopen_key",
};

bool is_shown(std::string_view path) {
    if (path.ends_with("/stable_secret") || path.find("/neigh/") != std::string_view::npos) return false;
    return std::none_of(never_shown.begin(), never_shown.end(), [&](std::string_view hidden) {
        return path == hidden || (path.starts_with(hidden) && path[hidden.size()] == '/');
    });
}

/// The paths below /proc/sys; folders are told by what they list.
void add_paths(Kernel& kernel, const std::string& folder, std::set<std::string>& paths, int depth) {
    if (depth > most_depth) throw host_error(Reason::unreadable_source, "/proc/sys: is deeper than annexa reads");
    for (const std::string& name : kernel.list("/proc/sys" + folder).value_or(std::vector<std::string>{})) {
        const std::string path = folder + "/" + name;
        if (!is_shown(std::string_view{path}.substr(1))) continue;
        if (paths.size() >= most_parameters)
            throw host_error(Reason::unreadable_source, "/proc/sys: has more parameters than annexa reads");
        if (kernel.list("/proc/sys" + path)) {
            add_paths(kernel, path, paths, depth + 1);
        } else {
            paths.insert(path.substr(1));
        }
    }
}

Value running_value(Kernel* kernel, const std::string& path) {
    if (kernel == nullptr) return std::monostate{};
    try {
        const std::optional<std::string> text = kernel->read("/proc/sys/" + path, 65536);
        return text ? Value{std::string{text::trimmed(*text)}} : Value{};
    } catch (const host_error&) {
        return std::monostate{};  // some answer root alone, some only take writes; the schema says what null means
    }
}

/// Parameters that exist on every kernel, so that a glob for interfaces says something of an image too.
void add_every_interface(const SysctlConfig& config, std::set<std::string>& paths) {
    for (const SysctlOption& option : config.options()) {
        if (!is_glob(option.key)) {
            if (option.value && is_shown(option.key)) paths.insert(option.key);
            continue;
        }
        for (const std::string_view family : {"net/ipv4/conf/", "net/ipv6/conf/"}) {
            if (!option.key.starts_with(family)) continue;
            const std::size_t end = option.key.find('/', family.size());
            if (end == std::string::npos || is_glob(std::string_view{option.key}.substr(end))) continue;
            for (const char* interface : {"all", "default"})
                if (const std::string path = std::string{family} + interface + option.key.substr(end); is_shown(path))
                    paths.insert(path);
        }
    }
}

std::vector<Table> collect(Host& host) {
    SysctlConfig config;
    for (const File& file : host.files.read_systemd_folders("sysctl.d", ".conf")) config.add(file);
    std::set<std::string> paths;
    if (host.kernel != nullptr) {
        add_paths(*host.kernel, "", paths, 0);
        if (paths.empty()) throw host_error(Reason::unreadable_source, "/proc/sys: shows no parameter: is it mounted?");
    }
    add_every_interface(config, paths);

    Table table = make_table(tables[0]);
    for (const std::string& path : paths) {
        const SysctlOption* configured = config.find(path);
        const Value current = running_value(host.kernel, path);
        if (configured == nullptr && host.kernel == nullptr) continue;  // taken out of every glob
        const std::string name = sysctl_name(path);
        Row row{name,
                std::string{},
                name.substr(0, name.find('.')),
                current,
                std::monostate{},
                std::string{"string"},
                std::monostate{}};
        if (configured != nullptr) {
            row[4] = *configured->value;
            row[6] = configured->source;
        }
        table.rows.push_back(std::move(row));
    }
    return {table};
}

}  // namespace

extern constexpr Collector system_controls{.name = "system_controls",
                                           .tables = tables,
                                           .sources = "/proc/sys; sysctl.d of /etc, /run, /usr/local/lib and /usr/lib",
                                           .collect = collect};

}  // namespace annexa::collectors
