// Ed25519 keys (RFC 8032): evidence, log, record and recovery keys. TLS keys are none of these.
//
// A public key travels as DER SubjectPublicKeyInfo (RFC 8410), a private key rests as PKCS#8 PEM. A key id is the
// SHA-256 of the former. Values; may be used by several threads at once.
#pragma once

#include "evidence/digest.hpp"
#include "evidence/signature.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace annexa::evidence {

using KeyId = Digest;

class PublicKey {
  public:
    /// 32 bytes as RFC 8032 encodes them. Throws format_error for another length or a point of small order, under which
    /// one signature would fit many messages.
    static PublicKey from_raw(std::string_view bytes);
    /// Throws format_error unless it is exactly the 44 bytes of an Ed25519 SubjectPublicKeyInfo.
    static PublicKey from_spki(std::string_view der);
    /// As it stands in our formats: standard base64 of the SubjectPublicKeyInfo.
    static PublicKey from_base64(std::string_view text);

    [[nodiscard]] std::string_view raw() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
    [[nodiscard]] std::string spki() const;
    [[nodiscard]] std::string base64() const;
    [[nodiscard]] KeyId id() const;
    [[nodiscard]] bool verify(std::string_view message, const Signature& signature) const;

    bool operator==(const PublicKey&) const = default;

  private:
    PublicKey() = default;
    std::array<std::uint8_t, 32> bytes_{};
};

class PrivateKey {
  public:
    static PrivateKey generate();
    /// An unencrypted PKCS#8 PEM. Throws error where it is none or holds another kind of key.
    static PrivateKey from_pem(std::string_view pem);
    /// The 32-byte seed of RFC 8032, for published vectors.
    static PrivateKey from_seed(std::string_view bytes);

    [[nodiscard]] std::string pem() const;
    [[nodiscard]] const PublicKey& public_key() const { return public_; }
    [[nodiscard]] Signature sign(std::string_view message) const;

  private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    using Handle = std::unique_ptr<evp_pkey_st, Free>;
    explicit PrivateKey(Handle handle);
    Handle handle_;
    PublicKey public_;
};

}  // namespace annexa::evidence
