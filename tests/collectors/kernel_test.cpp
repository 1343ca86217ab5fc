// The kernel's interfaces as they answer on the machine that runs the test, and their parsers over bytes.
#include "collectors/live_kernel.hpp"
#include "collectors/support/audit_kernel_rule.hpp"
#include "collectors/support/netlink.hpp"
#include "collectors/support/socket_diag.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <libaudit.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <set>

using namespace annexa;
using namespace annexa::collectors;

namespace {

Descriptor bound_socket(int type, std::uint16_t& port) {
    Descriptor descriptor{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(descriptor.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port = ntohs(address.sin_port);
    return descriptor;
}

std::string message(std::uint16_t type, const std::string& payload) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload.size());
    header.nlmsg_type = type;
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    return bytes + payload + std::string((4 - payload.size() % 4) % 4, '\0');
}

struct FreeRule {
    void operator()(audit_rule_data* rule) const { std::free(rule); }
};
using Rule = std::unique_ptr<audit_rule_data, FreeRule>;

Rule new_rule() { return Rule{static_cast<audit_rule_data*>(std::calloc(1, sizeof(audit_rule_data)))}; }

std::string text_of(const Rule& rule) {
    return audit_rule_text({reinterpret_cast<const char*>(rule.get()), sizeof(audit_rule_data) + rule->buflen});
}

void add_field(Rule& rule, const char* pair) {
    audit_rule_data* raw = rule.release();
    std::string text{pair};
    const int result = ::audit_rule_fieldpair_data(&raw, text.c_str(), AUDIT_FILTER_EXIT);
    rule.reset(raw);
    REQUIRE(result == 0);
}

}  // namespace

