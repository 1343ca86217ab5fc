// Whether data at rest is encrypted: each block device, each mount, each swap, followed down to the disks through LVM,
// RAID, partitions and loop files. Encrypted means that every way down passes an encrypting layer.
//
// That a layer is there is what the kernel says (device mapper's uuid); how strong it is stands in luks_devices.
// `encrypted` is null where the kernel cannot tell (ZFS, remote, FUSE, self-encrypting disks count as not encrypted).
#include "collectors/collector.hpp"
#include "collectors/support/block_layers.hpp"
#include "collectors/support/text.hpp"

#include <set>

namespace annexa::collectors {
namespace {

constexpr Column device_columns[] = {
    {"name", Type::text, "Device: /dev/dm-0"},
    {"uuid", Type::text, "UUID of what is on it, as udev found it"},
    {"encrypted", Type::integer, "1 where it is encrypted itself or rests on encrypted devices alone, 0 where not, null where unknown", Trait::nullable},
    {"type", Type::text, "What encrypts: LUKS2, LUKS1, PLAIN; empty where nothing does"},
    {"encryption_status", Type::text, "encrypted, not encrypted, undefined"},
};
constexpr Column mount_columns[] = {
    {"path", Type::text, "Where it is mounted"},
    {"device", Type::text, "Device or source"},
    {"type", Type::text, "File system"},
    {"encrypted", Type::boolean, "Whether all that it rests on is encrypted; null where that cannot be told", Trait::nullable},
    {"method", Type::text, "What encrypts (LUKS2), or none, memory, remote, zfs, unknown"},
    {"at_rest", Type::boolean, "Whether it outlives the power: false for what is in memory alone"},
    {"read_only", Type::boolean, "Whether its file system is read-only"},
};
constexpr Column swap_columns[] = {
    {"path", Type::text, "Device or file"},
    {"type", Type::text, "partition or file"},
    {"size_kib", Type::integer, "Size in KiB"},
    {"used_kib", Type::integer, "Used, in KiB", Trait::changing},
    {"priority", Type::integer, "Priority", Trait::changing},
    {"encrypted", Type::boolean, "Whether all that it rests on is encrypted; null where that cannot be told", Trait::nullable},
    {"method", Type::text, "What encrypts (LUKS2, PLAIN), or none, memory, zfs, unknown"},
    {"at_rest", Type::boolean, "Whether it outlives the power: false for zram"},
};
constexpr TableDefinition tables[] = {
    {"disk_encryption", "Block devices and whether they are encrypted, one row a device", device_columns},
    {"mount_encryption", "Mounted file systems and whether they are encrypted, one row a path", mount_columns},
    {"swaps", "Swap in use and whether it is encrypted, one row an area", swap_columns},
};

Value or_null(std::optional<bool> flag) { return flag ? Value{*flag} : Value{}; }

Table devices(Host& host, Kernel& kernel, BlockLayers& layers) {
    Table table = make_table(tables[0]);
    for (const std::string& name : kernel.list("/sys/class/block").value_or(std::vector<std::string>{})) {
        const std::string number = layers.number_of(name);
        const std::string size = layers.attribute(number, "size");
        if (number.empty() || size.empty() || size == "0") continue;
        const Encryption found = layers.of_device(number);
        auto udev = udev_properties(host.files, number);
        table.rows.push_back({"/dev/" + name, udev["ID_FS_UUID"],
                              found.encrypted ? Value{std::int64_t{*found.encrypted ? 1 : 0}} : Value{},
                              found.encrypted == true ? found.method : std::string{},
                              std::string{!found.encrypted ? "undefined" : *found.encrypted ? "encrypted" : "not encrypted"}});
    }
    return table;
}

Table mounts(BlockLayers& layers) {
    Table table = make_table(tables[1]);
    std::set<std::string> seen;  // the last on a path is the one that is used
    for (auto mount = layers.mounts().rbegin(); mount != layers.mounts().rend(); ++mount) {
        if (!seen.insert(mount->path).second) continue;
        const Encryption found = layers.of_mount(*mount);
        const bool read_only = has_option(mount->super_options, "ro");
        table.rows.push_back({mount->path, mount->device, mount->type, or_null(found.encrypted), found.method, found.at_rest, read_only});
    }
    return table;
}

Table swaps(Kernel& kernel, BlockLayers& layers) {
    Table table = make_table(tables[2]);
    bool first = true;
    const std::string areas = kernel.read("/proc/swaps").value_or("");
    for (const text::Line& line : text::lines(areas)) {
        if (std::exchange(first, false)) continue;  // the heading
        const auto words = text::words(line.text);
        const auto size = words.size() == 5 ? text::integer(words[2]) : std::nullopt;
        const auto used = words.size() == 5 ? text::integer(words[3]) : std::nullopt;
        const auto priority = words.size() == 5 ? text::integer(words[4]) : std::nullopt;
        if (!size || !used || !priority)
            throw host_error(Reason::malformed_source, "/proc/swaps:" + std::to_string(line.number) + ": not a line of swaps");
        const std::string path = unescape_mount(words[0]);
        const Encryption found = layers.of_path(path);
        table.rows.push_back({path, std::string{words[1]}, *size, *used, *priority, or_null(found.encrypted), found.method, found.at_rest});
    }
    return table;
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    BlockLayers layers{host, kernel, parse_mountinfo(read_mountinfo(kernel))};
    return {devices(host, kernel, layers), mounts(layers), swaps(kernel, layers)};
}

}  // namespace

extern constexpr Collector disk_encryption{.name = "disk_encryption",
                                           .version = 1,
                                           .tables = tables,
                                           .needs = Capability::sys_ptrace,
                                           .cost = Cost::fast,
                                           .reads_images = false,
                                           .runs_programs = false,
                                           .sources = "/proc/1/mountinfo, /proc/swaps, /sys/dev/block, /sys/fs/btrfs",
                                           .collect = collect};

}  // namespace annexa::collectors
