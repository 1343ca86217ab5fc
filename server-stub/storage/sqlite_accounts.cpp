// Tokens, accounts and what they sign in with.
#include "server-stub/storage/row_codec.hpp"
#include "server-stub/storage/sqlite_store_parts.hpp"

namespace annexa::store {

using sqlite::Connection;
using sqlite::Query;
using sqlite::Reading;
using sqlite::Writing;

namespace {

#define ANNEXA_TOKEN_COLUMNS                                                                                        \
    "id, secret, role, name, account, host, uses_allowed, uses, made_at, expires, revoked, kind, paths, begun_by, " \
    "idle_ms, used_at"
#define ANNEXA_ACCOUNT_COLUMNS "id, name, role, made_at, login, disabled"

Token read_token(Query& query) {
    Token token;
    token.id = query.text();
    token.secret = query.digest();
    token.role = query.text();
    token.name = query.text();
    token.account = query.text();
    token.host = query.optional_text();
    token.uses_allowed = query.number();
    token.uses = query.number();
    token.made_at = query.instant();
    token.expires = query.optional_instant();
    token.revoked = query.boolean();
    token.kind = query.text();
    token.paths = decode_texts(query.text());
    token.begun_by = query.text();
    if (const auto idle = query.optional_number())
        token.idle = std::chrono::milliseconds{static_cast<std::int64_t>(*idle)};
    token.used_at = query.optional_instant();
    return token;
}

std::optional<Token> find_token(Connection& connection, const Digest& secret) {
    Query query{connection, "SELECT " ANNEXA_TOKEN_COLUMNS " FROM tokens WHERE secret = ?"};
    query.bind(secret);
    return query.step() ? std::optional{read_token(query)} : std::nullopt;
}

void insert_token(Connection& connection, const Token& token) {
    std::optional<std::int64_t> idle;
    if (token.idle) idle = token.idle->count();
    Query query{connection, "INSERT INTO tokens (" ANNEXA_TOKEN_COLUMNS
                            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    query.bind(token.id).bind(token.secret).bind(token.role).bind(token.name).bind(token.account).bind(token.host);
    query.bind(token.uses_allowed).bind(token.uses).bind(token.made_at).bind(token.expires).bind(token.revoked);
    query.bind(token.kind).bind(encode_texts(token.paths)).bind(token.begun_by).bind(idle).bind(token.used_at).run();
}

void revoke(Connection& connection, std::string_view id) {
    if (id.empty()) return;  // what began with no token says so by an empty begun_by
    Query{connection, "UPDATE tokens SET revoked = 1 WHERE id = ? OR begun_by = ?"}.bind(id).bind(id).run();
}

Account read_account(Query& query) {
    Account account;
    account.id = query.text();
    account.name = query.text();
    account.role = query.text();
    account.made_at = query.instant();
    account.login = query.optional_text();
    account.disabled = query.boolean();
    return account;
}

void insert_account(Connection& connection, const Account& account) {
    Query query{connection, "INSERT INTO accounts (" ANNEXA_ACCOUNT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)"};
    query.bind(account.id)
        .bind(account.name)
        .bind(account.role)
        .bind(account.made_at)
        .bind(account.login)
        .bind(account.disabled)
        .run();
}

void put_account(Connection& connection, const Account& account) {
    Query query{connection, "UPDATE accounts SET name = ?, role = ?, login = ?, disabled = ? WHERE id = ?"};
    query.bind(account.name).bind(account.role).bind(account.login).bind(account.disabled).bind(account.id).run();
    if (query.changed() == 0) insert_account(connection, account);
}

void put_credential(Connection& connection, const Credential& credential) {
    if (credential.password.empty()) {
        Query{connection, "DELETE FROM credentials WHERE account = ?"}.bind(credential.account).run();
        return;
    }
    Query query{
        connection,
        "INSERT INTO credentials (account, password, code_key, code_step) VALUES (?, ?, ?, ?) ON CONFLICT (account) DO "
        "UPDATE SET "
        "password = excluded.password, code_key = excluded.code_key, code_step = max(code_step, excluded.code_step)"};
    query.bind(credential.account)
        .bind(credential.password)
        .bind_bytes(credential.code_key)
        .bind(credential.code_step)
        .run();
}

}  // namespace

void sqlite::apply_account(Connection& connection, const AccountChanged& change) {
    if (change.ends_access)
        Query{connection, "UPDATE tokens SET revoked = 1 WHERE account = ?"}.bind(change.decision.subject).run();
    if (change.account) put_account(connection, *change.account);
    if (change.credential) put_credential(connection, *change.credential);
    for (const std::string& id : change.revoked) revoke(connection, id);
    if (change.token) insert_token(connection, *change.token);
}

void SQLiteStore::add_token(const Token& token) {
    Writing writing{*parts_};
    insert_token(writing, token);
    writing.commit();
}

std::optional<Token> SQLiteStore::token(const Digest& secret) const {
    Reading reading{*parts_};
    return find_token(reading, secret);
}

std::vector<Token> SQLiteStore::tokens() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_TOKEN_COLUMNS " FROM tokens ORDER BY rowid"};
    std::vector<Token> tokens;
    while (query.step()) tokens.push_back(read_token(query));
    return tokens;
}

