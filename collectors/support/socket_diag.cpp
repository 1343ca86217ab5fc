#include "collectors/support/socket_diag.hpp"

#include "collectors/support/netlink.hpp"
#include "collectors/support/text.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace annexa::collectors::socket_diag {
namespace {

constexpr std::uint32_t unknown_uid = UINT32_MAX;

struct Kind {
    int family;
    int protocol;
    std::string_view file;  // below /proc/net
};
constexpr Kind kinds[] = {
    {AF_INET, IPPROTO_TCP, "tcp"},   {AF_INET6, IPPROTO_TCP, "tcp6"},       {AF_INET, IPPROTO_UDP, "udp"},
    {AF_INET6, IPPROTO_UDP, "udp6"}, {AF_INET, IPPROTO_UDPLITE, "udplite"}, {AF_INET6, IPPROTO_UDPLITE, "udplite6"},
    {AF_INET, IPPROTO_RAW, "raw"},   {AF_INET6, IPPROTO_RAW, "raw6"},
};

template <class T>
std::string_view bytes_of(const T& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class T>
T header_of(std::string_view payload) {
    if (payload.size() < sizeof(T)) throw evidence::format_error(0, "a whole answer of sock_diag");
    T value;
    std::memcpy(&value, payload.data(), sizeof value);
    return value;
}

std::string address_text(int family, const void* bytes) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    return ::inet_ntop(family, bytes, buffer.data(), buffer.size()) == nullptr ? std::string{}
                                                                               : std::string{buffer.data()};
}

bool no_such_module(int code) {
    return code == ENOENT || code == EOPNOTSUPP || code == EPROTONOSUPPORT || code == EINVAL;
}

[[noreturn]] void malformed(std::string_view path, std::size_t line) {
    throw host_error(Reason::malformed_source,
                     std::string{path} + ":" + std::to_string(line) + ": not a line of the kernel's");
}

/// "0100007F:0016": each 32-bit word of the address in the machine's own order.
bool parse_address(std::string_view text, int family, KernelSocket& socket, std::uint64_t& port) {
    const auto parts = text::split_at(text, ':');
    const std::size_t words = family == AF_INET ? 1 : 4;
    if (!parts || parts->first.size() != words * 8) return false;
    std::array<std::uint32_t, 4> address{};
    for (std::size_t i = 0; i < words; ++i) {
        const auto word = text::unsigned_integer(parts->first.substr(i * 8, 8), 16);
        if (!word) return false;
        address[i] = static_cast<std::uint32_t>(*word);
    }
    const auto number = text::unsigned_integer(parts->second, 16);
    if (!number || *number > UINT16_MAX) return false;
    socket.address = address_text(family, address.data());
    port = *number;
    return true;
}

void add_inet(std::vector<KernelSocket>& into, netlink::Socket& netlink, const Kind& kind, const ReadFile& read) {
    inet_diag_req_v2 request{};
    request.sdiag_family = static_cast<std::uint8_t>(kind.family);
    request.sdiag_protocol = static_cast<std::uint8_t>(kind.protocol);
    request.idiag_states = kind.protocol == IPPROTO_TCP ? 1U << TCP_LISTEN : 1U << TCP_CLOSE;
    try {
        for (const netlink::Message& message : netlink.dump(SOCK_DIAG_BY_FAMILY, bytes_of(request), NLM_F_DUMP))
            if (auto socket = parse_inet(message.payload, kind.protocol)) into.push_back(std::move(*socket));
    } catch (const std::system_error& failure) {
        if (!no_such_module(failure.code().value())) throw;
        const std::string path = "/proc/net/" + std::string{kind.file};
        if (const auto text = read(path))
            for (KernelSocket& socket : parse_proc_inet(*text, path, kind.family, kind.protocol))
                into.push_back(std::move(socket));
    }
}

void add_unix(std::vector<KernelSocket>& into, netlink::Socket& netlink, const ReadFile& read) {
    constexpr std::uint32_t show_uid = 0x40;  // UDIAG_SHOW_UID, Linux 5.3
    unix_diag_req request{};
    request.sdiag_family = AF_UNIX;
    request.udiag_states = 1U << TCP_LISTEN;
    request.udiag_show = UDIAG_SHOW_NAME | show_uid;
    try {
        for (const netlink::Message& message : netlink.dump(SOCK_DIAG_BY_FAMILY, bytes_of(request), NLM_F_DUMP))
            into.push_back(parse_unix(message.payload));
    } catch (const std::system_error& failure) {
        if (!no_such_module(failure.code().value())) throw;
        if (const auto text = read("/proc/net/unix"))
            for (KernelSocket& socket : parse_proc_unix(*text, "/proc/net/unix")) into.push_back(std::move(socket));
    }
}

std::string unix_name(std::string_view name) {
    if (name.empty()) return {};
    if (name.front() == '\0') return "@" + std::string{name.substr(1)};  // abstract: all its bytes count
    return std::string{name.substr(0, name.find('\0'))};
}

}  // namespace

