#include "collectors/sandbox.hpp"

#include "collectors/landlock.hpp"
#include "collectors/support/descriptor.hpp"
#include "collectors/support/scratch_folder.hpp"
#include "evidence/errors.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace annexa::collectors {
namespace {

[[noreturn]] void fail(const std::string& what, int code) {
    throw evidence::error("sandbox, " + what + ": " + std::strerror(code));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool address_space_is_limited = false;  // sanitizers map terabytes
#else
constexpr bool address_space_is_limited = true;
#endif

void limit(__rlimit_resource resource, rlim_t value) {
    rlimit current{};
    if (::getrlimit(resource, &current) != 0) fail("limits", errno);
    const rlim_t most = std::min(value, current.rlim_max);
    const rlimit wanted{most, most};
    if (::setrlimit(resource, &wanted) != 0) fail("limits", errno);
}

void limit_resources(const ChildLimits& limits) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, static_cast<rlim_t>(limits.timeout.count() / 1000 + 2));
    if (address_space_is_limited) limit(RLIMIT_AS, limits.memory_bytes);
    ::umask(077);
}

void be_idle() {
    constexpr int io_class_idle = 3 << 13;  // IOPRIO_CLASS_IDLE of ioprio_set(2), for which glibc has no header
    constexpr int this_process = 1;         // IOPRIO_WHO_PROCESS
    (void)::syscall(SYS_ioprio_set, this_process, 0, io_class_idle);
    (void)::setpriority(PRIO_PROCESS, 0, 19);
}

struct Stated {
    Capability capability;
    cap_value_t value;
};
constexpr Stated stated[] = {
    {Capability::dac_read_search, CAP_DAC_READ_SEARCH},
    {Capability::sys_ptrace, CAP_SYS_PTRACE},
    {Capability::net_admin, CAP_NET_ADMIN},
    {Capability::audit_control, CAP_AUDIT_CONTROL},
};

using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)>;

void keep_capabilities(const Collector& collector) {
    const Capabilities current{::cap_get_proc(), &::cap_free};
    const Capabilities wanted{::cap_init(), &::cap_free};
    if (!current || !wanted) fail("capabilities", errno);
    std::vector<cap_value_t> kept;
    for (const Stated& each : stated) {
        cap_flag_value_t permitted = CAP_CLEAR;
        ::cap_get_flag(current.get(), each.value, CAP_PERMITTED, &permitted);
        if (has(collector.needs, each.capability) && permitted == CAP_SET) kept.push_back(each.value);
    }
    // Out of the bounding set too, so that no program that root starts gets them back. Without CAP_SETPCAP there is
    // nothing that could come back: no_new_privs below sees to that.
    for (cap_value_t value = 0; value < static_cast<cap_value_t>(::cap_max_bits()); ++value)
        if (std::find(kept.begin(), kept.end(), value) == kept.end()) (void)::prctl(PR_CAPBSET_DROP, value, 0, 0, 0);
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

    const auto count = static_cast<int>(kept.size());
    if (count != 0) {
        ::cap_set_flag(wanted.get(), CAP_PERMITTED, count, kept.data(), CAP_SET);
        ::cap_set_flag(wanted.get(), CAP_EFFECTIVE, count, kept.data(), CAP_SET);
        if (collector.runs_programs) ::cap_set_flag(wanted.get(), CAP_INHERITABLE, count, kept.data(), CAP_SET);
    }
    if (::cap_set_proc(wanted.get()) != 0) fail("capabilities", errno);
    if (!collector.runs_programs) return;
    for (const cap_value_t value : kept) (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, value, 0, 0);
}

constexpr std::array never{
    // other processes' memory and control
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "pidfd_getfd",
    "process_madvise",
    // the system itself; the clock is read by clock_adjtime, and to set it takes a capability that no collector has
    "mount",
    "umount2",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "pivot_root",
    "chroot",
    "swapon",
    "swapoff",
    "reboot",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "sethostname",
    "setdomainname",
    "settimeofday",
    "clock_settime",
    "acct",
    "quotactl",
    "syslog",
    "bpf",
    "perf_event_open",
    "unshare",
    "setns",
    "keyctl",
    "add_key",
    "request_key",
    "iopl",
    "ioperm",
    "userfaultfd",
    // a way around the rule on sockets
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
};

void add_rule(scmp_filter_ctx filter, int code, const char* name, const std::vector<scmp_arg_cmp>& arguments = {}) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return;  // this architecture or library knows it not
    const int result = ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(code)), number,
                                                static_cast<unsigned>(arguments.size()), arguments.data());
    if (result != 0) fail(std::string{"seccomp "} + name, -result);
}

/// Of all families but AF_UNIX and AF_NETLINK, one rule each: a rule may compare an argument only once.
void refuse_other_sockets(scmp_filter_ctx filter) {
    static_assert(AF_UNIX == 1 && AF_NETLINK == 16);
    for (unsigned family = 0; family < AF_NETLINK; ++family)
        if (family != AF_UNIX) add_rule(filter, EAFNOSUPPORT, "socket", {SCMP_A0_64(SCMP_CMP_EQ, family)});
    add_rule(filter, EAFNOSUPPORT, "socket", {SCMP_A0_64(SCMP_CMP_GT, AF_NETLINK)});
}

/// As the kernel takes it: making it costs a child more than most of what it then does.
std::vector<sock_filter> compiled_filter(bool runs_programs) {
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter{::seccomp_init(SCMP_ACT_ALLOW), &::seccomp_release};
    if (!filter) fail("seccomp", ENOMEM);
    for (const char* name : never) add_rule(filter.get(), EPERM, name);
    if (!runs_programs)
        for (const char* name : {"execve", "execveat"}) add_rule(filter.get(), EPERM, name);
    refuse_other_sockets(filter.get());
    const Descriptor file{::memfd_create("filter", MFD_CLOEXEC)};
    if (!file) fail("memfd_create", errno);
    if (const int result = ::seccomp_export_bpf(filter.get(), file.get()); result != 0) fail("seccomp", -result);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) fail("seccomp", errno);
    std::vector<sock_filter> program(static_cast<std::size_t>(status.st_size) / sizeof(sock_filter));
    const ssize_t count = ::pread(file.get(), program.data(), program.size() * sizeof(sock_filter), 0);
    if (program.empty() || count != status.st_size) fail("seccomp", EIO);
    return program;
}

std::vector<sock_filter>& filter_of(bool runs_programs) {
    static std::vector<sock_filter> without = compiled_filter(false);
    static std::vector<sock_filter> with = compiled_filter(true);
    return runs_programs ? with : without;
}

void filter_system_calls(const Collector& collector) {
    std::vector<sock_filter>& filter = filter_of(collector.runs_programs);
    sock_fprog program{};
    program.len = static_cast<unsigned short>(filter.size());
    program.filter = filter.data();
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no_new_privs", errno);
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) fail("seccomp", errno);
}

}  // namespace

void prepare_confinement() { (void)filter_of(false); }

void confine(const Collector& collector, const ChildLimits& limits) {
    limit_resources(limits);
    if (collector.cost == Cost::deep) be_idle();
    // Under Landlock nobody looks into other processes; those that must are kept from writing by their unit alone.
    if (!has(collector.needs, Capability::sys_ptrace)) (void)refuse_writes_outside({scratch_place()});
    keep_capabilities(collector);
    filter_system_calls(collector);
}

}  // namespace annexa::collectors
