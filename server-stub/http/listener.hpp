// The two listeners: TLS 1.3, HTTP/1.1, limits before memory. listener.cpp alone knows Beast, Asio and coroutines; what
// is asked of the server stands in Service, whose functions are plain and are called on a pool of threads.
//
// The life of a request: connection limits · handshake · header within its limits · Service::admit (who may, how long a
// body) · body within that limit · Service::answer. What is refused before its body has arrived is answered at once, and
// the connection ends.
#pragma once

#include "server-stub/http/message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace annexa::store {

struct ListenerLimits {
    std::size_t header_bytes = 16384;  // request line and fields
    std::size_t header_fields = 64;
    std::size_t connections = 4096;
    std::size_t connections_per_address = 512;  // many hosts may stand behind one address
    std::size_t body_bytes_in_flight = std::size_t{256} << 20;  // of all requests that are being received or answered
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds header{10'000};  // from its first byte to its last
    std::chrono::milliseconds body{30'000};    // beside what body_bytes_per_s allows
    std::size_t body_bytes_per_s = 16384;      // slower than this is too slow, either way
    std::chrono::milliseconds idle{60'000};    // between two requests of a connection
    std::chrono::milliseconds stop{10'000};    // what is under way when the server stops
};

/// A route that may be called, and what the listener must know of it.
struct Admission {
    std::size_t body_bytes = 0;
    const void* route = nullptr;  // the Service's own
};

/// Called from threads of the pool, several at once. Nothing may be thrown.
class Service {
  public:
    virtual ~Service() = default;
    /// The client of a TLS session, from the certificate (DER) that it proved to hold; empty where it showed none.
    virtual ClientIdentity identify(std::string_view certificate) noexcept = 0;
    /// Looks at the head of a request (no body yet); fills in parameters and session.
    virtual std::variant<Admission, Response> admit(Request& head) noexcept = 0;
    virtual Response answer(const Admission& admission, const Request& request) noexcept = 0;
    /// A refusal that never became a request of a route: "connections", "handshake", "too_slow", …
    virtual void refused(Listener listener, std::string_view code) noexcept = 0;
    /// The refusals of the listener itself, in the one form that all have.
    virtual Response refusal(std::string_view code, std::string_view detail) noexcept = 0;
};

/// "127.0.0.1:8443", "[::1]:0", ":8443" (every address).
struct ListenAddress {
    std::string address;  // numeric
    std::uint16_t port = 0;
};

/// Throws evidence::error that says what was expected.
ListenAddress parse_listen_address(std::string_view text);

/// A certificate chain and its key, PEM.
struct TlsIdentity {
    std::string certificates;
    std::string key;
};

class HttpServer {
  public:
    HttpServer(Service& service, const ListenerLimits& limits, unsigned pool_threads);
    ~HttpServer();  // stops
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds and listens; connections are taken from start() on. Agents are asked for a client certificate by the name
    /// of `authority` (PEM). Returns the address with its real port. Throws evidence::error ("…: address already in use").
    ListenAddress listen(Listener listener, const ListenAddress& address, const TlsIdentity& tls, std::string_view authority);

    /// For connections from now on: a renewed certificate.
    void use_certificate(Listener listener, const TlsIdentity& tls);

    void start();

    /// Takes no new connection, lets what is under way end within ListenerLimits::stop, then cuts it off. May be called twice.
    void stop();

    [[nodiscard]] std::size_t connections() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace annexa::store
