// How much room file systems have left, in whole percents rounded down, so that a full disk is evidence and each
// written block is not.
//
// statvfs(3): free is what others than root may use. Read-only and packed file systems (squashfs, iso9660) are always
// full and left out, as are those without blocks (proc) and those of other hosts. A file system that is mounted at
// several places is a row each.
#include "collectors/collector.hpp"
#include "collectors/support/mountinfo.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"path", Type::text, "Where it is mounted"},
    {"type", Type::text, "File system: ext4, xfs, tmpfs"},
    {"free_percent", Type::integer,
     "Blocks that others than root may use, in percent rounded down; null where the file system does not answer",
     Trait::nullable},
    {"free_inodes_percent", Type::integer,
     "The same of inodes; 100 where the file system makes them as needed; null as above", Trait::nullable},
};
constexpr TableDefinition tables[] = {
    {"disk_headroom", "Room in writable local file systems, one row a mount", columns},
};

constexpr std::array<std::string_view, 16> not_local{
    "nfs",    "nfs4", "cifs",     "smb3",    "9p",  "ceph",   "fuse.sshfs", "glusterfs",
    "lustre", "afs",  "squashfs", "iso9660", "udf", "autofs", "efivarfs",   "cgroup2"};

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    const auto mounts = parse_mountinfo(read_mountinfo(kernel));
    Table table = make_table(tables[0]);
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const Mount& mount = mounts[i];
        if (has_option(mount.options, "ro") || has_option(mount.super_options, "ro")) continue;
        if (std::find(not_local.begin(), not_local.end(), mount.type) != not_local.end()) continue;
        if (is_hidden(mounts, i)) continue;
        const auto usage = kernel.usage(mount.path);
        if (!usage) {
            if (mount.device.starts_with("/dev/")) table.rows.push_back({mount.path, mount.type, Value{}, Value{}});
            continue;
        }
        if (usage->blocks == 0) continue;
        const auto percent = [](std::uint64_t part, std::uint64_t whole) {
            return static_cast<std::int64_t>(static_cast<double>(part) * 100.0 / static_cast<double>(whole));
        };
        // as df: what root keeps for itself is neither free nor used
        const std::uint64_t used = usage->blocks - std::min(usage->blocks_free, usage->blocks);
        const std::uint64_t all = used + usage->blocks_available;
        table.rows.push_back({mount.path, mount.type,
                              all == 0 ? std::int64_t{0} : percent(usage->blocks_available, all),
                              usage->inodes == 0 ? std::int64_t{100} : percent(usage->inodes_free, usage->inodes)});
    }
    return {table};
}

}  // namespace

extern constexpr Collector disk_headroom{.name = "disk_headroom",
                                         .tables = tables,
                                         .needs = Capability::sys_ptrace,
                                         .reads_images = false,
                                         .sources = "/proc/1/mountinfo, statvfs(3)",
                                         .collect = collect};

}  // namespace annexa::collectors
