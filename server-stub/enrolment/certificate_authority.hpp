// The store's own certificate authority: ECDSA P-256, for TLS alone. Whom it certifies it decides itself: of a CSR it
// takes the public key and nothing else, whatever names and extensions the CSR asks for.
//
//   client   clientAuth only, CN and SAN URI "annexa:host:UUID", 30 days; an agent renews with its evidence key
//   server   serverAuth only, the names given to init, 90 days; renewed by the server when a third is left
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/http/listener.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

constexpr std::chrono::days authority_lifetime{7300};
constexpr std::chrono::days server_certificate_lifetime{90};
constexpr std::chrono::days client_certificate_lifetime{30};

/// True for a DNS name or a numeric address, as a certificate can bear it.
bool is_server_name(std::string_view name);

/// Immutable; safe from any thread.
class CertificateAuthority {
  public:
    /// A new authority: its certificate and its key, PEM.
    static TlsIdentity create(std::string_view origin, evidence::Instant now);

    /// Throws evidence::error where the two do not belong together.
    explicit CertificateAuthority(const TlsIdentity& files);
    ~CertificateAuthority();
    CertificateAuthority(CertificateAuthority&&) noexcept;

    [[nodiscard]] const std::string& certificate_pem() const;
    [[nodiscard]] std::string certificate_der() const;

    struct ClientCertificate {
        std::string chain;       // PEM: the client's, then the authority's
        std::string tls_key_id;  // SHA-256 of the SubjectPublicKeyInfo, hex
    };
    /// Throws coded_error `schema` where the CSR is not PKCS#10 PEM, not signed by its own key, or not of an ECDSA P-256 key.
    [[nodiscard]] ClientCertificate issue_client(std::string_view csr_pem, std::string_view host_id, evidence::Instant now) const;

    /// A server's certificate with a new key. Throws evidence::error for what is no name.
    [[nodiscard]] TlsIdentity issue_server(const std::vector<std::string>& names, evidence::Instant now) const;

    /// Whose certificate (DER) it is: missing where empty, foreign where this authority did not issue it to a host, else
    /// `valid` with its times, which at() looks at.
    [[nodiscard]] ClientIdentity identify(std::string_view certificate) const;

  private:
    struct Parts;
    explicit CertificateAuthority(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// The same identity at a time: expired outside its times.
ClientIdentity at(ClientIdentity identity, evidence::Instant now);

/// When the first certificate of a PEM ends. Throws evidence::error where there is none.
evidence::Instant certificate_end(std::string_view pem);

/// The names (SAN) of the first certificate of a PEM.
std::vector<std::string> certificate_names(std::string_view pem);

/// Throws evidence::error where the key is not that of the first certificate.
void check_tls_identity(const TlsIdentity& files);

/// The last certificate of a chain, DER: what a client may trust to trust the chain. Throws where there is none.
std::string last_certificate_der(std::string_view pem);

/// A new ECDSA P-256 key as PEM and a CSR for it, for
/// whoever asks a store for a certificate (tests, load generators).
struct CertificateRequest {
    std::string key;
    std::string csr;
};
CertificateRequest make_certificate_request(std::string_view common_name, const std::vector<std::string>& dns_names = {});

}  // namespace annexa::store
