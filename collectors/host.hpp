// The machine as collectors see it: files, kernel and permitted programs, apart.
//
// An image (--root DIR) has files alone: kernel and programs are null there, and whoever needs them says
// not_applicable, needs_running_system. Every read is bounded, recorded as a source, and never leaves the root: a
// symbolic link is followed as the image's own kernel would follow it (openat2 with RESOLVE_IN_ROOT). Special files are
// never opened.
//
// Absence is a value (nullopt, an empty list), failure is host_error: "/etc/shadow: Permission denied".
#pragma once

#include "evidence/errors.hpp"
#include "evidence/instant.hpp"
#include "evidence/reason.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

using evidence::Reason;

/// A source is there but could not be read or understood; its reason stands in the statement, its text in messages.
class host_error : public evidence::error {
  public:
    host_error(Reason reason, const std::string& message) : error(message), reason_{reason} {}
    [[nodiscard]] Reason reason() const { return reason_; }

  private:
    Reason reason_;
};

/// There is nothing of this kind on the host (or the image cannot tell): state not_applicable, with its reason.
class not_applicable : public host_error {
  public:
    using host_error::host_error;
};

struct File {
    std::string path;  // as the host names it, whatever the root
    std::string text;
};

enum class FileKind { regular, directory, symlink, block, character, fifo, socket };

struct FileStatus {
    FileKind kind = FileKind::regular;
    std::uint32_t mode = 0;  // permission bits with setuid, setgid and sticky: 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size_bytes = 0;
    std::int64_t modified = 0;                     // Unix seconds
    std::int64_t modified_ns = 0, changed_ns = 0;  // Unix nanoseconds as the file system keeps them (mtime, ctime)
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t links = 0;
};

/// Block and inode counts of a mounted file system (statvfs).
struct FileSystemUsage {
    std::uint64_t block_size_bytes = 0, blocks = 0, blocks_free = 0, blocks_available = 0, inodes = 0, inodes_free = 0;
};

constexpr std::size_t default_read_bytes = std::size_t{16} << 20;

/// Paths are absolute and name the host's own files, whatever the root is. Not thread-safe.
class Files {
  public:
    virtual ~Files() = default;

    /// The whole of a regular file (links followed). Nothing where it does not exist or a folder on the way does not;
    /// throws host_error where it cannot be read, is a special file, or is larger than most_bytes.
    virtual std::optional<File> read(std::string_view path, std::size_t most_bytes = default_read_bytes) = 0;

    /// The first bytes of a regular file (signatures, headers), fewer where it is shorter.
    virtual std::optional<std::string> read_head(std::string_view path, std::size_t bytes) = 0;

    /// Of the thing itself (lstat) or of what a link leads to. Nothing where it does not exist.
    virtual std::optional<FileStatus> status(std::string_view path) = 0;
    virtual std::optional<FileStatus> status_of_link(std::string_view path) = 0;

    /// The names in a folder without . and .., sorted bytewise; nothing where it does not exist.
    virtual std::optional<std::vector<std::string>> list(std::string_view path) = 0;

    /// The target of a symbolic link as written; nothing where it is none.
    virtual std::optional<std::string> read_link(std::string_view path) = 0;

    /// An extended attribute's bytes (security.capability); nothing where there is none.
    virtual std::optional<std::string> attribute(std::string_view path, std::string_view name) = 0;

    /// MD5 of a regular file's bytes in hex, read piece by piece whatever its size: what dpkg keeps of a package's
    /// files. Not recorded as a source, as there are a hundred thousand of them: the lists that name the files are.
    /// Nothing where it does not exist or is no regular file (a link is not followed).
    virtual std::optional<std::string> md5(std::string_view path) = 0;

    /// The same with SHA-256: what rpm keeps.
    virtual std::optional<std::string> sha256(std::string_view path) = 0;

    /// For libraries that open files themselves (libapt-pkg, librpm): a path below /proc/self/fd that leads to this
    /// regular file, checked and recorded as a source like any other, for as long as this object lives. Nothing where
    /// it does not exist; throws host_error as read() does.
    virtual std::optional<std::string> path_for_library(std::string_view path) = 0;

    /// Configuration in layers, the order of decreasing age in which later lines override earlier ones:
    /// /usr/etc/NAME or (where it exists) /etc/NAME, then the drop-ins NAME.d/*.SUFFIX of /usr/etc and /etc, sorted by
    /// file name, one in /etc hiding its namesake. See libeconf; suffix is what comes after the last dot of NAME.
    std::vector<File> read_layers(std::string_view name);

    /// systemd's order: NAME in the first of /etc, /run, /usr/local/lib, /usr/lib, then
    /// NAME.d/*.SUFFIX of all of them sorted by file name, a file of /etc hiding its namesake in /run and so on, a link
    /// to /dev/null masking it. Example: read_systemd_layers("systemd/journald.conf", ".conf"). With an empty NAME's
    /// file (sysctl.d) only the folders count: read_systemd_folders("sysctl.d", ".conf").
    std::vector<File> read_systemd_layers(std::string_view name, std::string_view suffix);
    std::vector<File> read_systemd_folders(std::string_view folder, std::string_view suffix);
};

