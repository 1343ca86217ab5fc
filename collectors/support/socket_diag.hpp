// Listening and bound sockets of this network namespace: sock_diag(7), and /proc/net where the kernel has no such
// module.
#pragma once

#include "collectors/host.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::socket_diag {

/// Reads a file below /proc/net; nothing where it does not exist.
using ReadFile = std::function<std::optional<std::string>(std::string_view)>;

/// TCP that listens; UDP, UDP-Lite and raw that are bound and not connected; UNIX that listens. Of a raw socket the
/// port is the number of its IP protocol. Throws host_error where the kernel refuses.
std::vector<KernelSocket> sockets(const ReadFile& read);

/// One answer (inet_diag_msg); nothing where the socket is connected. Throws evidence::format_error.
std::optional<KernelSocket> parse_inet(std::string_view payload, int protocol);
/// One answer (unix_diag_msg). Throws evidence::format_error.
KernelSocket parse_unix(std::string_view payload);

/// /proc/net/{tcp,udp,raw}{,6}: of TCP those that listen, of others those that are not connected. Throws host_error
/// (malformed_source).
std::vector<KernelSocket> parse_proc_inet(std::string_view text, std::string_view path, int family, int protocol);
std::vector<KernelSocket> parse_proc_unix(std::string_view text, std::string_view path);

}  // namespace annexa::collectors::socket_diag
