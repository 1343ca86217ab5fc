#include "server-stub/people/sign_in_guard.hpp"

#include "evidence/digest.hpp"
#include "evidence/errors.hpp"
#include "server-stub/people/password.hpp"
#include "server-stub/storage/aes_gcm.hpp"

#include <openssl/crypto.h>

namespace annexa::store {
namespace {

constexpr std::size_t nonce_bytes = 12;

}  // namespace

SignInGuard::SignInGuard(std::string code_key) : code_key_{std::move(code_key)}, decoy_{decoy_hash()} {}

SignInGuard::~SignInGuard() { OPENSSL_cleanse(code_key_.data(), code_key_.size()); }

SignInGuard::Slot::Slot(std::atomic<int>& taken) : taken_{taken} {
    if (++taken_ <= most_hashes_at_once) return;
    --taken_;
    throw evidence::coded_error("busy", "other people are signing in at this moment; try again in a few seconds");
}

std::string SignInGuard::seal(std::string_view account, std::string_view secret) const {
    const std::string nonce = evidence::random_bytes(nonce_bytes);
    return nonce + aes_gcm_seal(code_key_, nonce, secret, account);
}

std::optional<std::string> SignInGuard::open(std::string_view account, std::string_view sealed) const {
    if (sealed.size() < nonce_bytes) return std::nullopt;
    return aes_gcm_open(code_key_, sealed.substr(0, nonce_bytes), sealed.substr(nonce_bytes), account);
}

}  // namespace annexa::store