struct KernelName {
    std::string system, node, release, version, machine;  // uname(2)
};

/// One socket that the kernel says is listening (TCP) or bound (UDP, raw), or listens (UNIX).
struct KernelSocket {
    int family = 0;    // AF_INET, AF_INET6, AF_UNIX
    int protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP, … ; 0 for UNIX
    std::string address;
    std::uint16_t port = 0;
    std::string path;  // UNIX: an abstract name begins with @
    std::uint32_t uid = 0;
    std::uint64_t inode = 0;
};

/// An address of a network interface, as numbers and dots or colons; what it has not is empty.
struct KernelAddress {
    std::string interface { }, address{}, mask{}, broadcast{}, point_to_point{}; };

/// adjtimex(2), read only.
struct KernelClock {
    bool synchronized = false;  // neither STA_UNSYNC nor TIME_ERROR
    std::int64_t offset_us = 0, maximum_error_us = 0, estimated_error_us = 0;
};

/// NETLINK_AUDIT, AUDIT_GET and AUDIT_LIST_RULES.
struct KernelAudit {
    std::uint32_t enabled = 0, failure = 0, pid = 0, rate_limit = 0, backlog_limit = 0, lost = 0, backlog = 0;
    std::vector<std::string> rules;  // as auditctl -l prints them
};

/// A chain of nf_tables as loaded, with what its rules do to packets, in their order: "accept", "drop", "jump NAME",
/// "goto NAME", "return", "queue", "unknown"; "if " before it where the rule asks for anything, and "mostly " where
/// nearly every packet from outside answers to what it asks and is accepted. Rules that decide nothing are left out.
struct KernelFilterChain {
    std::string family{}, table{}, name{};  // inet, ip, ip6, arp, bridge, netdev
    std::string type{}, hook{};             // of a base chain: filter, nat, route; input, forward, …
    std::int64_t priority = 0;
    std::string policy{};  // of a base chain: accept, drop
    bool dormant = false;  // its table is switched off
    std::vector<std::string> rules{};
};

/// org.freedesktop.systemd1 ListUnits joined with ListUnitFiles.
struct SystemdUnit {
    std::string id{}, description{}, load_state{}, active_state{}, sub_state{}, following{}, object_path{};
    std::int64_t job_id = 0;
    std::string job_type{}, job_path{}, unit_file_state{}, fragment_path{}, user{}, source_path{};
};

/// What only a running kernel and its managers know. Not thread-safe.
class Kernel {
  public:
    virtual ~Kernel() = default;

    /// A file below /proc or /sys; nothing where it does not exist. Throws host_error where it cannot be read.
    virtual std::optional<std::string> read(std::string_view path, std::size_t most_bytes = std::size_t{4} << 20) = 0;
    virtual std::optional<std::vector<std::string>> list(std::string_view path) = 0;
    virtual std::optional<std::string> read_link(std::string_view path) = 0;

    virtual KernelName name() = 0;
    virtual evidence::Instant now() = 0;
    virtual std::optional<FileSystemUsage> usage(std::string_view mount_point) = 0;
    virtual std::vector<KernelSocket> sockets() = 0;
    /// getifaddrs(3): IPv4 and IPv6, in the kernel's order. Throws host_error where it refuses.
    virtual std::vector<KernelAddress> addresses() = 0;
    virtual KernelClock clock() = 0;
    /// Throws not_applicable where the kernel has no audit, host_error where it refuses.
    virtual KernelAudit audit() = 0;
    /// NFNL_SUBSYS_NFTABLES; none where this kernel has no nf_tables. Throws host_error where it refuses.
    virtual std::vector<KernelFilterChain> filter_chains() = 0;
    /// Throws not_applicable where systemd is not process 1 here.
    virtual std::vector<SystemdUnit> units() = 0;
    /// Properties of units by sd-bus (Get on the unit's own interfaces), as text: {"NextElapseUSecRealtime": "…"}.
    virtual std::map<std::string, std::string> unit_properties(std::string_view unit,
                                                               const std::vector<std::string>& names) = 0;
    /// The first bytes of a block device that sysfs or udev says holds LUKS, read-only and non-blocking; nothing for
    /// others.
    virtual std::optional<std::string> luks_header(std::string_view device, std::size_t bytes) = 0;
};

struct ProgramOutput {
    int exit_status = 0;
    std::string output;  // standard output
    std::string errors;  // standard error
};

/// The few programs that are the one authority of what they print (`sshd -T`): absolute path, clean environment, no
/// shell, a time limit and a cap on what they print. Throws host_error (not on the list, not there, failed, too slow).
class Programs {
  public:
    virtual ~Programs() = default;
    virtual ProgramOutput run(std::string_view path, const std::vector<std::string>& arguments) = 0;
};

struct Host {
    Files& files;
    Kernel* kernel = nullptr;      // null: an image
    Programs* programs = nullptr;  // null: an image
};

/// The kernel or the programs, or not_applicable with needs_running_system.
Kernel& running_kernel(Host& host);
Programs& permitted_programs(Host& host);

}  // namespace annexa::collectors
