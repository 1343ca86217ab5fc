#include "server-stub/http/session.hpp"

#include <array>

namespace annexa::store {
namespace {

constexpr std::array<std::string_view, 6> names{"agent", "reader", "auditor", "editor", "approver", "admin"};

}  // namespace

std::string_view role_name(Role role) { return names.at(static_cast<std::size_t>(role)); }

std::optional<Role> parse_role(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names.at(i) == name) return static_cast<Role>(i);
    return std::nullopt;
}

bool may(Role role, Permission permission) {
    if (role == Role::agent) return false;
    if (role == Role::admin) return true;
    switch (permission) {
        case Permission::read: return true;
        case Permission::edit: return role == Role::editor || role == Role::approver;
        case Permission::approve: return role == Role::approver;
        case Permission::administer: return false;
    }
    return false;
}

}  // namespace annexa::store
