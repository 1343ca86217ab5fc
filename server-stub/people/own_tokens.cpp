#include "server-stub/people/own_tokens.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/token.hpp"
#include "server-stub/http/router.hpp"
#include "server-stub/people/accounts.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>

namespace annexa::store {
namespace {

using evidence::coded_error;

constexpr std::size_t most_paths = 16;
constexpr std::size_t most_name_bytes = 255;

void check(const Session& session, const OwnTokenOrder& order) {
    if (!session.signed_in) throw coded_error("forbidden", "a token makes no tokens: sign in with annexa login");
    if (order.roles.main == Role::agent)
        throw coded_error("schema", "roles: annexa-server token create --role agent makes tokens for hosts");
    if (!within(order.roles, session.role))
        throw coded_error("forbidden", "a token of the role " + roles_text(order.roles) +
                                           " would hold more than your own " + roles_text(session.role));
    if (order.lifetime <= std::chrono::seconds{0} || order.lifetime > longest_token_lifetime)
        throw coded_error("schema", "ttl_s: expected between 1 second and 366 days");
    if (order.name.empty() || order.name.size() > most_name_bytes || !evidence::is_plain_text(order.name))
        throw coded_error("schema", "name: expected what the token is for, at most 255 bytes");
    if (order.paths.size() > most_paths) throw coded_error("schema", "paths: expected at most 16");
    for (const std::string& path : order.paths) {
        const auto target = parse_target(path);
        if (!target || target->path != path || !target->query.empty())
            throw coded_error("schema", "paths: expected paths such as /api/v1/status");
    }
}

}  // namespace

MadeToken make_own_token(Server& server, const Session& session, const OwnTokenOrder& order) {
    check(session, order);
    const std::optional<Account> account = server.store.account(session.account);
    if (!account) throw coded_error("forbidden", "the account is gone");
    const evidence::Instant now = server.clock.now();
    const evidence::Token shown{.ca = server.reach.people_authority,
                                .id = evidence::random_uuid(),
                                .log = server.identity.log,
                                .role = std::string{role_name(order.roles.main)},
                                .secret = evidence::random_bytes(32),
                                .url = server.reach.people_url};
    Token row{.id = shown.id,
              .secret = shown.hash(),
              .role = roles_text(order.roles),
              .name = order.name,
              .account = account->id,
              .host = std::nullopt,
              .uses_allowed = 0,
              .uses = 0,
              .made_at = now,
              .expires = now + order.lifetime,
              .revoked = false};
    row.paths = order.paths;
    MadeToken made{
        .text = evidence::encode_token(shown), .id = row.id, .role = order.roles.main, .expires = *row.expires};
    log_account_change(server, session, "token_made", *account, {.decision = {}, .token = std::move(row)});
    return made;
}

std::vector<Token> open_tokens(const Server& server, std::string_view account) {
    std::vector<Token> found = server.store.tokens();
    const evidence::Instant now = server.clock.now();
    std::erase_if(found, [&](const Token& token) { return token.account != account || !opens_something(token, now); });
    return found;
}

void end_token(Server& server, const Session& session, std::string_view id) {
    for (const Token& token : server.store.tokens()) {
        const bool own = !token.account.empty() && token.account == session.account;
        if (token.id != id || (!own && !may(session.role, Permission::administer))) continue;
        const std::optional<Account> account = server.store.account(token.account);
        if (!account) return server.store.revoke_token(id);  // an agent's
        log_account_change(server, session, "token_revoked", *account, {.decision = {}, .revoked = {token.id}});
        return;
    }
    throw coded_error("not_found", "you have no token of this id; annexa user token list shows them");
}

bool opens(const std::vector<std::string>& paths, std::string_view path) {
    return paths.empty() || std::any_of(paths.begin(), paths.end(), [&](const std::string& below) {
               return path.starts_with(below) &&
                      (path.size() == below.size() || below.ends_with('/') || path[below.size()] == '/');
           });
}

}  // namespace annexa::store
