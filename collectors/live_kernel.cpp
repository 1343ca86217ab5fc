#include "collectors/live_kernel.hpp"

#include "collectors/support/audit_netlink.hpp"
#include "collectors/support/descriptor.hpp"
#include "collectors/support/nft_netlink.hpp"
#include "collectors/support/open_in_root.hpp"
#include "collectors/support/socket_diag.hpp"
#include "collectors/support/systemd_bus.hpp"
#include "collectors/support/text.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

namespace annexa::collectors {
namespace {

constexpr std::size_t most_names_in_folder = 1'000'000;

[[noreturn]] void fail(std::string_view path, int code) {
    const Reason reason = code == EACCES || code == EPERM ? Reason::permission_denied : Reason::unreadable_source;
    throw host_error(reason, text::printable(path) + ": " + std::strerror(code));
}

/// A process that ended while it was looked at was never there.
bool is_gone(int code) { return code == ENOENT || code == ENOTDIR || code == ESRCH; }

void demand_kernel_path(std::string_view path) {
    if (path.find('\0') != std::string_view::npos)
        throw host_error(Reason::unreadable_source, text::printable(path) + ": is no name of a file");
    if (!path.starts_with("/proc/") && !path.starts_with("/sys/") && path != "/proc" && path != "/sys")
        throw host_error(Reason::internal, "not a file of the kernel: " + text::printable(path));
}

/// Never through a magic link (/proc/1/root/…), which would lead to files of anybody's choice.
Descriptor open_kernel_file(std::string_view path, int flags) {
    demand_kernel_path(path);
    const Descriptor root{::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root) return {};
    Descriptor handle = open_in_root(root.get(), std::string{path}, true);
    if (!handle || flags == O_PATH) return handle;
    return Descriptor{::open(("/proc/self/fd/" + std::to_string(handle.get())).c_str(), flags | O_CLOEXEC)};
}

/// Empty for other families than IPv4 and IPv6, and for none.
std::string address_text(const sockaddr* address) {
    if (address == nullptr) return "";
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    sockaddr_in inet{};
    sockaddr_in6 inet6{};
    if (address->sa_family == AF_INET) {
        std::memcpy(&inet, address, sizeof inet);
        bytes = &inet.sin_addr;
    } else if (address->sa_family == AF_INET6) {
        std::memcpy(&inet6, address, sizeof inet6);
        bytes = &inet6.sin6_addr;
    } else {
        return "";
    }
    return ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) != nullptr ? text.data() : "";
}

/// Nothing where what was read from ended meanwhile.
std::optional<std::string> read_start(const Descriptor& descriptor, std::string_view path, std::size_t most_bytes) {
    std::string result;
    while (result.size() < most_bytes) {
        const std::size_t before = result.size();
        // The kernel clears as much as is asked for; most of its files are a line.
        result.resize(std::min(most_bytes, before + (before == 0 ? 16384 : 65536)));
        const ssize_t count = ::read(descriptor.get(), result.data() + before, result.size() - before);
        const int code = errno;
        result.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count < 0 && code == EINTR) continue;
        if (count < 0 && code == ESRCH) return std::nullopt;
        if (count < 0) fail(path, code);
        if (count == 0) break;
    }
    return result;
}

}  // namespace

std::optional<std::string> LiveKernel::read(std::string_view path, std::size_t most_bytes) {
    const Descriptor handle = open_kernel_file(path, O_PATH);
    if (!handle && is_gone(errno)) return std::nullopt;
    if (!handle) fail(path, errno);
    struct stat found {};
    if (::fstat(handle.get(), &found) != 0) fail(path, errno);
    if (!S_ISREG(found.st_mode))
        throw host_error(Reason::unreadable_source, text::printable(path) + ": not a regular file of the kernel");
    sources_.add_name(path);
    const Descriptor descriptor = open_kernel_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!descriptor && is_gone(errno)) return std::nullopt;
    if (!descriptor) fail(path, errno);
    std::optional<std::string> result = read_start(descriptor, path, most_bytes + 1);
    if (!result || result->size() <= most_bytes) return result;
    throw host_error(Reason::unreadable_source,
                     text::printable(path) + ": is larger than " + std::to_string(most_bytes) + " bytes");
}

std::optional<std::vector<std::string>> LiveKernel::list(std::string_view path) {
    Descriptor descriptor = open_kernel_file(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!descriptor && is_gone(errno)) return std::nullopt;
    if (!descriptor) fail(path, errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(descriptor.get()), &::closedir};
    if (!stream) fail(path, errno);
    (void)descriptor.release();  // closedir closes it
    std::vector<std::string> names;
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr && is_gone(errno)) return std::nullopt;
        if (entry == nullptr && errno != 0) fail(path, errno);
        if (entry == nullptr) break;
        const std::string_view name = &entry->d_name[0];
        if (name == "." || name == "..") continue;
        if (names.size() == most_names_in_folder)
            throw host_error(Reason::unreadable_source, text::printable(path) + ": holds more names than annexa reads");
        names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> LiveKernel::read_link(std::string_view path) {
    demand_kernel_path(path);
    std::array<char, PATH_MAX> buffer{};
    const ssize_t length = ::readlink(std::string{path}.c_str(), buffer.data(), buffer.size());
    if (length < 0 && (is_gone(errno) || errno == EINVAL)) return std::nullopt;
    if (length < 0) fail(path, errno);
    sources_.add_name(path);
    return std::string{buffer.data(), static_cast<std::size_t>(length)};
}

