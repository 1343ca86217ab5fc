#include "collectors/support/netlink.hpp"

#include "evidence/errors.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace annexa::collectors::netlink {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;
constexpr std::size_t datagram_bytes = std::size_t{1} << 18;  // the kernel's dumps come in at most 32 KiB

[[noreturn]] void fail(int code, const char* what) { throw std::system_error(code, std::generic_category(), what); }

template <class T>
T read_struct(std::string_view bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
        throw evidence::format_error(offset, "a whole netlink header");
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

constexpr std::size_t aligned(std::size_t length) { return (length + 3U) & ~std::size_t{3}; }

}  // namespace

Datagram parse_datagram(std::string_view bytes) {
    Datagram result;
    std::size_t offset = 0;
    while (offset < bytes.size()) {
        const auto header = read_struct<nlmsghdr>(bytes, offset);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size() - offset)
            throw evidence::format_error(offset, "a netlink message within its datagram");
        const std::string_view payload = bytes.substr(offset + sizeof header, header.nlmsg_len - sizeof header);
        if (header.nlmsg_type == NLMSG_DONE) {
            result.end = End::done;
            return result;
        }
        if (header.nlmsg_type == NLMSG_ERROR) {
            result.code = -read_struct<std::int32_t>(payload, 0);
            result.end = result.code == 0 ? End::done : End::error;
            return result;
        }
        if (header.nlmsg_type != NLMSG_NOOP) result.messages.push_back({header.nlmsg_type, std::string{payload}});
        offset += aligned(header.nlmsg_len);
    }
    return result;
}

std::vector<Attribute> attributes(std::string_view payload, std::size_t offset) {
    std::vector<Attribute> result;
    while (offset < payload.size()) {
        const auto header = read_struct<nlattr>(payload, offset);
        if (header.nla_len < sizeof header || header.nla_len > payload.size() - offset)
            throw evidence::format_error(offset, "a netlink attribute within its message");
        result.push_back({static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
                          payload.substr(offset + sizeof header, header.nla_len - sizeof header)});
        offset += aligned(header.nla_len);
    }
    return result;
}

Socket::Socket(int protocol) : descriptor_{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)} {
    if (!descriptor_) fail(errno, "netlink socket");
    constexpr timeval limit{.tv_sec = 5, .tv_usec = 0};
    if (::setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
        fail(errno, "netlink socket");
}

std::vector<Message> Socket::dump(std::uint16_t type, std::string_view payload, std::uint16_t flags) {
    return exchange(type, payload, flags, false);
}

Message Socket::ask(std::uint16_t type, std::string_view payload) {
    std::vector<Message> messages = exchange(type, payload, 0, true);
    if (messages.empty()) fail(ENODATA, "netlink");
    return std::move(messages.front());
}

std::vector<Message> Socket::exchange(std::uint16_t type, std::string_view payload, std::uint16_t flags, bool one) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload.size());
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header.nlmsg_seq = ++sequence_;
    std::string request(reinterpret_cast<const char*>(&header), sizeof header);
    request += payload;
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (::sendto(descriptor_.get(), request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                 sizeof kernel) < 0)
        fail(errno, "netlink");

    std::vector<Message> result;
    std::size_t bytes = 0;
    while (true) {
        const std::string datagram = receive();
        bytes += datagram.size();
        if (bytes > most_bytes) fail(EMSGSIZE, "netlink");
        Datagram parsed = parse_datagram(datagram);
        for (Message& message : parsed.messages) result.push_back(std::move(message));
        if (parsed.end == End::error) fail(parsed.code, "netlink");
        if (parsed.end == End::done || (one && !result.empty())) return result;
    }
}

std::string Socket::receive() {
    std::string buffer(datagram_bytes, '\0');
    while (true) {
        sockaddr_nl sender{};
        socklen_t length = sizeof sender;
        const ssize_t count = ::recvfrom(descriptor_.get(), buffer.data(), buffer.size(), MSG_TRUNC,
                                         reinterpret_cast<sockaddr*>(&sender), &length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(errno == EAGAIN ? ETIMEDOUT : errno, "netlink");
        if (static_cast<std::size_t>(count) > buffer.size()) fail(EMSGSIZE, "netlink");
        if (sender.nl_pid != 0) continue;  // another process may send to this socket; only the kernel is believed
        buffer.resize(static_cast<std::size_t>(count));
        return buffer;
    }
}

}  // namespace annexa::collectors::netlink
