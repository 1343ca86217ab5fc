#include "server-stub/http/session.hpp"

#include <algorithm>
#include <array>

namespace annexa::store {
namespace {

constexpr std::array<std::string_view, 6> names{"agent", "reader", "auditor", "editor", "approver", "admin"};
constexpr std::array permissions{Permission::read, Permission::edit, Permission::approve, Permission::audit,
                                 Permission::administer};

bool has(Roles roles, Role role) { return roles.main == role || roles.given == role; }

}  // namespace

std::string_view role_name(Role role) { return names.at(static_cast<std::size_t>(role)); }

std::optional<Role> parse_role(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names.at(i) == name) return static_cast<Role>(i);
    return std::nullopt;
}

std::string roles_text(Roles roles) {
    std::string text{role_name(roles.main)};
    if (roles.given) text.append(",").append(role_name(*roles.given));
    return text;
}

std::optional<Roles> parse_roles(std::string_view text) {
    const std::size_t comma = text.find(',');
    const auto first = parse_role(text.substr(0, comma));
    if (!first || comma == std::string_view::npos) return first ? std::optional{Roles{*first}} : std::nullopt;
    const auto second = parse_role(text.substr(comma + 1));
    const auto addition = [](std::optional<Role> role) { return role == Role::editor || role == Role::approver; };
    if (*first == Role::admin && addition(second)) return Roles{Role::admin, second};
    if (second == Role::admin && addition(first)) return Roles{Role::admin, first};
    return std::nullopt;
}

bool may(Roles roles, Permission permission) {
    switch (permission) {
        case Permission::read:
            return roles.main != Role::agent;
        case Permission::edit:
            return has(roles, Role::editor) || has(roles, Role::approver);
        case Permission::approve:
            return has(roles, Role::approver);
        case Permission::audit:
            return has(roles, Role::auditor);
        case Permission::administer:
            return has(roles, Role::admin);
    }
    return false;
}

bool within(Roles part, Roles whole) {
    return std::all_of(permissions.begin(), permissions.end(),
                       [&](Permission each) { return !may(part, each) || may(whole, each); });
}

Roles common(Roles one, Roles other) {
    const auto both = [&](Permission permission) { return may(one, permission) && may(other, permission); };
    std::optional<Role> writes;
    if (both(Permission::edit)) writes = both(Permission::approve) ? Role::approver : Role::editor;
    if (both(Permission::administer)) return {Role::admin, writes};
    if (writes) return *writes;
    return both(Permission::audit) ? Role::auditor : Role::reader;
}

}  // namespace annexa::store
