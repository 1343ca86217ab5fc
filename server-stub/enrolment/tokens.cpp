#include "server-stub/enrolment/tokens.hpp"

#include "evidence/errors.hpp"
#include "evidence/token.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/people/accounts.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>
#include <utility>

namespace annexa::store {
namespace {

Digest hash_of(std::string_view bearer) {
    if (bearer.empty()) throw evidence::coded_error("token_missing", "send the header Authorization: Bearer with a token");
    try {
        return evidence::bearer_hash(bearer);
    } catch (const evidence::coded_error&) {
        throw evidence::coded_error("token_unknown", "this is no token of ours");
    }
}

/// The token of a secret, as long as it is good for anything.
Token valid_token(const Server& server, std::string_view bearer) {
    const Digest hash = hash_of(bearer);
    const auto token = server.store.token(hash);
    if (!token || !evidence::equal_constant_time(token->secret.view(), hash.view()))
        throw evidence::coded_error("token_unknown", "this store does not know the token");
    if (token->revoked) throw evidence::coded_error("token_revoked", "the token was revoked");
    if (token->expires && server.clock.now() >= *token->expires)
        throw evidence::coded_error("token_expired", "the token expired at " + evidence::to_string(*token->expires));
    return *token;
}

Account account_of(const Server& server, const Token& token) {
    const std::optional<Account> account = server.store.account(token.account);
    if (!account) throw evidence::coded_error("token_revoked", "the account of this token is gone");
    if (account->disabled) throw evidence::coded_error("account_disabled", "an administrator disabled the account");
    return *account;
}

Roles roles_from(const std::string& text) {
    const auto roles = parse_roles(text);
    if (!roles) throw evidence::error("the store holds the unknown role '" + text + "'");
    return *roles;
}

/// A session of the token, with what both token and account may.
Session session_of(const Token& token, const Account& account) {
    Session session;
    session.account = account.id;
    session.id = token.id;
    session.name = account.login ? account.name : token.name;
    session.role = common(roles_from(token.role), roles_from(account.role));
    session.expires = token.expires.value_or(evidence::Instant::max());
    session.paths = token.paths;
    session.signed_in = token.kind == "session";
    return session;
}

/// A person's valid token, with its account.
std::pair<Token, Account> persons_token(const Server& server, std::string_view bearer) {
    Token token = valid_token(server, bearer);
    if (roles_from(token.role).main == Role::agent) throw evidence::coded_error("forbidden", "this token enrols a host and opens nothing else");
    Account account = account_of(server, token);
    return {std::move(token), std::move(account)};
}

/// Ends a session that nobody used, or notes that somebody did: to the minute, so that a read is not a write each time.
void heed_idleness(const Server& server, const Token& token) {
    if (!token.idle) return;
    const evidence::Instant now = server.clock.now();
    const evidence::Instant used = token.used_at.value_or(token.made_at);
    if (now - used >= *token.idle) throw evidence::coded_error("token_expired", "the session ended: nobody used it for a while; sign in again");
    if (now - used < std::chrono::minutes{1}) return;
    try {
        server.store.touch_token(token.id, now);
    } catch (const store_unavailable& problem) {
        server.journal.warning("session " + token.id + ": " + problem.what());  // people may look at a store whose disk is full
    }
}

/// Whoever makes an administrator on the server itself gives it the other rights with that.
Roles roles_of(const TokenOrder& order) { return order.role == Role::admin ? full_admin : Roles{order.role}; }

/// The account that a token of the order speaks for, and whether it is new.
std::pair<Account, bool> account_for(const Server& server, const TokenOrder& order, evidence::Instant now) {
    const Roles roles = roles_of(order);
    if (const auto account = order.name.empty() ? std::nullopt : server.store.account_by_login(order.name)) {
        if (account->disabled) throw evidence::error("--name: the account " + order.name + " is disabled");
        if (!within(Roles{order.role}, roles_from(account->role)))
            throw evidence::error("--role: the account " + order.name + " is " + account->role + ", and its token may not be more");
        return {*account, false};
    }
    const std::string role = roles_text(roles);
    for (const Account& account : server.store.accounts())
        if (!order.name.empty() && !account.login && !account.disabled && account.name == order.name && account.role == role) return {account, false};
    return {Account{.id = evidence::random_uuid(), .name = order.name, .role = role, .made_at = now}, true};
}

void check(const Server& server, const TokenOrder& order) {
    if (order.lifetime <= std::chrono::seconds{0} || order.lifetime > longest_token_lifetime)
        throw evidence::error("--ttl: expected between 1s and 366d");
    if (order.uses && *order.uses == 0) throw evidence::error("--uses: expected at least 1");
    if (!order.host) return;
    if (order.role != Role::agent) throw evidence::error("--host is for tokens of the role agent: it replaces the enrolment of that host");
    const auto host = server.store.host(*order.host);
    if (!host) throw evidence::error("--host: there is no host " + *order.host + "; annexa-server host list shows them with their ids");
    if (host->retired) throw evidence::error("--host: " + host->name + " is retired; enrol it as a new host with a token without --host");
}

/// Logged with the record that says so, where there is a person.
void keep(Server& server, const Token& row, const std::optional<std::pair<Account, bool>>& speaks_for) {
    if (!speaks_for) return server.store.add_token(row);
    const auto& [account, fresh] = *speaks_for;
    if (server.store.setting("restored")) {
        if (fresh) server.store.add_account(account);
        return server.store.add_token(row);
    }
    AccountChanged changed{.decision = {}, .token = row};
    if (fresh) changed.account = account;
    log_account_change(server, local_session(server), "token_made", account, std::move(changed));
}

}  // namespace

MadeToken create_token(Server& server, const TokenOrder& order) {
    check(server, order);
    const bool agent = order.role == Role::agent;
    const std::string& url = agent ? server.reach.agents_url : server.reach.people_url;
    if (url.empty())
        throw evidence::error(std::string{"the server's address is not known while it does not run with port 0: start it, or set "} +
                              (agent ? "agents_url" : "people_url") + " in its configuration");
    const evidence::Instant now = server.clock.now();
    const std::string secret = evidence::random_bytes(32);
    std::optional<std::pair<Account, bool>> speaks_for;
    if (!agent) speaks_for = account_for(server, order, now);
    const Token row{.id = evidence::random_uuid(),
                    .secret = evidence::sha256(secret),
                    .role = roles_text(roles_of(order)),
                    .name = order.name,
                    .account = speaks_for ? speaks_for->first.id : std::string{},
                    .host = order.host,
                    .uses_allowed = order.uses.value_or(agent ? 1 : 0),
                    .uses = 0,
                    .made_at = now,
                    .expires = now + order.lifetime,
                    .revoked = false};
    const evidence::Token token{.ca = agent ? server.reach.agents_authority : server.reach.people_authority,
                                .id = row.id,
                                .log = server.identity.log,
                                .role = std::string{role_name(order.role)},
                                .secret = secret,
                                .url = url};
    MadeToken made{.text = evidence::encode_token(token), .id = row.id, .role = order.role, .expires = *row.expires};
    keep(server, row, speaks_for);
    return made;
}

Session find_session(const Server& server, std::string_view bearer) {
    const auto [token, account] = persons_token(server, bearer);
    if (token.kind == "invitation")
        throw evidence::coded_error("sign_in_needed", "this is an invitation: annexa user password --invitation-file sets the password with it");
    if (token.uses_allowed != 0)
        throw evidence::coded_error("sign_in_needed", "this token is for signing in: annexa login begins a session with it");
    heed_idleness(server, token);
    return session_of(token, account);
}

Token find_invitation(const Server& server, std::string_view bearer) {
    auto [token, account] = persons_token(server, bearer);
    if (token.kind != "invitation") throw evidence::coded_error("forbidden", "this is no invitation; annexa user add and annexa user reset make one");
    if (token.uses >= token.uses_allowed) throw evidence::coded_error("token_used", "the invitation has been used");
    return token;
}

bool opens_something(const Token& token, evidence::Instant now) {
    return !token.revoked && (!token.expires || now < *token.expires) && (token.uses_allowed == 0 || token.uses < token.uses_allowed) &&
           (!token.idle || now - token.used_at.value_or(token.made_at) < *token.idle);
}

SignedIn begin_session(Server& server, const Account& account, const SessionOrder& order) {
    const evidence::Instant now = server.clock.now();
    const evidence::Token shown{.ca = {},
                                .id = evidence::random_uuid(),
                                .log = server.identity.log,
                                .role = std::string{role_name(roles_from(order.role).main)},
                                .secret = evidence::random_bytes(32),
                                .url = {}};
    Token row{.id = shown.id,
              .secret = shown.hash(),
              .role = order.role,
              .name = account.name,
              .account = account.id,
              .host = std::nullopt,
              .uses_allowed = 0,
              .uses = 0,
              .made_at = now,
              .expires = order.expires,
              .revoked = false};
    row.kind = "session";
    row.begun_by = order.begun_by;
    row.idle = order.idle;
    server.store.add_token(row);
    return {.bearer = shown.bearer(), .session = session_of(row, account)};
}

SignedIn sign_in(Server& server, std::string_view bearer) {
    const auto [token, account] = persons_token(server, bearer);
    if (token.kind == "invitation")
        throw evidence::coded_error("forbidden", "this is an invitation: annexa user password --invitation-file sets the password with it");
    if (token.kind == "session" || !token.paths.empty()) throw evidence::coded_error("forbidden", "this token begins no session");
    const evidence::Instant now = server.clock.now();
    if (!server.store.use_token(token.secret, evidence::random_uuid(), now)) throw evidence::coded_error("token_used", "the token has been used");
    // A session from a token that may be shown at any time ends with it; one from a token of few uses has a life of its own.
    evidence::Instant expires = now + session_lifetime;
    if (token.uses_allowed == 0 && token.expires) expires = std::min(expires, *token.expires);
    return begin_session(server, account, {.role = token.role, .begun_by = token.id, .idle = std::nullopt, .expires = expires});
}

}  // namespace annexa::store