void SQLiteStore::revoke_token(std::string_view id) {
    Writing writing{*parts_};
    revoke(writing, id);
    writing.commit();
}

void SQLiteStore::touch_token(std::string_view id, Instant at) {
    Writing writing{*parts_};
    Query{writing, "UPDATE tokens SET used_at = ? WHERE id = ?"}.bind(at).bind(id).run();
    writing.commit();
}

bool SQLiteStore::use_token(const Digest& secret, std::string_view user, Instant now) {
    Writing writing{*parts_};
    const std::optional<Token> token = find_token(writing, secret);
    if (!token || token->revoked || (token->expires && *token->expires <= now)) return false;
    {
        Query used{writing, "SELECT 1 FROM token_uses WHERE token = ? AND user = ?"};
        if (used.bind(token->id).bind(user).step()) return true;
    }
    if (token->uses_allowed != 0 && token->uses >= token->uses_allowed) return false;
    Query{writing, "INSERT INTO token_uses VALUES (?, ?)"}.bind(token->id).bind(user).run();
    Query{writing, "UPDATE tokens SET uses = uses + 1 WHERE id = ?"}.bind(token->id).run();
    writing.commit();
    return true;
}

void SQLiteStore::add_account(const Account& account) {
    Writing writing{*parts_};
    insert_account(writing, account);
    writing.commit();
}

std::optional<Account> SQLiteStore::account(std::string_view id) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_ACCOUNT_COLUMNS " FROM accounts WHERE id = ?"};
    return query.bind(id).step() ? std::optional{read_account(query)} : std::nullopt;
}

std::optional<Account> SQLiteStore::account_by_login(std::string_view login) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_ACCOUNT_COLUMNS " FROM accounts WHERE login = ?"};
    return query.bind(login).step() ? std::optional{read_account(query)} : std::nullopt;
}

std::vector<Account> SQLiteStore::accounts() const {
    Reading reading{*parts_};
    Query query{reading, "SELECT " ANNEXA_ACCOUNT_COLUMNS " FROM accounts ORDER BY rowid"};
    std::vector<Account> accounts;
    while (query.step()) accounts.push_back(read_account(query));
    return accounts;
}

std::optional<Credential> SQLiteStore::credential(std::string_view account) const {
    Reading reading{*parts_};
    Query query{reading, "SELECT password, code_key, code_step FROM credentials WHERE account = ?"};
    if (!query.bind(account).step()) return std::nullopt;
    Credential credential{.account = std::string{account}, .password = query.text(), .code_key = query.bytes()};
    credential.code_step = query.number();
    return credential;
}

bool SQLiteStore::use_code(std::string_view account, std::uint64_t step) {
    Writing writing{*parts_};
    Query query{writing, "UPDATE credentials SET code_step = ? WHERE account = ? AND code_step < ?"};
    query.bind(step).bind(account).bind(step).run();
    if (query.changed() == 0) return false;
    writing.commit();
    return true;
}

}  // namespace annexa::store
