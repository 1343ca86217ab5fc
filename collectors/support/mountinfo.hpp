// /proc/PID/mountinfo and fstab(5): what is mounted, and what should be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct Mount {
    std::uint64_t id = 0, parent = 0;
    std::uint32_t major = 0, minor = 0;
    std::string root;           // the part of the file system that is mounted
    std::string path;           // where
    std::string options;        // of this mount: rw,nosuid,nodev
    std::string type;           // ext4, tmpfs
    std::string device;         // /dev/mapper/root, tmpfs
    std::string super_options;  // of the file system
};

/// In the file's order: a later mount on the same path lies over an earlier one.
/// Throws host_error(malformed_source) for a line that is none (proc_pid_mountinfo(5)).
std::vector<Mount> parse_mountinfo(std::string_view text);

/// Whether a list of options, such as rw,nosuid,nodev, holds one.
bool has_option(std::string_view options, std::string_view option);

/// Whether a later mount on the same path lies over the one at `index`.
bool is_hidden(const std::vector<Mount>& mounts, std::size_t index);

class Kernel;

/// Of process 1, whose mounts are the machine's; of this process where another's may not be seen.
std::string read_mountinfo(Kernel& kernel);

/// Octal escapes (\040) as the kernel and fstab write them.
std::string unescape_mount(std::string_view text);

struct FstabEntry {
    std::string device, path, type, options;
    int line = 0;
};

std::vector<FstabEntry> parse_fstab(std::string_view text);

}  // namespace annexa::collectors
