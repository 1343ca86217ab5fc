#include "server-stub/people/accounts.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/token.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/people/sign_in_guard.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::size_t most_login_bytes = 64;
constexpr std::size_t most_name_bytes = 255;

void check_login(std::string_view login) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const auto fits = [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-' || c == '@' || c == '+'; };
    if (login.empty() || login.size() > most_login_bytes || !plain(login.front()) ||
        !std::all_of(login.begin(), login.end(), fits))
        throw coded_error(
            "schema",
            "login: expected at most 64 lower-case letters, digits and . _ - @ +, such as alice or alice@example.org");
}

void check_name(std::string_view name) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (name.empty() || name.size() > most_name_bytes || !evidence::is_plain_text(name) ||
        std::any_of(name.begin(), name.end(), control))
        throw coded_error("schema", "name: expected at most 255 bytes of text without control characters");
}

void check_roles(Roles roles) {
    if (roles.main == Role::agent)
        throw coded_error("schema",
                          "roles: an agent is no person; annexa-server token create --role agent enrols a host");
}

void demand_other(const Session& by, const Account& account, std::string_view what) {
    if (by.account == account.id)
        throw coded_error("forbidden", "nobody " + std::string{what} + "; ask another administrator");
}

Roles roles_of(const Account& account) {
    const auto roles = parse_roles(account.role);
    if (!roles) throw evidence::error("the store holds an account of an unknown role '" + account.role + "'");
    return *roles;
}

std::string document(const Account& account, const std::optional<Token>& token) {
    json made = nullptr;
    if (token)
        made = {{"expires", token->expires ? json(evidence::to_string(*token->expires)) : json()},
                {"id", token->id},
                {"kind", token->kind},
                {"paths", token->paths},
                {"role", token->role}};
    return evidence::canonical_json(
        json{{"account", account.id}, {"disabled", account.disabled}, {"role", account.role}, {"token", made}});
}

/// The invitation as a row, and what it says once.
std::pair<Token, evidence::Token> new_invitation(const Server& server, const Account& account) {
    if (server.reach.people_url.empty())
        throw coded_error(
            "unavailable",
            "the server's address is not known while it does not run with port 0: set people_url in its configuration");
    const evidence::Instant now = server.clock.now();
    evidence::Token shown{.ca = server.reach.people_authority,
                          .id = evidence::random_uuid(),
                          .log = server.identity.log,
                          .role = std::string{role_name(roles_of(account).main)},
                          .secret = evidence::random_bytes(32),
                          .url = server.reach.people_url};
    Token row{.id = shown.id,
              .secret = shown.hash(),
              .role = account.role,
              .name = "invitation",
              .account = account.id,
              .host = std::nullopt,
              .uses_allowed = 1,
              .uses = 0,
              .made_at = now,
              .expires = now + invitation_lifetime,
              .revoked = false};
    row.kind = "invitation";
    return {std::move(row), std::move(shown)};
}

Invited invite(Server& server, const Session& by, std::string_view word, const AccountNow& now,
               AccountChanged changed) {
    const Account& account = now.account;
    auto [row, shown] = new_invitation(server, account);
    const evidence::Instant expires = row.expires.value();
    changed.token = std::move(row);
    log_account_change(server, by, word, account, std::move(changed), now.last);
    return {.account = account, .invitation = evidence::encode_token(shown), .expires = expires};
}

}  // namespace

Session local_session(const Server& server) {
    Session session;
    session.account = server.identity.local_account;
    session.id = evidence::random_uuid();
    session.role = full_admin;
    return session;
}

Account find_account(const Server& server, std::string_view id_or_login) {
    std::optional<Account> account = server.store.account_by_login(id_or_login);
    if (!account) account = server.store.account(id_or_login);
    if (!account)
        throw coded_error("not_found", "there is no account of this login or id; annexa user list shows them");
    return *std::move(account);
}

Invited invite_new(Server& server, const Session& by, std::string_view login, std::string_view name, Roles roles) {
    check_login(login);
    check_name(name);
    check_roles(roles);
    if (server.store.account_by_login(login))
        throw coded_error("conflict", "the login " + std::string{login} + " is taken");
    const Account account{.id = evidence::random_uuid(),
                          .name = std::string{name},
                          .role = roles_text(roles),
                          .made_at = server.clock.now(),
                          .login = std::string{login}};
    return invite(server, by, "added", {account, 0}, {.decision = {}, .account = account});
}

Invited invite_again(Server& server, const Session& by, const Account& of) {
    const AccountNow now = account_now(server, of.id);
    const Account& account = now.account;
    if (!account.login)
        throw coded_error("conflict",
                          "the account has no login: it acts by tokens that annexa-server token create makes");
    if (account.disabled) throw coded_error("conflict", "the account is disabled; enable it first");
    Credential none;
    none.account = account.id;
    server.guard.throttle.forgive(*account.login);
    return invite(server, by, "invited", now, {.decision = {}, .ends_access = true, .credential = none});
}

Account set_roles(Server& server, const Session& by, const Account& account, Roles roles) {
    check_roles(roles);
    demand_other(by, account, "changes their own role");
    const AccountNow now = account_now(server, account.id);
    Account changed = now.account;
    changed.role = roles_text(roles);
    log_account_change(server, by, "role_changed", changed, {.decision = {}, .account = changed}, now.last);
    return changed;
}

Account disable(Server& server, const Session& by, const Account& account) {
    demand_other(by, account, "disables their own account");
    if (account.id == server.identity.local_account)
        throw coded_error("conflict",
                          "this account stands for what is done on the server itself, and cannot be disabled");
    const AccountNow now = account_now(server, account.id);
    Account changed = now.account;
    changed.disabled = true;
    log_account_change(server, by, "disabled", changed, {.decision = {}, .ends_access = true, .account = changed},
                       now.last);
    return changed;
}

Account enable(Server& server, const Session& by, const Account& account) {
    if (account.login) server.guard.throttle.forgive(*account.login);
    const AccountNow now = account_now(server, account.id);
    if (!now.account.disabled) return now.account;
    Account changed = now.account;
    changed.disabled = false;
    log_account_change(server, by, "enabled", changed, {.decision = {}, .account = changed}, now.last);
    return changed;
}

AccountNow account_now(const Server& server, const std::string& id) {
    AccountNow now;
    // First the record, then the row: what comes between makes the change fail, and never go unnoticed.
    for (const Decision& decision : server.store.decisions("account", std::nullopt, std::nullopt))
        if (decision.subject == id) now.last = decision.index;
    std::optional<Account> account = server.store.account(id);
    if (!account) throw coded_error("not_found", "there is no account " + id);
    now.account = *std::move(account);
    return now;
}

std::uint64_t log_account_change(Server& server, const Session& by, std::string_view word, const Account& account,
                                 AccountChanged changed, std::optional<std::uint64_t> follows) {
    const Decider decider{server.store, server.blobs, server.log, server.record_key, server.clock, by};
    LogEntry entry =
        decision_entry(decider, "account", account.id, std::string{word}, document(account, changed.token));
    changed.decision = std::get<Decision>(entry.change);
    changed.decision.follows = follows;
    entry.change = std::move(changed);
    return server.log.append({std::move(entry)}).front();
}

std::string_view account_state(const Server& server, const Account& account) {
    if (account.disabled) return "disabled";
    if (!account.login) return "tokens";
    return server.store.credential(account.id) ? "active" : "invited";
}

}  // namespace annexa::store
