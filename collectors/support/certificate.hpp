// X.509 certificates (RFC 5280) in PEM (RFC 7468), as services read them: parsed by OpenSSL, public parts alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct PublicCertificate {
    std::string subject, issuer;         // RFC 2253: CN=www.example.org,O=Example
    std::string names{};                 // DNS:www.example.org IP:192.0.2.1, separated by blanks
    std::string serial{};                // hex, as openssl x509 -serial prints it
    std::int64_t not_valid_before = 0;   // Unix seconds
    std::int64_t not_valid_after = 0;    // Unix seconds
    std::string key_algorithm{};         // rsa, rsa-pss, dsa, ec, ed25519, ed448; another's own name
    std::optional<std::int64_t> bits{};  // of the key: modulus, prime or curve; nothing where OpenSSL knows none
    std::string signature_algorithm{};   // sha256WithRSAEncryption
    std::string signature_digest{};      // sha256; empty where the algorithm has its own (ed25519) or is not known
    bool authority = false;              // may sign others
    bool self_signed = false;            // issuer and subject are the same
    std::string sha256{};                // of the DER, hex
};

struct CertificateFile {
    std::vector<PublicCertificate> certificates;  // in the order of the file
    bool damaged = false;                         // a block that should hold a certificate holds none
};

/// Blocks that are no certificate (keys, parameters) are passed over and never decoded. At most 1,000 certificates;
/// what is beyond counts as damaged.
CertificateFile parse_certificates(std::string_view pem);

}  // namespace annexa::collectors
