// Public keys of SSH as authorized_keys holds them: sshd(8), AUTHORIZED_KEYS FILE FORMAT; RFC 4253, section 6.6, RFC
// 5656, RFC 8709.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct SshPublicKey {
    std::string algorithm;               // ssh-ed25519, ssh-rsa, …
    std::string base64, comment;         // as written
    std::string fingerprint;             // SHA256:…, as ssh-keygen -l prints it
    std::int64_t bits = 0;               // of the modulus, the prime or the curve
    std::vector<std::string> options{};  // as written, quotes and all
};

/// One line. Nothing for a blank line, a comment, and what sshd passes over: an unknown kind of key, one that is cut
/// off.
std::optional<SshPublicKey> parse_authorized_key(std::string_view line);

}  // namespace annexa::collectors
