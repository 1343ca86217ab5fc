// AES-256-GCM (NIST SP 800-38D), by OpenSSL: what is sealed under a key, and noticed where it was changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

/// Ciphertext and 16-byte tag. The key has 32 bytes, the nonce 12, and no nonce is used twice with a key. What is
/// `bound` is not in the result, and must be given again to open it.
std::string aes_gcm_seal(std::string_view key, std::string_view nonce, std::string_view plain,
                         std::string_view bound = {});

/// Nothing where it was sealed under another key, nonce or bound text, or was changed.
std::optional<std::string> aes_gcm_open(std::string_view key, std::string_view nonce, std::string_view sealed,
                                        std::string_view bound = {});

}  // namespace annexa::store