TEST_CASE("the kernel names the sockets that listen, with their inode and owner") {
    std::uint16_t tcp_port = 0;
    std::uint16_t udp_port = 0;
    std::uint16_t silent_port = 0;
    const Descriptor tcp = bound_socket(SOCK_STREAM, tcp_port);
    const Descriptor silent = bound_socket(SOCK_STREAM, silent_port);
    const Descriptor udp = bound_socket(SOCK_DGRAM, udp_port);
    REQUIRE(::listen(tcp.get(), 1) == 0);
    const tests::TemporaryFolder folder;
    const Descriptor local{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder / "socket";
    std::memcpy(&address.sun_path[0], path.c_str(), path.size() + 1);
    REQUIRE(::bind(local.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(local.get(), 1) == 0);

    SourceLog sources;
    LiveKernel live{sources};
    Kernel& kernel = live;
    const std::vector<KernelSocket> found = kernel.sockets();
    const auto count = [&](auto condition) { return std::count_if(found.begin(), found.end(), condition); };
    CHECK(count([&](const KernelSocket& s) {
              return s.family == AF_INET && s.protocol == IPPROTO_TCP && s.port == tcp_port &&
                     s.address == "127.0.0.1" && s.inode != 0 && s.uid == ::geteuid();
          }) == 1);
    CHECK(count([&](const KernelSocket& s) { return s.protocol == IPPROTO_UDP && s.port == udp_port; }) == 1);
    CHECK(count([&](const KernelSocket& s) { return s.protocol == IPPROTO_TCP && s.port == silent_port; }) == 0);
    CHECK(count([&](const KernelSocket& s) { return s.family == AF_UNIX && s.path == path; }) == 1);
    REQUIRE_FALSE(sources.sources().empty());
    CHECK(sources.sources().back().path == "netlink:sock_diag");
}

TEST_CASE("addresses of interfaces are those that ip prints") {
    SourceLog sources;
    LiveKernel live{sources};
    std::set<std::string> found;
    for (const KernelAddress& each : static_cast<Kernel&>(live).addresses())
        found.insert(each.interface + " " + each.address);
    const auto printed = nlohmann::json::parse(tests::run({"/usr/sbin/ip", "-json", "address"}).output);
    std::set<std::string> expected;
    for (const auto& interface : printed)
        for (const auto& address : interface.at("addr_info"))
            expected.insert(interface.at("ifname").get<std::string>() + " " + address.at("local").get<std::string>());
    CHECK(found == expected);
    CHECK(found.contains("lo 127.0.0.1"));
    CHECK(sources.sources().back().path == "getifaddrs(3)");
}

TEST_CASE("/proc/net says the same where the kernel has no sock_diag") {
    std::uint16_t port = 0;
    const Descriptor udp = bound_socket(SOCK_DGRAM, port);
    SourceLog sources;
    LiveKernel live{sources};
    Kernel& kernel = live;
    const auto text = kernel.read("/proc/net/udp");
    REQUIRE(text);
    const auto found = socket_diag::parse_proc_inet(*text, "/proc/net/udp", AF_INET, IPPROTO_UDP);
    CHECK(std::any_of(found.begin(), found.end(),
                      [&](const KernelSocket& s) { return s.port == port && s.address == "127.0.0.1"; }));
    CHECK_THROWS_AS(socket_diag::parse_proc_inet("heading\n1: zz\n", "/proc/net/udp", AF_INET, IPPROTO_UDP),
                    host_error);
    const auto local = socket_diag::parse_proc_unix(
        "heading\n0: 00000002 00000000 00010000 0001 01 77 /run/a b\n0: 00000002 00000000 00000000 0001 03 78\n",
        "/proc/net/unix");
    REQUIRE(local.size() == 1);
    CHECK(local[0].path == "/run/a b");
    CHECK(local[0].inode == 77);
}

TEST_CASE("netlink answers whose lengths lie are refused") {
    CHECK(netlink::parse_datagram(message(20, "abc")).messages.at(0).payload == "abc");
    CHECK(netlink::parse_datagram(message(NLMSG_DONE, "")).end == netlink::End::done);
    CHECK(netlink::parse_datagram(message(NLMSG_ERROR, std::string("\xff\xff\xff\xff", 4) + std::string(16, '\0')))
              .code == 1);
    CHECK_THROWS_AS(netlink::parse_datagram("short"), evidence::format_error);
    std::string lies = message(20, "abc");
    lies[0] = 0x7f;
    CHECK_THROWS_AS(netlink::parse_datagram(lies), evidence::format_error);
    lies[0] = 3;  // a length of zero or less than the header's would never end
    CHECK_THROWS_AS(netlink::parse_datagram(lies), evidence::format_error);
    CHECK_THROWS_AS(netlink::attributes(std::string("\x03\0\1\0", 4), 0), evidence::format_error);
    CHECK_THROWS_AS(socket_diag::parse_inet("x", IPPROTO_TCP), evidence::format_error);
    CHECK_THROWS_AS(socket_diag::parse_unix(""), evidence::format_error);
}

TEST_CASE("a kernel's file is read, a magic link is not followed") {
    SourceLog sources;
    LiveKernel live{sources};
    Kernel& kernel = live;
    CHECK(kernel.read("/proc/sys/kernel/ostype") == "Linux\n");
    CHECK_FALSE(kernel.read("/proc/sys/kernel/no_such_thing"));
    CHECK_FALSE(kernel.read("/proc/4194305/status"));
    CHECK_THROWS_AS(kernel.read("/proc/self/root/etc/passwd"), host_error);
    CHECK_THROWS_AS(kernel.read("/etc/passwd"), host_error);
    CHECK_THROWS_AS(kernel.read("/proc/self/status", 10), host_error);
    CHECK(kernel.list("/proc/sys/kernel").value().size() > 10);
    CHECK_FALSE(kernel.list("/proc/4194305"));
    CHECK(kernel.read_link("/proc/self/exe").value().find("collectors_tests") != std::string::npos);
    CHECK(kernel.name().system == "Linux");
    CHECK(kernel.usage("/").value().blocks > 0);
    CHECK_FALSE(kernel.usage("/no/such/folder"));
    CHECK(kernel.clock().maximum_error_us >= 0);
}

TEST_CASE("a block device is LUKS only where sysfs or udev says so") {
    const tests::TemporaryFolder folder;
    folder.write("b8:1", "I:1\nE:ID_FS_TYPE=crypto_LUKS\n");
    folder.write("b8:2", "E:ID_FS_TYPE=ext4\nE:NOTE=ID_FS_TYPE=crypto_LUKS\n");
    SourceLog sources;
    LiveKernel live{sources};
    Kernel& kernel = live;
    CHECK(says_luks(kernel, folder.path().string(), 8, 1));
    CHECK_FALSE(says_luks(kernel, folder.path().string(), 8, 2));
    CHECK_FALSE(says_luks(kernel, folder.path().string(), 8, 3));
    CHECK_FALSE(kernel.luks_header("/dev/null", 512));
    CHECK_FALSE(kernel.luks_header("/dev/no-such-device", 512));
    CHECK_THROWS_AS(kernel.luks_header("/etc/passwd", 512), host_error);
}

TEST_CASE("audit rules are printed as auditctl prints them") {
    Rule watch = new_rule();
    audit_rule_data* raw = watch.release();
    REQUIRE(::audit_add_watch_dir(AUDIT_WATCH, &raw, "/etc/passwd") == 0);
    watch.reset(raw);
    REQUIRE(::audit_update_watch_perms(watch.get(), AUDIT_PERM_WRITE | AUDIT_PERM_ATTR) == 0);
    add_field(watch, "key=identity");
    CHECK(text_of(watch) == "-w /etc/passwd -p wa -k identity");

    Rule calls = new_rule();
    calls->flags = AUDIT_FILTER_EXIT;
    calls->action = AUDIT_ALWAYS;
    add_field(calls, "arch=b64");
    REQUIRE(::audit_rule_syscallbyname_data(calls.get(), "openat") == 0);
    REQUIRE(::audit_rule_syscallbyname_data(calls.get(), "open") == 0);
    add_field(calls, "exit=-EACCES");
    add_field(calls, "auid>=1000");
    add_field(calls, "auid!=-1");
    add_field(calls, "key=access");
    CHECK(text_of(calls) ==
          "-a always,exit -F arch=b64 -S open,openat -F exit=-EACCES -F auid>=1000 -F auid!=-1 -F key=access");
}

TEST_CASE("bytes that are no audit rule are refused") {
    CHECK_THROWS_AS(audit_rule_text(""), evidence::format_error);
    Rule rule = new_rule();
    rule->field_count = 65;
    CHECK_THROWS_AS(text_of(rule), evidence::format_error);
    rule->field_count = 1;
    rule->fields[0] = AUDIT_FILTERKEY;
    rule->values[0] = 5;  // more than the texts hold
    CHECK_THROWS_AS(text_of(rule), evidence::format_error);
    rule->buflen = 100;
    CHECK_THROWS_AS(audit_rule_text({reinterpret_cast<const char*>(rule.get()), sizeof(audit_rule_data)}),
                    evidence::format_error);
}
