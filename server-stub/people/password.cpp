#include "server-stub/people/password.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/openssl_handles.hpp"
#include "evidence/utf8.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <vector>

namespace annexa::store {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
constexpr std::string_view argon2id_form = "$argon2id$v=19$m=65536,t=3,p=1$";  // what Argon2Cost is unless said
constexpr std::uint64_t most_memory_bytes = std::uint64_t{256} << 20;

struct Argon2Cost {
    std::uint32_t memory_kib = 65536;
    std::uint32_t passes = 3;
    std::uint32_t lanes = 1;
};

/// OpenSSL takes what it only reads by pointers to what it might write.
OSSL_PARAM octets(const char* name, std::string_view text) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(text.data()), text.size());
}

std::string derive(const char* name, std::vector<OSSL_PARAM> parameters, std::size_t bytes) {
    const evidence::openssl::Kdf kdf{EVP_KDF_fetch(nullptr, name, nullptr)};
    const evidence::openssl::KdfContext context{kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr};
    parameters.push_back(OSSL_PARAM_construct_end());
    std::string out(bytes, '\0');
    if (!context ||
        EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(), parameters.data()) != 1)
        throw evidence::error(std::string{"OpenSSL cannot compute "} + name + "; is there memory for it (128 MiB)?");
    return out;
}

std::string argon2id(std::string_view password, std::string_view salt, Argon2Cost cost, std::size_t bytes) {
    // The names are OSSL_KDF_PARAM_ARGON2_…, which OpenSSL before 3.2 has not.
    return derive("ARGON2ID",
                  {octets(OSSL_KDF_PARAM_PASSWORD, password), octets(OSSL_KDF_PARAM_SALT, salt),
                   OSSL_PARAM_construct_uint32("memcost", &cost.memory_kib),
                   OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &cost.passes),
                   OSSL_PARAM_construct_uint32("lanes", &cost.lanes)},
                  bytes);
}

std::string unpadded(std::string_view bytes) {
    std::string text = evidence::to_base64(bytes);
    while (!text.empty() && text.back() == '=') text.pop_back();
    return text;
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(by);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

/// "ln=17,r=8,p=1" for the names ln, r, p, in their order.
std::optional<std::vector<std::uint32_t>> numbers(std::string_view text,
                                                  std::initializer_list<std::string_view> names) {
    const std::vector<std::string_view> parts = split(text, ',');
    if (parts.size() != names.size()) return std::nullopt;
    std::vector<std::uint32_t> values;
    for (const std::string_view name : names) {
        std::string_view part = parts.at(values.size());
        if (!part.starts_with(name) || part.substr(name.size(), 1) != "=") return std::nullopt;
        part.remove_prefix(name.size() + 1);
        std::uint32_t value = 0;
        const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (problem != std::errc{} || end != part.data() + part.size() || value == 0) return std::nullopt;
        values.push_back(value);
    }
    return values;
}

/// The hash of a password as `parts` say that another was made; nothing where they say it in no form of ours.
std::optional<std::string> made_alike(std::string_view password, const std::vector<std::string_view>& parts,
                                      std::size_t bytes) {
    const std::string salt = evidence::from_any_base64(parts.at(parts.size() - 2));
    if (parts.size() == 5 && parts[1] == "scrypt") {
        const auto cost = numbers(parts[2], {"ln", "r", "p"});
        if (!cost || cost->at(0) > 24 || cost->at(1) > 64 || cost->at(2) > 16) return std::nullopt;
        if ((std::uint64_t{128} * cost->at(1)) << cost->at(0) > most_memory_bytes) return std::nullopt;
        return scrypt(password, salt, {cost->at(0), cost->at(1), cost->at(2)}, bytes);
    }
    if (parts.size() == 6 && parts[1] == "argon2id" && parts[2] == "v=19") {
        const auto cost = numbers(parts[3], {"m", "t", "p"});
        if (!cost || cost->at(0) > most_memory_bytes / 1024 || cost->at(1) > 64 || cost->at(2) > 16)
            return std::nullopt;
        return argon2id(password, salt, {cost->at(0), cost->at(1), cost->at(2)}, bytes);
    }
    return std::nullopt;
}

std::string lower(std::string_view text) {
    std::string made{text};
    std::transform(made.begin(), made.end(), made.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return made;
}

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) static_cast<void>(evidence::take_code_point(text));
    return count;
}

}  // namespace

std::optional<std::string> password_problem(std::string_view password, std::string_view login, std::string_view name) {
    if (password.size() > most_password_bytes)
        return "a password has at most " + std::to_string(most_password_bytes) + " bytes";
    if (!evidence::is_plain_text(password)) return "a password is text in UTF-8";
    if (characters(password) < least_password_characters)
        return "a password has at least " + std::to_string(least_password_characters) +
               " characters; several words do well";
    if (lower(password) == lower(login) || lower(password) == lower(name)) return "a password is not one's name";
    return std::nullopt;
}

std::string hash_password(std::string_view password) {
    if (!has_argon2id()) return hash_by_scrypt(password, {});
    const std::string salt = evidence::random_bytes(salt_bytes);
    return std::string{argon2id_form} + unpadded(salt) + "$" + unpadded(argon2id(password, salt, {}, hash_bytes));
}

bool verify_password(std::string_view password, std::string_view hash) {
    const std::vector<std::string_view> parts = split(hash, '$');
    if (parts.size() < 5 || !parts.front().empty()) return false;
    try {
        const std::string wanted = evidence::from_any_base64(parts.back());
        if (wanted.size() < 16 || wanted.size() > 64) return false;
        const auto found = made_alike(password, parts, wanted.size());
        return found && evidence::equal_constant_time(*found, wanted);
    } catch (const evidence::format_error&) {
        return false;
    }
}

std::string decoy_hash() {
    const std::string end =
        unpadded(evidence::random_bytes(salt_bytes)) + "$" + unpadded(evidence::random_bytes(hash_bytes));
    return (has_argon2id() ? std::string{argon2id_form} : "$scrypt$ln=17,r=8,p=1$") + end;
}

std::string scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost, std::size_t bytes) {
    std::uint64_t n = std::uint64_t{1} << cost.log2_n;
    std::uint32_t r = cost.r;
    std::uint32_t p = cost.p;
    std::uint64_t memory = 2 * most_memory_bytes;
    return derive("SCRYPT",
                  {octets(OSSL_KDF_PARAM_PASSWORD, password), octets(OSSL_KDF_PARAM_SALT, salt),
                   OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
                   OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
                   OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
                   OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory)},
                  bytes);
}

std::string hash_by_scrypt(std::string_view password, const ScryptCost& cost) {
    const std::string salt = evidence::random_bytes(salt_bytes);
    return "$scrypt$ln=" + std::to_string(cost.log2_n) + ",r=" + std::to_string(cost.r) +
           ",p=" + std::to_string(cost.p) + "$" + unpadded(salt) + "$" +
           unpadded(scrypt(password, salt, cost, hash_bytes));
}

bool has_argon2id() {
    static const bool there = evidence::openssl::Kdf{EVP_KDF_fetch(nullptr, "ARGON2ID", nullptr)} != nullptr;
    return there;
}

}  // namespace annexa::store
