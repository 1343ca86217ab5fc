#include "server-stub/storage/aes_gcm.hpp"

#include "evidence/errors.hpp"
#include "evidence/openssl_handles.hpp"

#include <openssl/crypto.h>
#include <utility>

namespace annexa::store {
namespace {

constexpr std::size_t tag_bytes = 16;

using Cipher = evidence::openssl::CipherContext;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void demand(bool held) {
    if (!held) throw evidence::error("OpenSSL cannot compute AES-256-GCM");
}

void check_sizes(std::string_view key, std::string_view nonce) {
    if (key.size() != 32 || nonce.size() != 12)
        throw evidence::error("AES-256-GCM: expected a key of 32 bytes and a nonce of 12");
}

}  // namespace

std::string aes_gcm_seal(std::string_view key, std::string_view nonce, std::string_view plain, std::string_view bound) {
    check_sizes(key, nonce);
    std::string sealed(plain.size() + tag_bytes, '\0');
    const Cipher cipher{EVP_CIPHER_CTX_new()};
    int written = 0;
    int last = 0;
    demand(cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key), octets(nonce)) == 1);
    demand(bound.empty() ||
           EVP_EncryptUpdate(cipher.get(), nullptr, &written, octets(bound), static_cast<int>(bound.size())) == 1);
    demand(EVP_EncryptUpdate(cipher.get(), octets(sealed), &written, octets(plain), static_cast<int>(plain.size())) ==
           1);
    demand(EVP_EncryptFinal_ex(cipher.get(), octets(sealed) + written, &last) == 1);
    demand(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes),
                               sealed.data() + plain.size()) == 1);
    return sealed;
}

std::optional<std::string> aes_gcm_open(std::string_view key, std::string_view nonce, std::string_view sealed,
                                        std::string_view bound) {
    check_sizes(key, nonce);
    if (sealed.size() < tag_bytes) return std::nullopt;
    std::string tag{sealed.substr(sealed.size() - tag_bytes)};
    sealed.remove_suffix(tag_bytes);
    std::string plain(sealed.size(), '\0');
    const Cipher cipher{EVP_CIPHER_CTX_new()};
    int written = 0;
    int last = 0;
    demand(cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key), octets(nonce)) == 1);
    demand(bound.empty() ||
           EVP_DecryptUpdate(cipher.get(), nullptr, &written, octets(bound), static_cast<int>(bound.size())) == 1);
    demand(EVP_DecryptUpdate(cipher.get(), octets(plain), &written, octets(sealed), static_cast<int>(sealed.size())) ==
           1);
    demand(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1);
    if (EVP_DecryptFinal_ex(cipher.get(), octets(plain) + written, &last) == 1) return plain;
    OPENSSL_cleanse(plain.data(), plain.size());
    return std::nullopt;
}

}  // namespace annexa::store