KernelName LiveKernel::name() {
    sources_.add_name("uname(2)");
    utsname found{};
    if (::uname(&found) != 0) throw host_error(Reason::kernel_refused, std::string{"uname: "} + std::strerror(errno));
    return {&found.sysname[0], &found.nodename[0], &found.release[0], &found.version[0], &found.machine[0]};
}

evidence::Instant LiveKernel::now() { return evidence::SystemClock{}.now(); }

std::optional<FileSystemUsage> LiveKernel::usage(std::string_view mount_point) {
    sources_.add_name("statvfs(3)");
    struct statvfs found {};
    if (::statvfs(std::string{mount_point}.c_str(), &found) != 0) {
        if (is_gone(errno)) return std::nullopt;
        fail(mount_point, errno);
    }
    return FileSystemUsage{found.f_frsize, found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree};
}

std::vector<KernelSocket> LiveKernel::sockets() {
    sources_.add_name("netlink:sock_diag");
    return socket_diag::sockets([this](std::string_view path) { return read(path, std::size_t{64} << 20); });
}

std::vector<KernelAddress> LiveKernel::addresses() {
    sources_.add_name("getifaddrs(3)");
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) fail("getifaddrs(3)", errno);
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list{first, &::freeifaddrs};
    std::vector<KernelAddress> found;
    for (const ifaddrs* each = list.get(); each != nullptr; each = each->ifa_next) {
        std::string address = address_text(each->ifa_addr);
        if (address.empty()) continue;
        KernelAddress entry{each->ifa_name, std::move(address), address_text(each->ifa_netmask)};
        // One member holds either, by the interface's flags.
        if ((each->ifa_flags & IFF_BROADCAST) != 0)
            entry.broadcast = address_text(each->ifa_broadaddr);
        else if ((each->ifa_flags & IFF_POINTOPOINT) != 0)
            entry.point_to_point = address_text(each->ifa_dstaddr);
        found.push_back(std::move(entry));
    }
    return found;
}

KernelClock LiveKernel::clock() {
    sources_.add_name("adjtimex(2)");
    return read_clock();
}

KernelAudit LiveKernel::audit() {
    sources_.add_name("netlink:audit");
    return read_audit();
}

std::vector<KernelFilterChain> LiveKernel::filter_chains() {
    sources_.add_name("netlink:nf_tables");
    return read_filter_chains();
}

std::vector<SystemdUnit> LiveKernel::units() {
    sources_.add_name("dbus:org.freedesktop.systemd1");
    return systemd_units();
}

std::map<std::string, std::string> LiveKernel::unit_properties(std::string_view unit,
                                                               const std::vector<std::string>& names) {
    sources_.add_name("dbus:org.freedesktop.systemd1");
    return systemd_unit_properties(unit, names);
}

std::optional<std::string> LiveKernel::luks_header(std::string_view device, std::size_t bytes) {
    if (!device.starts_with("/dev/") || device.find('\0') != std::string_view::npos)
        throw host_error(Reason::internal, "not a device: " + text::printable(device));
    const Descriptor handle{::open(std::string{device}.c_str(), O_PATH | O_CLOEXEC)};
    if (!handle && is_gone(errno)) return std::nullopt;
    if (!handle) fail(device, errno);
    struct stat found {};
    if (::fstat(handle.get(), &found) != 0) fail(device, errno);
    if (!S_ISBLK(found.st_mode)) return std::nullopt;
    if (!says_luks(*this, "/run/udev/data", major(found.st_rdev), minor(found.st_rdev))) return std::nullopt;
    sources_.add_name(device);
    // Through the handle: what was asked about is what is opened. Non-blocking, so that no drive is waited for.
    const Descriptor descriptor{::open(("/proc/self/fd/" + std::to_string(handle.get())).c_str(),
                                       O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!descriptor) fail(device, errno);
    return read_start(descriptor, device, bytes);
}

KernelClock read_clock() {
    timex found{};
    const int state = ::adjtimex(&found);
    if (state < 0) throw host_error(Reason::kernel_refused, std::string{"adjtimex: "} + std::strerror(errno));
    KernelClock clock;
    clock.synchronized = state != TIME_ERROR && (found.status & STA_UNSYNC) == 0;
    clock.offset_us = (found.status & STA_NANO) != 0 ? found.offset / 1000 : found.offset;
    clock.maximum_error_us = found.maxerror;
    clock.estimated_error_us = found.esterror;
    return clock;
}

bool says_luks(Kernel& kernel, std::string_view udev_folder, unsigned major, unsigned minor) {
    const std::string number = std::to_string(major) + ":" + std::to_string(minor);
    const std::string holders = "/sys/dev/block/" + number + "/holders";
    for (const std::string& holder : kernel.list(holders).value_or(std::vector<std::string>{})) {
        const auto uuid = kernel.read(holders + "/" + holder + "/dm/uuid", 4096);
        if (uuid && uuid->starts_with("CRYPT-LUKS")) return true;
    }
    const Descriptor descriptor{::open((std::string{udev_folder} + "/b" + number).c_str(),
                                       O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW)};
    if (!descriptor) return false;
    const std::string database = read_start(descriptor, udev_folder, std::size_t{1} << 20).value_or("");
    const std::vector<text::Line> lines = text::lines(database);
    return std::any_of(lines.begin(), lines.end(),
                       [](const text::Line& line) { return line.text == "E:ID_FS_TYPE=crypto_LUKS"; });
}

}  // namespace annexa::collectors
