// Keys under a passphrase, for backups: scrypt (RFC 7914, N 2^17, r 8, p 1: 128 MiB and about half a second) makes the
// key, AES-256-GCM seals. Canonical JSON
//     {"cipher":"aes-256-gcm","kdf":"scrypt","n":131072,"nonce":BASE64,"p":1,"r":8,"salt":BASE64,"sealed":BASE64}
// whose `sealed` is ciphertext || 16-byte tag of canonical JSON {NAME: base64 of the file, …}.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace annexa::store {

/// File names and their bytes. Throws evidence::error for an empty passphrase.
std::string seal_keys(const std::map<std::string, std::string>& files, std::string_view passphrase);

/// Throws evidence::error where the passphrase is another or the box was changed.
std::map<std::string, std::string> open_keys(std::string_view box, std::string_view passphrase);

}  // namespace annexa::store
