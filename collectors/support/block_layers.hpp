// What a block device rests on: from a file system down through partitions, LVM, RAID, device mapper and loop files to
// disks, as sysfs tells it, and whether every way down passes an encrypting layer.
#pragma once

#include "collectors/host.hpp"
#include "collectors/support/mountinfo.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// How data that leaves memory rests. `encrypted` is nothing where it cannot be told (ZFS, remote, FUSE).
struct Encryption {
    std::optional<bool> encrypted;
    std::string method;  // LUKS2, LUKS1, PLAIN, fscrypt…, or why not: none, memory, remote, zfs, unknown
    bool at_rest = true; // false: gone with the power (tmpfs, zram)
};

class BlockLayers {
  public:
    /// mounts: for loop files and swap files, which rest on what their folder is on.
    BlockLayers(Host& host, Kernel& kernel, std::vector<Mount> mounts)
        : host_{host}, kernel_{kernel}, mounts_{std::move(mounts)} {}

    /// Of "254:0".
    Encryption of_device(const std::string& number, int depth = 0);
    Encryption of_mount(const Mount& mount, int depth = 0);
    /// Of a file, by the mount that holds it.
    Encryption of_file(const std::string& path, int depth = 0);
    /// Of /dev/dm-0, /dev/mapper/swap (links are followed) or a file.
    Encryption of_path(const std::string& path);

    /// sysfs' file of a device, trimmed; empty where there is none. "254:0", "dm/uuid".
    std::string attribute(const std::string& number, std::string_view name);
    /// "254:0" of a device's kernel name ("dm-0"); empty where there is none.
    std::string number_of(std::string_view name);

    /// The disk's kernel name ("sda") of a partition; empty for what is none.
    std::string disk_of(const std::string& number);

    [[nodiscard]] const std::vector<Mount>& mounts() const { return mounts_; }

  private:
    Encryption all_of(const std::vector<std::string>& numbers, int depth);

    Host& host_;
    Kernel& kernel_;
    std::vector<Mount> mounts_;
    std::map<std::string, Encryption> known_;
};

/// "CRYPT-LUKS2-0123…-root" → LUKS2; empty for device mapper's other kinds, integrity and verity among them.
std::string crypt_method(std::string_view dm_uuid);

/// KEY=value lines of udev's record of a device (/run/udev/data/b254:0, lines that begin with E:).
std::map<std::string, std::string> udev_properties(Files& files, const std::string& number);

}  // namespace annexa::collectors
