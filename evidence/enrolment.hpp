// Enrolment: what the agent asks, what the store answers, and what the agent verifies before it makes a statement.
#pragma once

#include "evidence/checkpoint.hpp"
#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "evidence/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

/// The body of POST /agent/v1/enroll, an envelope of the evidence key that it names.
struct EnrolmentRequest {
    std::string csr;  // PEM, PKCS#10: the store takes the public key from it and nothing else
    std::string host_name;
    PublicKey key;
    std::optional<Digest> machine;
    Instant made_at;
    std::string origin;
    Digest token;  // hash of the secret
    bool operator==(const EnrolmentRequest&) const = default;
};

Envelope seal(const EnrolmentRequest& request, const PrivateKey& key);
/// Reads a request and verifies it with the key that it names. Throws coded_error: `too_large`, `bad_json`,
/// `wrong_type`, `schema` or `bad_signature`.
EnrolmentRequest open_enrolment_request(std::string_view body);

struct EnrolmentAnswer {
    std::string certificate;  // PEM chain
    std::string checkpoint;   // a note
    Envelope enrolment;
    std::uint64_t index = 0;
    std::vector<Digest> inclusion_proof;
    std::string host;  // UUID
    PublicKey record_key;
    PublicKey recovery_key;
    bool operator==(const EnrolmentAnswer&) const = default;
};

std::string serialise(const EnrolmentAnswer& answer);
/// Throws coded_error `bad_json` or `schema`.
EnrolmentAnswer parse_enrolment_answer(std::string_view body);

struct VerifiedEnrolment {
    EnrolmentRecord record;
    Digest digest;          // of the record's payload: the chain's sequence 0
    Checkpoint checkpoint;  // the first tree that the agent has verified
};

/// All but the certificate, which is TLS's matter: the checkpoint is the token's log's, the record stands in it, was
/// signed by the record key that the answer names, and says what the request said. Throws coded_error:
/// `bad_checkpoint`, `bad_signature`, `other_origin`, `bad_inclusion` or `bad_answer`.
VerifiedEnrolment verify_enrolment(const EnrolmentAnswer& answer, const Token& token, const EnrolmentRequest& request);

/// The body of POST /agent/v1/renew, an envelope of the evidence key.
struct RenewalRequest {
    std::string csr;
    Digest enrolment;
    Instant made_at;
    std::string origin;
    bool operator==(const RenewalRequest&) const = default;
};

Envelope seal(const RenewalRequest& request, const PrivateKey& key);
/// From open()'s bytes: which key it is looked up by the envelope's keyid. Throws coded_error as above.
RenewalRequest parse_renewal_request(std::string_view payload);

/// {"certificate":PEM}
std::string serialise_renewal_answer(std::string_view certificate);
/// Throws coded_error `bad_json` or `schema`.
std::string parse_renewal_answer(std::string_view body);

}  // namespace annexa::evidence
