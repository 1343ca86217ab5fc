// Signing in with name, password and one-time code, and what a person does with these. Each look at a password passes
// the guard (sign_in_guard.hpp); what failed is in the journal with the account's id and why, and the person is told
// neither.
#pragma once

#include "server-stub/enrolment/tokens.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace annexa::store {

/// A session that began with a password ends after so long without a request, and in any case with session_lifetime.
constexpr std::chrono::minutes idle_session_lifetime{30};

struct Proof {
    std::string login;
    std::string password;
    std::string code;     // six digits; spaces are ignored
    std::string address;  // the peer's
};

/// Begins a session with the account's rights. Throws coded_error: `sign_in_refused` (name, password or code is wrong,
/// the code was taken before, the account is disabled or has no password: which of these is for the journal),
/// `too_many_attempts`, `busy`.
SignedIn sign_in(Server& server, const Proof& proof);

/// Whose password was set, and what the person's authenticator needs, shown once.
struct CodeSetUp {
    std::string login;
    std::string uri;  // otpauth://…
};

/// Sets password and codes of the account that was invited, and ends the invitation. Throws coded_error: those of a
/// token's
/// (`token_unknown`, `token_expired`, `token_used`, `token_revoked`), `password_refused` (and the invitation stays
/// good).
CodeSetUp accept_invitation(Server& server, std::string_view bearer, std::string_view password);

/// One's own: asks for password and code again, whatever the session. The other sessions of the account end.
/// Throws coded_error as sign_in(), and `password_refused`.
void change_password(Server& server, const Session& session, Proof proof, std::string_view new_password);
/// A new secret for codes; the old one ends.
CodeSetUp renew_code(Server& server, const Session& session, Proof proof);

}  // namespace annexa::store
