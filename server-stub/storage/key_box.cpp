#include "server-stub/storage/key_box.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "server-stub/storage/aes_gcm.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using nlohmann::json;

constexpr std::uint64_t scrypt_n = 131072;
constexpr std::uint64_t scrypt_r = 8;
constexpr std::uint64_t scrypt_p = 1;
constexpr std::uint64_t scrypt_memory_bytes = std::uint64_t{256} << 20;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// A key that does not stay in memory.
class DerivedKey {
  public:
    DerivedKey(std::string_view passphrase, std::string_view salt) {
        if (passphrase.empty()) throw evidence::error("the passphrase is empty");
        if (EVP_PBE_scrypt(passphrase.data(), passphrase.size(), octets(salt), salt.size(), scrypt_n, scrypt_r,
                           scrypt_p, scrypt_memory_bytes, octets(bytes_), bytes_.size()) != 1)
            throw evidence::error("OpenSSL cannot compute scrypt (it needs 128 MiB of memory)");
    }
    ~DerivedKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
    DerivedKey(const DerivedKey&) = delete;
    DerivedKey& operator=(const DerivedKey&) = delete;
    [[nodiscard]] std::string_view view() const { return bytes_; }

  private:
    std::string bytes_ = std::string(32, '\0');
};

std::string text_of(const json& box, const char* name) {
    const auto found = box.find(name);
    if (found == box.end() || !found->is_string()) throw evidence::error("the sealed keys are not in their form");
    return found->get<std::string>();
}

}  // namespace

std::string seal_keys(const std::map<std::string, std::string>& files, std::string_view passphrase) {
    json content = json::object();
    for (const auto& [name, bytes] : files) content[name] = evidence::to_base64(bytes);
    std::string plain = evidence::canonical_json(content);
    const std::string salt = evidence::random_bytes(16);
    const std::string nonce = evidence::random_bytes(12);
    const DerivedKey key{passphrase, salt};

    const std::string sealed = aes_gcm_seal(key.view(), nonce, plain);
    OPENSSL_cleanse(plain.data(), plain.size());
    return evidence::canonical_json(json{{"cipher", "aes-256-gcm"},
                                         {"kdf", "scrypt"},
                                         {"n", scrypt_n},
                                         {"r", scrypt_r},
                                         {"p", scrypt_p},
                                         {"salt", evidence::to_base64(salt)},
                                         {"nonce", evidence::to_base64(nonce)},
                                         {"sealed", evidence::to_base64(sealed)}});
}

std::map<std::string, std::string> open_keys(std::string_view text, std::string_view passphrase) {
    const json box = evidence::parse_json(text);
    if (!box.is_object() || box.value("cipher", json{}) != "aes-256-gcm" || box.value("kdf", json{}) != "scrypt" ||
        box.value("n", json{}) != scrypt_n || box.value("r", json{}) != scrypt_r || box.value("p", json{}) != scrypt_p)
        throw evidence::error("the keys are sealed in another way than this annexa-server knows");
    const std::string nonce = evidence::from_base64(text_of(box, "nonce"));
    const std::string sealed = evidence::from_base64(text_of(box, "sealed"));
    if (nonce.size() != 12) throw evidence::error("the sealed keys are not in their form");
    const DerivedKey key{passphrase, evidence::from_base64(text_of(box, "salt"))};

    std::optional<std::string> plain = aes_gcm_open(key.view(), nonce, sealed);
    if (!plain) throw evidence::error("the keys cannot be opened: another passphrase, or the backup was changed");
    std::map<std::string, std::string> files;
    const json content = evidence::parse_json(*plain);
    for (const auto& [name, bytes] : content.items())
        files.emplace(name, evidence::from_base64(bytes.get<std::string>()));
    OPENSSL_cleanse(plain->data(), plain->size());
    return files;
}

}  // namespace annexa::store
