// One-time codes of an authenticator: HOTP (RFC 4226) and TOTP (RFC 6238). Pure.
#pragma once

#include "evidence/instant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

enum class CodeHash { sha1, sha256, sha512 };

/// HOTP of a secret and a counter, with leading zeros: `digits` from 6 to 9.
std::string hotp(std::string_view secret, std::uint64_t counter, unsigned digits = 6, CodeHash hash = CodeHash::sha1);

/// How many steps of 30 seconds have passed since 1970: TOTP's counter.
std::uint64_t code_step(evidence::Instant at);

/// The step whose code this is, among now's and one either way (clocks drift, people type slowly), and later than
/// `last`: the last step whose code was taken. Takes the same time for every code of six digits.
std::optional<std::uint64_t> matching_step(std::string_view secret, std::string_view code, evidence::Instant now,
                                           std::uint64_t last);

/// A new secret: 20 bytes, as long as its HMAC-SHA-1 (RFC 4226 section 4, R6).
std::string new_code_secret();

/// RFC 4648 section 6, without padding.
std::string to_base32(std::string_view bytes);

/// What an authenticator reads, of a secret for the codes above:
/// otpauth://totp/ISSUER:LOGIN?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30
std::string otpauth_uri(std::string_view issuer, std::string_view login, std::string_view secret);

}  // namespace annexa::store
