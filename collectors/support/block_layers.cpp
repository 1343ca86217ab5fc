#include "collectors/support/block_layers.hpp"

#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr int most_layers = 32;  // a device that rests on itself cannot be, a file system in a loop file nearly so

constexpr std::array<std::string_view, 27> in_memory{
    "tmpfs",   "ramfs",     "devtmpfs",  "proc",      "sysfs",     "devpts",     "cgroup",     "cgroup2",     "mqueue",
    "hugetlbfs", "securityfs", "debugfs", "tracefs",   "pstore",    "bpf",        "configfs",   "efivarfs",    "fusectl",
    "autofs",  "binfmt_misc", "rpc_pipefs", "nsfs",    "selinuxfs", "smackfs",    "resctrl",    "binder",      "none"};
constexpr std::array<std::string_view, 13> remote{"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.sshfs",
                                                  "fuse.glusterfs", "9p", "virtiofs", "afs", "fuse.s3fs", "ocfs2"};
constexpr std::array<std::string_view, 4> encrypting{"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"};

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_below(std::string_view path, std::string_view folder) {
    if (folder == "/") return path.starts_with('/');
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::string crypt_method(std::string_view dm_uuid) {
    if (!dm_uuid.starts_with("CRYPT-")) return {};
    const std::string_view rest = dm_uuid.substr(6);
    const std::string kind{rest.substr(0, rest.find('-'))};
    // verity and integrity protect against change, not against reading; SUBDEV and TEMP are parts of another volume
    for (const std::string_view method : {"LUKS1", "LUKS2", "PLAIN", "TCRYPT", "BITLK", "LOOPAES", "FVAULT2"})
        if (kind == method) return kind;
    return {};
}

std::map<std::string, std::string> udev_properties(Files& files, const std::string& number) {
    std::map<std::string, std::string> properties;
    const auto file = files.read("/run/udev/data/b" + number);
    if (!file) return properties;
    for (const text::Line& line : text::lines(file->text)) {
        if (!line.text.starts_with("E:")) continue;
        if (const auto pair = text::split_at(line.text.substr(2), '='))
            properties[std::string{pair->first}] = pair->second;
    }
    return properties;
}

std::string BlockLayers::attribute(const std::string& number, std::string_view name) {
    const auto text = kernel_.read("/sys/dev/block/" + number + "/" + std::string{name});
    return text ? std::string{text::trimmed(*text)} : std::string{};
}

std::string BlockLayers::number_of(std::string_view name) {
    const auto text = kernel_.read("/sys/class/block/" + std::string{name} + "/dev");
    return text ? std::string{text::trimmed(*text)} : std::string{};
}

std::string BlockLayers::disk_of(const std::string& number) {
    if (!kernel_.read("/sys/dev/block/" + number + "/partition")) return {};
    // …/block/sda/sda1
    const auto link = kernel_.read_link("/sys/dev/block/" + number);
    return link ? std::string{text::file_name(text::folder(*link))} : std::string{};
}

Encryption BlockLayers::all_of(const std::vector<std::string>& numbers, int depth) {
    Encryption all{true, "", true};
    for (const std::string& number : numbers) {
        const Encryption one = of_device(number, depth);
        if (one.encrypted == false) return one;
        if (!one.encrypted) all.encrypted = std::nullopt;
        all.method = one.method;
    }
    return all;
}

Encryption BlockLayers::of_device(const std::string& number, int depth) {
    if (const auto known = known_.find(number); known != known_.end()) return known->second;
    if (depth > most_layers) return {std::nullopt, "unknown", true};
    const auto remember = [&](Encryption found) { return known_[number] = std::move(found); };
    if (const std::string method = crypt_method(attribute(number, "dm/uuid")); !method.empty())
        return remember({true, method, true});
    if (const auto slaves = kernel_.list("/sys/dev/block/" + number + "/slaves"); slaves && !slaves->empty()) {
        std::vector<std::string> below;
        for (const std::string& slave : *slaves) below.push_back(number_of(slave));
        return remember(all_of(below, depth + 1));
    }
    if (const std::string disk = disk_of(number); !disk.empty()) return remember(of_device(number_of(disk), depth + 1));
    if (const std::string file = attribute(number, "loop/backing_file"); !file.empty()) return remember(of_file(file, depth + 1));
    const auto link = kernel_.read_link("/sys/dev/block/" + number);
    const std::string name{link ? text::file_name(*link) : std::string_view{}};
    if (name.starts_with("zram") || name.starts_with("ram")) return remember({false, "memory", false});
    if (name.starts_with("zd") || name.starts_with("nbd") || name.starts_with("rbd") || name.starts_with("drbd"))
        return remember({std::nullopt, name.starts_with("zd") ? "zfs" : "unknown", true});
    if (attribute(number, "size").empty()) return remember({std::nullopt, "unknown", true});
    return remember({false, "none", true});
}

Encryption BlockLayers::of_mount(const Mount& mount, int depth) {
    if (is_one_of(mount.type, in_memory)) return {false, "memory", false};
    if (is_one_of(mount.type, encrypting)) return {true, mount.type, true};
    if (is_one_of(mount.type, remote)) return {std::nullopt, "remote", true};
    if (mount.type == "zfs") return {std::nullopt, "zfs", true};
    const std::string number = std::to_string(mount.major) + ":" + std::to_string(mount.minor);
    if (mount.major != 0) return of_device(number, depth + 1);
    if (mount.type == "btrfs") {
        // its mounts have numbers of their own; all its devices count
        const std::string name{text::file_name(host_.files.read_link(mount.device).value_or(mount.device))};
        for (const std::string& system : kernel_.list("/sys/fs/btrfs").value_or(std::vector<std::string>{})) {
            const auto devices = kernel_.list("/sys/fs/btrfs/" + system + "/devices");
            if (!devices || std::find(devices->begin(), devices->end(), name) == devices->end()) continue;
            std::vector<std::string> numbers;
            for (const std::string& device : *devices) numbers.push_back(number_of(device));
            return all_of(numbers, depth + 1);
        }
        const std::string device = number_of(name);
        return device.empty() ? Encryption{std::nullopt, "unknown", true} : of_device(device, depth + 1);
    }
    if (mount.type == "overlay") {
        // what is written lies in upperdir, on a file system of its own
        for (const std::string_view option : text::split(mount.super_options, ','))
            if (option.starts_with("upperdir=")) return of_file(std::string{option.substr(9)}, depth + 1);
    }
    return {std::nullopt, "unknown", true};
}

Encryption BlockLayers::of_file(const std::string& path, int depth) {
    if (depth > most_layers) return {std::nullopt, "unknown", true};
    const Mount* best = nullptr;
    for (const Mount& mount : mounts_)  // of equal length the later lies on top
        if (is_below(path, mount.path) && (best == nullptr || mount.path.size() >= best->path.size())) best = &mount;
    return best == nullptr ? Encryption{std::nullopt, "unknown", true} : of_mount(*best, depth + 1);
}

Encryption BlockLayers::of_path(const std::string& path) {
    if (!path.starts_with("/dev/")) return of_file(path);
    const std::string target{host_.files.read_link(path).value_or(path)};
    const std::string number = number_of(text::file_name(target));
    return number.empty() ? Encryption{std::nullopt, "unknown", true} : of_device(number);
}

}  // namespace annexa::collectors
