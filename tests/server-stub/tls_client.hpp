// A client that says byte for byte what a test wants said, over a real TLS socket on loopback. Nothing waits for ever.
#pragma once

#include "server-stub/http/listener.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store::test {

struct Answer {
    unsigned status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    /// The member `code` of a problem document; empty where the body is none.
    [[nodiscard]] std::string code() const;
};

struct ClientOptions {
    std::string trust;                  // PEM of the authority
    std::string name = "localhost";     // that the server's certificate must bear
    std::optional<TlsIdentity> own;     // client certificate
    bool tls_1_2 = false;               // nothing newer
};

class TlsClient {
  public:
    /// Connects and shakes hands. Throws std::runtime_error where either fails.
    TlsClient(std::uint16_t port, const ClientOptions& options);
    ~TlsClient();
    TlsClient(TlsClient&&) noexcept;

    void send(std::string_view bytes);
    /// Sends as much as the server takes; true where it took all.
    bool try_send(std::string_view bytes);
    /// The next whole answer; nothing where the connection ended before.
    std::optional<Answer> receive();
    /// Sends and receives.
    std::optional<Answer> ask(std::string_view bytes);
    /// Ends our half of the TLS session: no more bytes come.
    void end_sending();
    /// True where the server ends the connection before the time is over, sending nothing more.
    bool ends_within(std::chrono::milliseconds time);
    /// The server's certificate, DER.
    [[nodiscard]] std::string server_certificate() const;
    /// True where the server asked for a client certificate.
    [[nodiscard]] bool was_asked() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// "GET /path HTTP/1.1" with Host and further header lines (each ending in CRLF).
std::string get(std::string_view path, std::string_view headers = {});
std::string with_body(std::string_view method, std::string_view path, std::string_view body, std::string_view headers = {});
/// What comes back, until the connection ends, when these bytes are sent without TLS.
std::string says_without_tls(std::uint16_t port, std::string_view bytes);
std::string chunk(std::string_view bytes);

}  // namespace annexa::store::test
