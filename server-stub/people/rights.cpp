#include "server-stub/people/rights.hpp"

#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/storage/store.hpp"

#include <set>

namespace annexa::store {

std::size_t holders(const Store& store, Permission permission, evidence::Instant now) {
    const auto holds = [&](const std::string& role) {
        const auto roles = parse_roles(role);
        return roles && may(*roles, permission);
    };
    std::set<std::string> reachable;
    for (const Token& token : store.tokens())
        if (token.kind != "invitation" && holds(token.role) && opens_something(token, now))
            reachable.insert(token.account);
    std::size_t count = 0;
    for (const Account& account : store.accounts())
        if (!account.disabled && holds(account.role) &&
            (reachable.contains(account.id) || store.credential(account.id)))
            ++count;
    return count;
}

}  // namespace annexa::store
