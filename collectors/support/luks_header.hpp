// LUKS headers, versions 1 and 2, as the LUKS on-disk format specifications describe them. Reads what says how strong a
// volume is; key material and its salts are skipped, digests are not kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct LuksKeySlot {
    int number = 0;
    std::string kdf;           // pbkdf2, argon2i, argon2id; empty for reencryption slots
    std::string hash;          // of pbkdf2
    std::int64_t iterations = 0;   // pbkdf2: iterations; argon2: time cost
    std::int64_t memory_kib = 0;   // argon2
    std::int64_t parallelism = 0;  // argon2
    int key_bits = 0;
    std::string area_cipher;   // what the slot itself is encrypted with
};

struct LuksHeader {
    int version = 0;
    std::string uuid, label;
    std::string cipher;  // of the data: aes-xts-plain64; with several segments the first crypt one
    int key_bits = 0;    // of the volume key: 512 for aes-xts with two 256-bit keys
    std::vector<LuksKeySlot> slots;  // those in use
    bool encrypted = true;           // LUKS2: every segment is of type crypt (a decryption underway has linear ones)
};

/// How many first bytes suffice: LUKS2's header area with its JSON (a header that says more is refused).
constexpr std::size_t luks_header_bytes = std::size_t{4} << 20;

bool is_luks(std::string_view bytes);

/// Nothing where the bytes do not begin with LUKS' magic. Throws host_error(malformed_source) with `name` in its message
/// for a header that is damaged or of an unknown version.
std::optional<LuksHeader> parse_luks_header(std::string_view name, std::string_view bytes);

}  // namespace annexa::collectors
