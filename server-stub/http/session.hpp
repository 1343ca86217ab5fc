// Who a person is for the length of one request: a bearer secret, looked up by its hash, and what it may do.
#pragma once

#include "evidence/instant.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

/// What a token was made for. `agent` enrols hosts and opens nothing else.
enum class Role { agent, reader, auditor, editor, approver, admin };

std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);

/// What a route asks of a person.
enum class Permission {
    read,        // every person's role
    edit,        // editor, approver; an admin to whom one of these was given
    approve,     // approver; an admin to whom it was given. That it is another person than the author is the record's
                 // matter
    audit,       // auditor: writes audits and findings, and changes no control data
    administer,  // admin: users, hosts, keys
};

/// What an account, a token or a session holds: one role, and with admin the editor's or approver's where it was given.
struct Roles {
    Role main = Role::reader;   // what lists and tokens show
    std::optional<Role> given;  // beside admin alone: editor or approver

    constexpr Roles() = default;
    constexpr Roles(Role role) : main{role} {}
    constexpr Roles(Role role, std::optional<Role> beside) : main{role}, given{beside} {}
    bool operator==(const Roles&) const = default;
};

/// The first administrator's, and those of an administrator's token that was made on the server itself.
constexpr Roles full_admin{Role::admin, Role::approver};

/// "auditor", "admin", "admin,approver": as a store keeps them.
std::string roles_text(Roles roles);
/// Nothing for an unknown name, and for two roles that one person may not have: auditor with any, and what is no
/// addition.
std::optional<Roles> parse_roles(std::string_view text);

bool may(Roles roles, Permission permission);
/// Every right of `part` is one of `whole`.
bool within(Roles part, Roles whole);
/// The rights that both hold. Neither may be an agent's.
Roles common(Roles one, Roles other);

struct Session {
    std::string account;  // id of the account: what stands in records, never a name
    std::string id;       // id of the token or session that this request showed
    std::string name;     // what --name said; for people's eyes only
    Roles role = Role::reader;
    evidence::Instant expires{};
    std::vector<std::string> paths{};  // opens what is below these alone; empty: all that its role opens
    bool signed_in = false;            // began with signing in; else a token, which may lie in a file somewhere
};

}  // namespace annexa::store
