// Tokens, accounts and what they sign in with, in memory.
#include "server-stub/storage/memory_store_state.hpp"

namespace annexa::store {

using memory::copy_of;
using memory::find_in;

namespace {

void insert(std::vector<Token>& tokens, const Token& token) {
    if (find_in(tokens, [&](const Token& other) { return other.id == token.id || other.secret == token.secret; }) !=
        nullptr)
        throw contradiction("the token is there already");
    tokens.push_back(token);
}

void revoke(std::vector<Token>& tokens, std::string_view id) {
    for (Token& token : tokens)
        if (!id.empty() && (token.id == id || token.begun_by == id)) token.revoked = true;
}

bool login_taken(const std::vector<Account>& accounts, const Account& account) {
    return account.login && find_in(accounts, [&](const Account& other) {
                                return other.id != account.id && other.login == account.login;
                            }) != nullptr;
}

void insert(std::vector<Account>& accounts, const Account& account) {
    if (find_in(accounts, [&](const Account& other) { return other.id == account.id; }) != nullptr ||
        login_taken(accounts, account))
        throw contradiction("the account is there already");
    accounts.push_back(account);
}

}  // namespace

void MemoryStore::State::apply(Data& to, const AccountChanged& change, std::uint64_t index, Instant mark) {
    apply(to, change.decision, index, mark);
    if (change.ends_access)
        for (Token& token : to.tokens)
            if (token.account == change.decision.subject) token.revoked = true;
    if (change.account) {
        if (Account* known = find_in(to.accounts, [&](const Account& other) { return other.id == change.account->id; });
            known != nullptr) {
            if (login_taken(to.accounts, *change.account)) throw contradiction("the login is taken");
            const Instant made_at = known->made_at;
            *known = *change.account;
            known->made_at = made_at;
        } else {
            insert(to.accounts, *change.account);
        }
    }
    if (change.credential) {
        Credential credential = *change.credential;
        if (const auto known = to.credentials.find(credential.account); known != to.credentials.end()) {
            credential.code_step = std::max(credential.code_step, known->second.code_step);
            to.credentials.erase(known);
        }
        if (!credential.password.empty()) to.credentials.emplace(credential.account, std::move(credential));
    }
    for (const std::string& id : change.revoked) revoke(to.tokens, id);
    if (change.token) insert(to.tokens, *change.token);
}

void MemoryStore::add_token(const Token& token) {
    const std::lock_guard lock{state_->mutex};
    insert(state_->data.tokens, token);
}

std::optional<Token> MemoryStore::token(const Digest& secret) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(find_in(state_->data.tokens, [&](const Token& token) { return token.secret == secret; }));
}

std::vector<Token> MemoryStore::tokens() const {
    const std::lock_guard lock{state_->mutex};
    return state_->data.tokens;
}

void MemoryStore::revoke_token(std::string_view id) {
    const std::lock_guard lock{state_->mutex};
    revoke(state_->data.tokens, id);
}

void MemoryStore::touch_token(std::string_view id, Instant at) {
    const std::lock_guard lock{state_->mutex};
    if (Token* token = find_in(state_->data.tokens, [&](const Token& other) { return other.id == id; });
        token != nullptr)
        token->used_at = at;
}

bool MemoryStore::use_token(const Digest& secret, std::string_view user, Instant now) {
    const std::lock_guard lock{state_->mutex};
    Token* token = find_in(state_->data.tokens, [&](const Token& other) { return other.secret == secret; });
    if (token == nullptr || token->revoked || (token->expires && *token->expires <= now)) return false;
    const std::pair use{token->id, std::string{user}};
    if (state_->data.token_uses.contains(use)) return true;
    if (token->uses_allowed != 0 && token->uses >= token->uses_allowed) return false;
    state_->data.token_uses.insert(use);
    ++token->uses;
    return true;
}

void MemoryStore::add_account(const Account& account) {
    const std::lock_guard lock{state_->mutex};
    insert(state_->data.accounts, account);
}

std::optional<Account> MemoryStore::account(std::string_view id) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(find_in(state_->data.accounts, [&](const Account& account) { return account.id == id; }));
}

std::optional<Account> MemoryStore::account_by_login(std::string_view login) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(find_in(state_->data.accounts, [&](const Account& account) { return account.login == login; }));
}

std::vector<Account> MemoryStore::accounts() const {
    const std::lock_guard lock{state_->mutex};
    return state_->data.accounts;
}

std::optional<Credential> MemoryStore::credential(std::string_view account) const {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->data.credentials.find(account);
    return found == state_->data.credentials.end() ? std::nullopt : std::optional{found->second};
}

bool MemoryStore::use_code(std::string_view account, std::uint64_t step) {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->data.credentials.find(account);
    if (found == state_->data.credentials.end() || found->second.code_step >= step) return false;
    found->second.code_step = step;
    return true;
}

}  // namespace annexa::store
