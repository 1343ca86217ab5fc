#include "evidence/key.hpp"

#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/openssl_handles.hpp"

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <algorithm>

namespace annexa::evidence {
namespace {

using openssl::Bio;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }: RFC 8410 section 4 leaves no choice.
constexpr std::string_view spki_head{"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12};

/// The encodings, without the sign bit, of the points whose order divides 8, those with a y beyond the prime too.
constexpr std::string_view small_order_hex[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

bool is_of_small_order(std::string_view bytes) {
    std::string unsigned_bytes{bytes};
    unsigned_bytes.back() = static_cast<char>(unsigned_bytes.back() & 0x7f);
    const std::string hex = to_hex(unsigned_bytes);
    return std::find(std::begin(small_order_hex), std::end(small_order_hex), hex) != std::end(small_order_hex);
}

}  // namespace

Signature Signature::from_bytes(std::string_view bytes) {
    Signature signature;
    if (bytes.size() != signature.bytes.size()) throw format_error(0, "an Ed25519 signature of 64 bytes");
    std::transform(bytes.begin(), bytes.end(), signature.bytes.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    return signature;
}

PublicKey PublicKey::from_raw(std::string_view bytes) {
    PublicKey key;
    if (bytes.size() != key.bytes_.size()) throw format_error(0, "an Ed25519 public key of 32 bytes");
    if (is_of_small_order(bytes)) throw format_error(0, "an Ed25519 public key that is not of small order");
    std::transform(bytes.begin(), bytes.end(), key.bytes_.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    return key;
}

PublicKey PublicKey::from_spki(std::string_view der) {
    if (!der.starts_with(spki_head)) throw format_error(0, "a SubjectPublicKeyInfo of an Ed25519 key");
    return from_raw(der.substr(spki_head.size()));
}

PublicKey PublicKey::from_base64(std::string_view text) { return from_spki(evidence::from_base64(text)); }

std::string PublicKey::spki() const { return std::string{spki_head}.append(raw()); }

std::string PublicKey::base64() const { return to_base64(spki()); }

KeyId PublicKey::id() const { return sha256(spki()); }

bool PublicKey::verify(std::string_view message, const Signature& signature) const {
    const openssl::Key key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_.data(), bytes_.size())};
    const openssl::DigestContext context{EVP_MD_CTX_new()};
    return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.bytes.data(), signature.bytes.size(), octets(message),
                            message.size()) == 1;
}

void PrivateKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

PrivateKey::PrivateKey(Handle handle)
    : handle_{std::move(handle)}, public_{[this] {
          std::array<char, 32> bytes{};
          std::size_t length = bytes.size();
          if (!handle_ ||
              EVP_PKEY_get_raw_public_key(handle_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) != 1)
              throw error("OpenSSL could not make an Ed25519 key");
          return PublicKey::from_raw({bytes.data(), length});
      }()} {}

PrivateKey PrivateKey::generate() { return PrivateKey{Handle{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}}; }

PrivateKey PrivateKey::from_seed(std::string_view bytes) {
    if (bytes.size() != 32) throw format_error(0, "an Ed25519 seed of 32 bytes");
    return PrivateKey{Handle{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(bytes), bytes.size())}};
}

PrivateKey PrivateKey::from_pem(std::string_view pem) {
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    // Without a callback OpenSSL would ask the terminal for the passphrase of an encrypted key.
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    Handle handle{bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
    if (!handle) throw error("this is not an unencrypted private key in PEM");
    if (EVP_PKEY_get_id(handle.get()) != EVP_PKEY_ED25519) throw error("this private key is not an Ed25519 key");
    return PrivateKey{std::move(handle)};
}

std::string PrivateKey::pem() const {
    const Bio bio{BIO_new(BIO_s_secmem())};
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), handle_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        throw error("OpenSSL could not write a private key");
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

Signature PrivateKey::sign(std::string_view message) const {
    Signature signature;
    std::size_t length = signature.bytes.size();
    const openssl::DigestContext context{EVP_MD_CTX_new()};
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.bytes.data(), &length, octets(message), message.size()) != 1 ||
        length != signature.bytes.size())
        throw error("OpenSSL could not sign");
    return signature;
}

}  // namespace annexa::evidence
