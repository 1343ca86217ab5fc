#include "server-stub/enrolment/tokens.hpp"

#include "evidence/errors.hpp"
#include "evidence/token.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>

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

Session session_of(const Token& token) {
    const auto role = parse_roles(token.role);
    if (!role) throw evidence::error("the store holds a token of an unknown role '" + token.role + "'");
    if (role->main == Role::agent) throw evidence::coded_error("forbidden", "this token enrols a host and opens nothing else");
    return {.account = token.account, .id = token.id, .name = token.name, .role = *role, .expires = token.expires.value_or(evidence::Instant::max())};
}

/// Whoever makes an administrator on the server itself gives it the other rights with that.
Roles roles_of(const TokenOrder& order) { return order.role == Role::admin ? full_admin : Roles{order.role}; }

std::string account_for(Store& store, const TokenOrder& order, evidence::Instant now) {
    const std::string role = roles_text(roles_of(order));
    for (const Account& account : store.accounts())
        if (!order.name.empty() && account.name == order.name && account.role == role) return account.id;
    const Account made{.id = evidence::random_uuid(), .name = order.name, .role = role, .made_at = now};
    store.add_account(made);
    return made.id;
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
    const Token row{.id = evidence::random_uuid(),
                    .secret = evidence::sha256(secret),
                    .role = roles_text(roles_of(order)),
                    .name = order.name,
                    .account = agent ? std::string{} : account_for(server.store, order, now),
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
    server.store.add_token(row);
    return made;
}

Session find_session(const Server& server, std::string_view bearer) {
    const Token token = valid_token(server, bearer);
    Session session = session_of(token);
    if (token.uses_allowed != 0)
        throw evidence::coded_error("sign_in_needed", "this token is for signing in: annexa login begins a session with it");
    return session;
}

SignedIn sign_in(Server& server, std::string_view bearer) {
    const Token token = valid_token(server, bearer);
    Session session = session_of(token);
    const evidence::Instant now = server.clock.now();
    session.id = evidence::random_uuid();
    if (!server.store.use_token(token.secret, session.id, now)) throw evidence::coded_error("token_used", "the token has been used");
    // A session from a token that may be shown at any time ends with it; one from a token of few uses has a life of its own.
    session.expires = now + session_lifetime;
    if (token.uses_allowed == 0 && token.expires) session.expires = std::min(session.expires, *token.expires);
    evidence::Token shown{.ca = {}, .id = session.id, .log = server.identity.log, .role = std::string{role_name(session.role.main)}, .secret = evidence::random_bytes(32), .url = {}};
    server.store.add_token({.id = session.id,
                            .secret = shown.hash(),
                            .role = token.role,
                            .name = token.name,
                            .account = token.account,
                            .host = std::nullopt,
                            .uses_allowed = 0,
                            .uses = 0,
                            .made_at = now,
                            .expires = session.expires,
                            .revoked = false});
    return {.bearer = shown.bearer(), .session = session};
}

}  // namespace annexa::store
