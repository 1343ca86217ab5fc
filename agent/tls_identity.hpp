// The agent's TLS side: an ECDSA P-256 key, the request for its certificate, and what a certificate must be to be used.
#pragma once

#include "evidence/digest.hpp"
#include "evidence/instant.hpp"

#include <string>
#include <string_view>

namespace annexa::agent {

/// A new P-256 key as an unencrypted PKCS#8 PEM.
std::string make_tls_key();

/// SHA-256 of the key's SubjectPublicKeyInfo. Throws error where the PEM holds no P-256 key.
evidence::Digest tls_key_id(std::string_view key_pem);

/// A PKCS#10 request, PEM, signed by the key; the subject says nothing, since the store takes the public key alone.
std::string make_certificate_request(std::string_view key_pem);

/// A CA certificate in DER as PEM. Throws error where it is none.
std::string ca_as_pem(std::string_view der);

struct CertificateLife {
    evidence::Instant from{}, until{};
};

/// Verifies the first certificate of a PEM chain: issued by the CA, for this key, for clientAuth, with the URI name
/// annexa:host:HOST, valid at `now`. Throws error with what does not hold.
CertificateLife verify_certificate(std::string_view chain_pem, std::string_view ca_der, std::string_view key_pem,
                                   const std::string& host_id, evidence::Instant now);

/// The life of the first certificate, unverified. Throws error where there is none.
CertificateLife certificate_life(std::string_view chain_pem);

}  // namespace annexa::agent
