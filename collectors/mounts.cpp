// Mounted file systems, as this machine's first mount namespace sees them (/proc/1/mountinfo, else /proc/self/mountinfo).
// Options are those of the mount and of its file system together, as /proc/mounts shows them. What counts blocks changes
// by itself and is not evidence.
#include "collectors/collector.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/mountinfo.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"device", Type::text, "Device or source: /dev/mapper/root, tmpfs"},
    {"device_alias", Type::text, "What the device's name leads to, where it is a link: /dev/dm-0"},
    {"path", Type::text, "Where it is mounted"},
    {"type", Type::text, "File system: ext4, tmpfs"},
    {"blocks_size", Type::integer, "Block size in bytes; null where the file system does not answer", Trait::nullable_changing},
    {"blocks", Type::integer, "Blocks", Trait::nullable_changing},
    {"blocks_free", Type::integer, "Free blocks", Trait::nullable_changing},
    {"blocks_available", Type::integer, "Blocks available to others than root", Trait::nullable_changing},
    {"inodes", Type::integer, "Inodes", Trait::nullable_changing},
    {"inodes_free", Type::integer, "Free inodes", Trait::nullable_changing},
    {"flags", Type::text, "Options of mount and file system: rw,nosuid,nodev"},
    {"root", Type::text, "Which part of the file system is mounted: / or a folder of it (bind mounts)"},
    {"hidden", Type::boolean, "Whether a later mount on the same path lies over it"},
};
constexpr TableDefinition tables[] = {
    {"mounts", "Mounted file systems, one row a mount", columns},
};

std::string flags_of(const Mount& mount) {
    std::string flags = mount.options;
    for (const std::string_view option : text::split(mount.super_options, ','))
        if (!option.empty() && option != "rw" && option != "ro" && !has_option(flags, option))
            flags += "," + std::string{option};
    // a mount that says rw over a file system that is ro cannot be written
    if (has_option(mount.super_options, "ro") && flags.starts_with("rw")) flags.replace(0, 2, "ro");
    return without_secrets(flags, ',');
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    const auto mounts = parse_mountinfo(read_mountinfo(kernel));
    Table table = make_table(tables[0]);
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const Mount& mount = mounts[i];
        const bool hidden = is_hidden(mounts, i);
        const auto usage = hidden ? std::nullopt : kernel.usage(mount.path);
        const auto count = [&](std::uint64_t FileSystemUsage::* member) {
            return usage ? Value{static_cast<std::int64_t>((*usage).*member)} : Value{};
        };
        const std::string alias = mount.device.starts_with("/dev/")
                                      ? "/dev/" + std::string{text::file_name(host.files.read_link(mount.device).value_or(mount.device))}
                                      : mount.device;
        table.rows.push_back({mount.device, alias, mount.path, mount.type, count(&FileSystemUsage::block_size_bytes),
                              count(&FileSystemUsage::blocks), count(&FileSystemUsage::blocks_free),
                              count(&FileSystemUsage::blocks_available), count(&FileSystemUsage::inodes),
                              count(&FileSystemUsage::inodes_free), flags_of(mount), mount.root, hidden});
    }
    return {table};
}

}  // namespace

extern constexpr Collector mounts{.name = "mounts",
                                  .version = 1,
                                  .tables = tables,
                                  .needs = Capability::sys_ptrace | Capability::dac_read_search,
                                  .cost = Cost::fast,
                                  .reads_images = false,
                                  .runs_programs = false,
                                  .sources = "/proc/1/mountinfo, statvfs(3)",
                                  .collect = collect};

}  // namespace annexa::collectors
