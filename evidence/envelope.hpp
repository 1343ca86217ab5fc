// DSSE v1 envelopes: every statement and every record is one, and its canonical JSON is a leaf of the log.
//
// The signature is over "DSSEv1" SP len(type) SP type SP len(payload) SP payload. A key id is trusted by nobody: it
// only picks the key to try. What open() returns are the bytes that were verified; nothing is parsed a second time.
#pragma once

#include "evidence/key.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

constexpr std::string_view statement_payload_type = "application/vnd.in-toto+json";

/// An entry has a 16-bit length in an entry bundle (C2SP tlog-tiles).
constexpr std::size_t largest_entry_bytes = 65'535;
/// What always fits into such an entry.
constexpr std::size_t largest_payload_bytes = 48'900;

/// Our envelopes: payload type statement_payload_type, one Ed25519 signature.
struct Envelope {
    std::string payload;
    KeyId keyid;
    Signature signature;

    /// SHA-256 of the payload: "the same statement" means the same digest.
    [[nodiscard]] Digest digest() const { return sha256(payload); }
    bool operator==(const Envelope&) const = default;
};

/// The bytes that DSSE signs.
std::string pre_authentication_encoding(std::string_view type, std::string_view payload);

/// Signs. Throws coded_error `too_large` beyond largest_payload_bytes.
Envelope seal(std::string payload, const PrivateKey& key);

[[nodiscard]] bool verify(const Envelope& envelope, const PublicKey& key);

/// The payload, verified. Throws coded_error `bad_signature`.
const std::string& open(const Envelope& envelope, const PublicKey& key);

/// The log's leaf: canonical JSON.
std::string entry(const Envelope& envelope);

/// Reads exactly what entry() writes. Throws coded_error `too_large` beyond largest_entry_bytes or
/// largest_payload_bytes, else `bad_json`. Says nothing about the payload.
Envelope parse_entry(std::string_view bytes);

/// An envelope of somebody else: any payload type, any number of signatures, unknown members ignored.
struct ForeignEnvelope {
    struct Signed {
        std::optional<std::string> keyid;
        std::string signature;  // bytes
    };
    std::string payload;
    std::string payload_type;
    std::vector<Signed> signatures;
};

/// Accepts both base64 alphabets, with or without padding. Throws format_error.
ForeignEnvelope parse_foreign_envelope(std::string_view bytes, std::size_t most_bytes = std::size_t{1} << 20);

/// True where one of the signatures is this key's.
[[nodiscard]] bool verify(const ForeignEnvelope& envelope, const PublicKey& key);

}  // namespace annexa::evidence