std::vector<KernelSocket> sockets(const ReadFile& read) {
    std::vector<KernelSocket> result;
    try {
        netlink::Socket netlink{NETLINK_SOCK_DIAG};
        for (const Kind& kind : kinds) add_inet(result, netlink, kind, read);
        add_unix(result, netlink, read);
    } catch (const std::system_error& failure) {
        throw host_error(Reason::kernel_refused, "sock_diag: " + failure.code().message());
    }
    return result;
}

std::optional<KernelSocket> parse_inet(std::string_view payload, int protocol) {
    const auto message = header_of<inet_diag_msg>(payload);
    if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6)
        throw evidence::format_error(0, "an internet family");
    if (protocol != IPPROTO_TCP && protocol != IPPROTO_RAW && message.id.idiag_dport != 0) return std::nullopt;
    KernelSocket socket;
    socket.family = message.idiag_family;
    socket.protocol = protocol;
    socket.address = address_text(socket.family, &message.id.idiag_src[0]);
    socket.port = ntohs(message.id.idiag_sport);
    socket.uid = message.idiag_uid;
    socket.inode = message.idiag_inode;
    return socket;
}

KernelSocket parse_unix(std::string_view payload) {
    const auto message = header_of<unix_diag_msg>(payload);
    constexpr std::uint16_t uid_attribute = 7;  // UNIX_DIAG_UID, Linux 5.3
    KernelSocket socket;
    socket.family = AF_UNIX;
    socket.inode = message.udiag_ino;
    socket.uid = unknown_uid;
    for (const netlink::Attribute& attribute : netlink::attributes(payload, sizeof message)) {
        if (attribute.type == UNIX_DIAG_NAME) socket.path = unix_name(attribute.value);
        if (attribute.type == uid_attribute) socket.uid = header_of<std::uint32_t>(attribute.value);
    }
    return socket;
}

std::vector<KernelSocket> parse_proc_inet(std::string_view text, std::string_view path, int family, int protocol) {
    std::vector<KernelSocket> result;
    for (const text::Line& line : text::lines(text)) {
        if (line.number == 1) continue;  // the heading
        const std::vector<std::string_view> fields = text::words(line.text);
        if (fields.size() < 10) malformed(path, line.number);
        KernelSocket socket;
        KernelSocket remote;
        std::uint64_t port = 0;
        std::uint64_t remote_port = 0;
        const auto state = text::unsigned_integer(fields[3], 16);
        const auto uid = text::unsigned_integer(fields[7]);
        const auto inode = text::unsigned_integer(fields[9]);
        if (!parse_address(fields[1], family, socket, port) || !parse_address(fields[2], family, remote, remote_port) ||
            !state || !uid || *uid > UINT32_MAX || !inode)
            malformed(path, line.number);
        const bool wanted = protocol == IPPROTO_TCP
                                ? *state == TCP_LISTEN
                                : *state == TCP_CLOSE && (protocol == IPPROTO_RAW || remote_port == 0);
        if (!wanted) continue;
        socket.family = family;
        socket.protocol = protocol;
        socket.port = static_cast<std::uint16_t>(port);
        socket.uid = static_cast<std::uint32_t>(*uid);
        socket.inode = *inode;
        result.push_back(std::move(socket));
    }
    return result;
}

std::vector<KernelSocket> parse_proc_unix(std::string_view text, std::string_view path) {
    constexpr std::uint64_t accepts_connections = 0x10000;  // __SO_ACCEPTCON
    std::vector<KernelSocket> result;
    for (const text::Line& line : text::lines(text)) {
        if (line.number == 1) continue;
        const std::vector<std::string_view> fields = text::words(line.text);
        if (fields.size() < 7) malformed(path, line.number);
        const auto flags = text::unsigned_integer(fields[3], 16);
        const auto inode = text::unsigned_integer(fields[6]);
        if (!flags || !inode) malformed(path, line.number);
        if ((*flags & accepts_connections) == 0) continue;
        KernelSocket socket;
        socket.family = AF_UNIX;
        socket.inode = *inode;
        socket.uid = unknown_uid;
        // A name may hold blanks: what follows the inode, as written.
        if (fields.size() > 7)
            socket.path = std::string{line.text.substr(static_cast<std::size_t>(fields[7].data() - line.text.data()))};
        result.push_back(std::move(socket));
    }
    return result;
}

}  // namespace annexa::collectors::socket_diag
