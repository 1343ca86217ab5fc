// Tokens and the sessions that begin with them. A token is 32 random bytes; the store keeps their SHA-256 and nothing else,
// so what was printed once cannot be printed again.
//
// A token of a person's role opens the API as it is. One that was made with a number of uses only signs in: each sign-in
// is a use, and yields a session. An invitation only sets a password. What a token or session opens is never more than its
// account may at that moment, and nothing once the account is disabled.
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/http/session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

class Store;
struct Account;
struct Server;
struct Token;

constexpr std::chrono::seconds standard_token_lifetime{3600};
constexpr std::chrono::seconds longest_token_lifetime{366 * 86400};
constexpr std::chrono::seconds session_lifetime{12 * 3600};

/// How the server is reached: what tokens say.
struct Reach {
    std::string agents_url;  // empty: not known while the server does not run
    std::string people_url;
    std::string agents_authority;  // DER of the certificate that vouches for the listener's
    std::string people_authority;
};

struct TokenOrder {
    Role role = Role::reader;
    std::chrono::seconds lifetime = standard_token_lifetime;
    std::optional<std::uint64_t> uses;  // an agent's: 1 unless given; a person's: no limit unless given
    std::optional<std::string> host;    // role agent: id of the host whose enrolment it replaces
    std::string name;
};

struct MadeToken {
    std::string text;  // "annexa1.…"
    std::string id;
    Role role = Role::reader;
    evidence::Instant expires{};
};

/// Makes a token and, for a person's role, the account that it speaks for: that of the login `name`, which must hold the role;
/// else that of the same name and role; else a new one. A person's token is logged (on a restored store, which logs nothing,
/// it is made all the same: it lets people look). Throws evidence::error in words for the administrator.
MadeToken create_token(Server& server, const TokenOrder& order);

/// The session of a bearer secret. Throws coded_error: `token_missing`, `token_unknown`, `token_revoked`, `token_expired` (also
/// a session that nobody used for its time), `account_disabled`, `sign_in_needed` (one with a number of uses, an invitation),
/// `forbidden` (an agent's).
Session find_session(const Server& server, std::string_view bearer);

/// The invitation of a bearer secret, not used yet. Throws coded_error as find_session().
Token find_invitation(const Server& server, std::string_view bearer);

/// Neither revoked, expired nor used up. Says nothing of the account.
bool opens_something(const Token& token, evidence::Instant now);

struct SignedIn {
    std::string bearer;  // base64url of the session's secret
    Session session;
};
/// Uses the token once more and begins a session of its role, which ends with the token.
SignedIn sign_in(Server& server, std::string_view bearer);

struct SessionOrder {
    std::string role;      // roles_text()
    std::string begun_by;  // id of the token
    std::optional<std::chrono::milliseconds> idle;
    evidence::Instant expires{};
};
SignedIn begin_session(Server& server, const Account& account, const SessionOrder& order);

}  // namespace annexa::store
