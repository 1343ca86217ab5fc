#include "evidence/digest.hpp"

#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/openssl_handles.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

namespace annexa::evidence {

std::string Digest::hex() const { return to_hex(view()); }

Digest Digest::from_hex(std::string_view text) {
    if (text.size() != 64) throw format_error(0, "a SHA-256 digest of 64 hexadecimal digits");
    return from_bytes(evidence::from_hex(text));
}

Digest Digest::from_bytes(std::string_view bytes) {
    Digest digest;
    if (bytes.size() != digest.bytes.size()) throw format_error(0, "a SHA-256 digest of 32 bytes");
    std::transform(bytes.begin(), bytes.end(), digest.bytes.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    return digest;
}

Digest sha256(std::string_view bytes) {
    Hasher hasher;
    hasher.add(bytes);
    return hasher.finish();
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    Digest digest;
    unsigned length = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.bytes.data(),
             &length) == nullptr)
        throw error("OpenSSL could not compute an HMAC");
    return digest;
}

struct Hasher::Context {
    openssl::DigestContext handle{EVP_MD_CTX_new()};
};

Hasher::Hasher() : context_{std::make_unique<Context>()} {
    if (EVP_DigestInit_ex(context_->handle.get(), EVP_sha256(), nullptr) != 1) throw error("OpenSSL has no SHA-256");
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_->handle.get(), bytes.data(), bytes.size()) != 1)
        throw error("OpenSSL could not digest");
}

Digest Hasher::finish() {
    Digest digest;
    if (EVP_DigestFinal_ex(context_->handle.get(), digest.bytes.data(), nullptr) != 1)
        throw error("OpenSSL could not finish a digest");
    return digest;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw error("OpenSSL has no random bytes; is /dev/urandom there?");
    return bytes;
}

std::string random_uuid() {
    std::string bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string text = to_hex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace annexa::evidence
