#include "server-stub/people/rights.hpp"

#include "server-stub/storage/store.hpp"

#include <set>

namespace annexa::store {
namespace {

bool usable(const Token& token, evidence::Instant now) {
    return !token.revoked && (!token.expires || now < *token.expires) && (token.uses_allowed == 0 || token.uses < token.uses_allowed);
}

}  // namespace

std::size_t holders(const Store& store, Permission permission, evidence::Instant now) {
    std::set<std::string> reachable;
    for (const Token& token : store.tokens()) {
        const auto roles = parse_roles(token.role);
        if (roles && may(*roles, permission) && usable(token, now)) reachable.insert(token.account);
    }
    std::size_t count = 0;
    for (const Account& account : store.accounts()) {
        const auto roles = parse_roles(account.role);
        if (roles && may(*roles, permission) && reachable.contains(account.id)) ++count;
    }
    return count;
}

}  // namespace annexa::store
