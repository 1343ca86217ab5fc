// Who a person is for the length of one request: a bearer token, looked up by the hash of its secret.
#pragma once

#include "evidence/instant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

/// What a token was made for. `agent` enrols hosts and opens nothing else.
enum class Role { agent, reader, auditor, editor, approver, admin };

std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);

/// What a route asks of a person.
enum class Permission {
    read,        // every person's role
    edit,        // editor, approver (who also approves), admin
    approve,     // approver, admin; that it is another person than the author is the record's matter
    administer,  // admin
};

bool may(Role role, Permission permission);

struct Session {
    std::string account;  // id of the token that it began with: what stands in records, never a name
    std::string id;       // id of the token or session that this request showed
    std::string name;     // what --name said; for people's eyes only
    Role role = Role::reader;
    evidence::Instant expires{};
};

}  // namespace annexa::store
