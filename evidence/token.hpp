// A token: one string that suffices to reach a store, to trust it and to be let in.
//
// "annexa1." and base64url without padding of canonical JSON {"ca","id","log","origin","role","secret","url"}. Read
// from a file, standard input or the environment, never from the command line. A store keeps only the hash of the
// secret.
#pragma once

#include "evidence/signed_note.hpp"

#include <string>
#include <string_view>

namespace annexa::evidence {

struct Token {
    std::string ca;  // DER of the CA certificate
    std::string id;
    VerifierKey log;     // its name is the origin
    std::string role;    // agent, reader, auditor, editor, approver, admin
    std::string secret;  // 32 bytes
    std::string url;     // https://HOST:PORT, without a path

    [[nodiscard]] const std::string& origin() const { return log.name; }
    /// SHA-256 of the CA certificate, as shown to people.
    [[nodiscard]] Digest ca_fingerprint() const { return sha256(ca); }
    /// What the store keeps and what an enrolment request names.
    [[nodiscard]] Digest hash() const { return sha256(secret); }
    /// For "Authorization: Bearer ": base64url of the secret.
    [[nodiscard]] std::string bearer() const;
    bool operator==(const Token&) const = default;
};

bool is_role(std::string_view role);

std::string encode_token(const Token& token);
/// White space around it is ignored. Throws error in words that do not repeat the secret.
Token parse_token(std::string_view text);

/// The secret's hash from an Authorization header's bearer text. Throws coded_error `token_unknown`.
Digest bearer_hash(std::string_view bearer);

}  // namespace annexa::evidence
