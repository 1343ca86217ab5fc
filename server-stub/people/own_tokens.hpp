// Tokens that a person makes for their own programs: of a role, for paths, for a time.
//
// A token's scope is two things: its role, which is never more than the account's (reader is read-only), and the paths
// below which it opens anything. Both are looked at for each request, with the account's rights of that moment.
#pragma once

#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/storage/rows.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

struct OwnTokenOrder {
    std::string name;
    Roles roles = Role::reader;
    std::vector<std::string> paths;   // "/api/v1/status"; empty: all
    std::chrono::seconds lifetime{};  // at most longest_token_lifetime
};

/// Throws coded_error `forbidden` (more than the account's rights; not signed in: a token makes no tokens) or `schema`.
MadeToken make_own_token(Server& server, const Session& session, const OwnTokenOrder& order);

/// Tokens and sessions of an account that still open something, oldest first.
std::vector<Token> open_tokens(const Server& server, std::string_view account);

/// One's own, or with Permission::administer anybody's. Throws coded_error `not_found`.
void end_token(Server& server, const Session& session, std::string_view id);

/// Whether a path is one of these or below it; with none, always.
bool opens(const std::vector<std::string>& paths, std::string_view path);

}  // namespace annexa::store
