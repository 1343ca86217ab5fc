#include "server-stub/people/sign_in.hpp"

#include "evidence/errors.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/people/accounts.hpp"
#include "server-stub/people/one_time_code.hpp"
#include "server-stub/people/password.hpp"
#include "server-stub/people/sign_in_guard.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

using evidence::coded_error;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// What is wrong with a proof; empty where it holds, and then its code is used up. As long for a name that nobody has.
std::string judge(Server& server, const Proof& proof, const std::optional<Account>& account, evidence::Instant now) {
    const std::optional<Credential> credential = account ? server.store.credential(account->id) : std::nullopt;
    const bool password = verify_password(proof.password, credential ? credential->password : server.guard.decoy());
    const std::optional<std::string> secret =
        credential ? server.guard.open(account->id, credential->code_key) : std::nullopt;
    std::string code = proof.code;
    std::erase(code, ' ');
    const auto step =
        matching_step(secret.value_or(std::string(20, '\0')), code, now, credential ? credential->code_step : 0);
    if (!account) return "a name that nobody has";
    if (!credential) return "no password was set";
    if (!password) return "a wrong password";
    if (account->disabled) return "the account is disabled";
    if (!secret)
        return "its secret for codes is sealed under another key than keys/codes.key: annexa user reset begins anew";
    if (!step || !server.store.use_code(account->id, *step)) return "a wrong code, or one that was taken before";
    return {};
}

/// The account of a proof that holds.
Account prove(Server& server, const Proof& proof) {
    const SignInGuard::Slot slot = server.guard.slot();
    const evidence::Instant now = server.clock.now();
    const std::string login = lower(proof.login);
    // A name of any length would be kept by the throttle as it is.
    const std::string key = login.size() <= 64 ? login : std::string{evidence::sha256(login).hex()};
    const std::chrono::seconds left = server.guard.throttle.attempt(key, proof.address, now);
    if (left > std::chrono::seconds{0})
        throw coded_error("too_many_attempts", "too many attempts failed; wait " + std::to_string(left.count()) +
                                                   " seconds, or ask an administrator for annexa user enable");
    const std::optional<Account> account = server.store.account_by_login(login);
    const std::string wrong = judge(server, proof, account, now);
    if (!wrong.empty()) {
        // Never what was typed as a name: people type passwords there.
        server.journal.warning("sign-in refused: " + (account ? "account " + account->id : std::string{"no account"}) +
                               " from " + proof.address + ": " + wrong);
        throw coded_error("sign_in_refused", "name, password or code is wrong");
    }
    server.guard.throttle.succeeded(key, proof.address, now);
    return *account;
}

void check_password(std::string_view password, const Account& account) {
    if (const auto problem = password_problem(password, account.login.value_or(""), account.name))
        throw coded_error("password_refused", *problem);
}

CodeSetUp set_up(const Server& server, const Account& account, std::string_view secret) {
    const std::string organization = server.configuration.organization.value_or(server.identity.organization);
    return {.login = account.login.value_or(""),
            .uri = otpauth_uri("annexa " + organization, account.login.value_or(""), secret)};
}

/// The account of a session, proved anew by its own login.
Account prove_own(Server& server, const Session& session, Proof& proof) {
    const std::optional<Account> own = server.store.account(session.account);
    if (!own || !own->login) throw coded_error("forbidden", "this account has no password: it acts by tokens alone");
    proof.login = *own->login;
    return prove(server, proof);
}

Credential credential_of(const Store& store, const Account& account) {
    std::optional<Credential> credential = store.credential(account.id);
    if (!credential) throw coded_error("conflict", "an administrator reset the account meanwhile");
    return *std::move(credential);
}

std::vector<std::string> other_sessions(const Store& store, const Session& session) {
    std::vector<std::string> ids;
    for (const Token& token : store.tokens())
        if (token.account == session.account && token.kind == "session" && token.id != session.id && !token.revoked)
            ids.push_back(token.id);
    return ids;
}

}  // namespace

SignedIn sign_in(Server& server, const Proof& proof) {
    const Account account = prove(server, proof);
    SignedIn begun = begin_session(server, account,
                                   {.role = account.role,
                                    .begun_by = {},
                                    .idle = idle_session_lifetime,
                                    .expires = server.clock.now() + session_lifetime});
    server.journal.info("signed in: account " + account.id + " from " + proof.address);
    return begun;
}

CodeSetUp accept_invitation(Server& server, std::string_view bearer, std::string_view password) {
    const Token invitation = find_invitation(server, bearer);
    const auto [account, last] = account_now(server, invitation.account);
    if (account.disabled) throw coded_error("account_disabled", "the account is disabled");
    check_password(password, account);
    Credential credential{.account = account.id, .password = {}, .code_key = {}};
    {
        const SignInGuard::Slot slot = server.guard.slot();
        credential.password = hash_password(password);
    }
    const std::string secret = new_code_secret();
    credential.code_key = server.guard.seal(account.id, secret);
    if (!server.store.use_token(invitation.secret, evidence::random_uuid(), server.clock.now()))
        throw coded_error("token_used", "the invitation has been used");
    Session by;
    by.account = account.id;
    by.id = invitation.id;
    log_account_change(server, by, "password_set", account,
                       {.decision = {}, .credential = credential, .revoked = {invitation.id}}, last);
    return set_up(server, account, secret);
}

void change_password(Server& server, const Session& session, Proof proof, std::string_view new_password) {
    const auto [account, last] = account_now(server, prove_own(server, session, proof).id);
    check_password(new_password, account);
    Credential credential = credential_of(server.store, account);
    {
        const SignInGuard::Slot slot = server.guard.slot();
        credential.password = hash_password(new_password);
    }
    log_account_change(server, session, "password_set", account,
                       {.decision = {}, .credential = credential, .revoked = other_sessions(server.store, session)},
                       last);
}

CodeSetUp renew_code(Server& server, const Session& session, Proof proof) {
    const auto [account, last] = account_now(server, prove_own(server, session, proof).id);
    Credential credential = credential_of(server.store, account);
    const std::string secret = new_code_secret();
    credential.code_key = server.guard.seal(account.id, secret);
    log_account_change(server, session, "code_set", account, {.decision = {}, .credential = credential}, last);
    return set_up(server, account, secret);
}

}  // namespace annexa::store
