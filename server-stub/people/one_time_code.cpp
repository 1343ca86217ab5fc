#include "server-stub/people/one_time_code.hpp"

#include "evidence/digest.hpp"
#include "evidence/errors.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace annexa::store {
namespace {

constexpr std::int64_t step_s = 30;
constexpr std::size_t secret_bytes = 20;

const EVP_MD* digest_of(CodeHash hash) {
    switch (hash) {
        case CodeHash::sha1:
            return EVP_sha1();
        case CodeHash::sha256:
            return EVP_sha256();
        case CodeHash::sha512:
            return EVP_sha512();
    }
    return nullptr;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += hex[byte >> 4];
        out += hex[byte & 15U];
    }
    return out;
}

}  // namespace

std::string hotp(std::string_view secret, std::uint64_t counter, unsigned digits, CodeHash hash) {
    std::array<unsigned char, 8> message{};
    for (std::size_t i = 0; i < message.size(); ++i) message.at(7 - i) = static_cast<unsigned char>(counter >> (8 * i));
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    if (HMAC(digest_of(hash), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(),
             mac.data(), &length) == nullptr)
        throw evidence::error("OpenSSL cannot compute HMAC");
    // RFC 4226 section 5.3: the last four bits say where the 31 bits stand.
    const std::size_t offset = mac.at(length - 1) & 15U;
    const std::uint32_t bits = (static_cast<std::uint32_t>(mac.at(offset) & 127U) << 24) |
                               (static_cast<std::uint32_t>(mac.at(offset + 1)) << 16) |
                               (static_cast<std::uint32_t>(mac.at(offset + 2)) << 8) | mac.at(offset + 3);
    std::string code(digits, '0');
    std::uint32_t left = bits;
    for (auto digit = code.rbegin(); digit != code.rend(); ++digit, left /= 10)
        *digit = static_cast<char>('0' + left % 10);
    return code;
}

std::uint64_t code_step(evidence::Instant at) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(evidence::unix_seconds(at), 0) / step_s);
}

std::optional<std::uint64_t> matching_step(std::string_view secret, std::string_view code, evidence::Instant now,
                                           std::uint64_t last) {
    const std::uint64_t current = code_step(now);
    std::optional<std::uint64_t> found;
    for (const std::uint64_t step : {current - 1, current, current + 1}) {
        const bool same = evidence::equal_constant_time(hotp(secret, step), code);
        if (same && step > last && !found) found = step;
    }
    return found;
}

std::string new_code_secret() { return evidence::random_bytes(secret_bytes); }

std::string to_base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (count += 8; count >= 5; count -= 5) out += alphabet[(bits >> (count - 5)) & 31U];
    }
    if (count > 0) out += alphabet[(bits << (5 - count)) & 31U];
    return out;
}

std::string otpauth_uri(std::string_view issuer, std::string_view login, std::string_view secret) {
    const std::string by = percent_encoded(issuer);
    return "otpauth://totp/" + by + ":" + percent_encoded(login) + "?secret=" + to_base32(secret) + "&issuer=" + by +
           "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace annexa::store
