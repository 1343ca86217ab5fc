// Passwords: which will do, and how they rest. Pure but for the salt.
//
// At rest a password is a PHC string, which says how it was made, so that another way later needs no migration:
//     $argon2id$v=19$m=65536,t=3,p=1$SALT$HASH     RFC 9106, where OpenSSL has it (3.2)
//     $scrypt$ln=17,r=8,p=1$SALT$HASH              RFC 7914, elsewhere: 128 MiB and about half a second
// SALT (16 bytes) and HASH (32) in base64 without padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

constexpr std::size_t least_password_characters = 12;
constexpr std::size_t most_password_bytes = 1024;

/// Why a password will not do, as a sentence: too short, too long, no plain text, or the person's own name (whatever
/// its case). No rule on what it is made of (NIST SP 800-63B section 5.1.1).
std::optional<std::string> password_problem(std::string_view password, std::string_view login, std::string_view name);

/// By the better algorithm that this OpenSSL has.
std::string hash_password(std::string_view password);

/// Compares in constant time. False too where the hash is in none of the forms above, or asks for more than 256 MiB.
bool verify_password(std::string_view password, std::string_view hash);

/// A hash that no password fits, as costly to look at as a real one: for names that nobody has.
std::string decoy_hash();

struct ScryptCost {
    unsigned log2_n = 17;
    unsigned r = 8;
    unsigned p = 1;
};
/// RFC 7914. Throws evidence::error where OpenSSL cannot compute it.
std::string scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost, std::size_t bytes);
std::string hash_by_scrypt(std::string_view password, const ScryptCost& cost);

/// Whether this OpenSSL computes Argon2id.
bool has_argon2id();

}  // namespace annexa::store
