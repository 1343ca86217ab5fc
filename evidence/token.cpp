#include "evidence/token.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "evidence/members.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view prefix = "annexa1.";
constexpr std::size_t largest_token_bytes = 16384;
constexpr std::size_t secret_bytes = 32;
constexpr std::string_view roles[] = {"agent", "reader", "auditor", "editor", "approver", "admin"};

/// https://HOST[:PORT], without a path: what curl and a listener's own line agree on.
bool is_store_url(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme) || url.size() > 300) return false;
    url.remove_prefix(scheme.size());
    return !url.empty() && std::all_of(url.begin(), url.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{".-_:[]"}.find(c) != std::string_view::npos;
    });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

bool is_role(std::string_view role) { return std::find(std::begin(roles), std::end(roles), role) != std::end(roles); }

std::string Token::bearer() const { return to_base64url(secret); }

std::string encode_token(const Token& token) {
    if (token.secret.size() != secret_bytes) throw error("a token's secret has 32 bytes");
    if (!is_role(token.role)) throw error("there is no role " + token.role);
    if (!is_store_url(token.url)) throw error("a token's address is https://HOST:PORT, not " + token.url);
    return std::string{prefix} + to_base64url(canonical_json({{"ca", to_base64(token.ca)},
                                                              {"id", token.id},
                                                              {"log", token.log.text()},
                                                              {"origin", token.origin()},
                                                              {"role", token.role},
                                                              {"secret", to_base64(token.secret)},
                                                              {"url", token.url}}));
}

Token parse_token(std::string_view text) {
    text = trimmed(text);
    if (!text.starts_with(prefix)) throw error("this is no token: it should begin with " + std::string{prefix});
    const auto damaged = [](const std::string& why) {
        return error("the token is damaged (" + why + "); copy it again, whole");
    };
    try {
        const std::string bytes = from_base64url(text.substr(prefix.size()));
        const json value = read_canonical_json(bytes, largest_token_bytes);
        Members members{value, ""};
        Token token{.ca = from_base64(members.text("ca", largest_token_bytes, 1)),
                    .id = members.label("id"),
                    .log = VerifierKey::parse(members.text("log", 1024)),
                    .role = members.text("role", 64),
                    .secret = from_base64(members.text("secret", 64)),
                    .url = members.text("url", 300)};
        if (members.label("origin") != token.log.name) refuse_member("origin", "the name of the log's key");
        if (!is_role(token.role)) refuse_member("role", "a role that this version knows");
        if (token.secret.size() != secret_bytes) refuse_member("secret", "32 bytes");
        if (!is_store_url(token.url)) refuse_member("url", "https://HOST:PORT");
        return token;
    } catch (const coded_error& problem) {
        throw damaged(problem.what());
    } catch (const format_error& problem) {
        throw damaged(problem.what());
    }
}

Digest bearer_hash(std::string_view bearer) {
    try {
        const std::string secret = from_base64url(bearer);
        if (secret.size() == secret_bytes) return sha256(secret);
    } catch (const format_error&) {
        // answered as any other secret that is not known
    }
    throw coded_error("token_unknown", "the bearer token is not the secret of a token of this store");
}

}  // namespace annexa::evidence
