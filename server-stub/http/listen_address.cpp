#include "server-stub/http/listener.hpp"

#include "evidence/errors.hpp"

#include <arpa/inet.h>
#include <charconv>

namespace annexa::store {

ListenAddress parse_listen_address(std::string_view text) {
    const auto refuse = [&]() -> ListenAddress {
        throw evidence::error("'" + std::string{text} + "' is no address to listen at: expected ADDRESS:PORT, as 127.0.0.1:8443, [::1]:8443 or 0.0.0.0:8443");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse();
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return refuse();
    if (host.empty()) return {.address = "::", .port = port};
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    const std::string address{host};
    in6_addr bytes{};
    if (inet_pton(bracketed ? AF_INET6 : AF_INET, address.c_str(), &bytes) != 1) return refuse();
    return {.address = address, .port = port};
}

}  // namespace annexa::store
