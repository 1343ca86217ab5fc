// Answers of the kernel and texts that hosts configure it with. The kernel is trusted; the parsers must not rest on it.
#include "collectors/support/audit_kernel_rule.hpp"
#include "collectors/support/netlink.hpp"
#include "collectors/support/os_release.hpp"
#include "collectors/support/socket_diag.hpp"
#include "collectors/support/sysctl_config.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

using namespace annexa;
using namespace annexa::collectors;

namespace {

template <class Parse>
void try_parsing(Parse parse) {
    try {
        parse();
    } catch (const evidence::error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    try_parsing([&] { (void)audit_rule_text(bytes); });
    try_parsing([&] { (void)netlink::parse_datagram(bytes); });
    try_parsing([&] { (void)netlink::attributes(bytes, 0); });
    try_parsing([&] { (void)socket_diag::parse_inet(bytes, IPPROTO_TCP); });
    try_parsing([&] { (void)socket_diag::parse_unix(bytes); });
    try_parsing([&] { (void)socket_diag::parse_proc_inet(bytes, "/proc/net/tcp6", AF_INET6, IPPROTO_TCP); });
    try_parsing([&] { (void)socket_diag::parse_proc_unix(bytes, "/proc/net/unix"); });
    try_parsing([&] { (void)parse_os_release("/etc/os-release", bytes); });
    try_parsing([&] {
        SysctlConfig config;
        config.add({"/etc/sysctl.d/x.conf", std::string{bytes}});
        (void)config.find("net/ipv4/conf/all/rp_filter");
    });
    return 0;
}
