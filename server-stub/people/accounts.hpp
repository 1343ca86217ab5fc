// Accounts: who there is, and what an administrator does with them. Each change is a record in the log, with the
// account's id and what it is from then on; names are in the store alone.
#pragma once

#include "server-stub/http/session.hpp"
#include "server-stub/storage/commit.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

struct Server;

constexpr std::chrono::seconds invitation_lifetime{7 * 86400};

/// An invitation sets a password, once; whoever was invited before cannot sign in until it is used.
struct Invited {
    Account account;
    std::string invitation;  // a token's text (evidence/token.hpp), shown once
    evidence::Instant expires{};
};

/// Of an id or a login. Throws coded_error `not_found`.
Account find_account(const Server& server, std::string_view id_or_login);

/// As every change below, throws coded_error in words for the administrator: `schema` for a login, name or role of
/// another form, `conflict` for a login that is taken.
Invited invite_new(Server& server, const Session& by, std::string_view login, std::string_view name, Roles roles);

/// Password and codes are gone, sessions and tokens end, and an invitation begins anew.
Invited invite_again(Server& server, const Session& by, const Account& account);

/// At once: also for sessions and tokens that are open, whose rights are never more than the account's. Nobody changes
/// their own.
Account set_roles(Server& server, const Session& by, const Account& account, Roles roles);

/// At once, with every session and token. Nobody disables themselves.
Account disable(Server& server, const Session& by, const Account& account);
/// It may sign in again; tokens that ended do not come back. Of an account that is not disabled, forgets failed
/// attempts.
Account enable(Server& server, const Session& by, const Account& account);

/// An account as it is now, and the index of the last record on it: a change that is made from it holds only upon that.
struct AccountNow {
    Account account;
    std::uint64_t last = 0;
};
AccountNow account_now(const Server& server, const std::string& id);

/// Logs what is changed with the change itself; `changed.decision` is filled in here. The record tells of `account` as
/// it is from then on. Returns the record's index. Throws contradiction where `follows` is given and another record
/// came meanwhile.
std::uint64_t log_account_change(Server& server, const Session& by, std::string_view word, const Account& account,
                                 AccountChanged changed, std::optional<std::uint64_t> follows = std::nullopt);

/// Whoever has the machine: a session for what is done there.
Session local_session(const Server& server);

/// "active", "invited" (no password yet), "disabled", "tokens" (no login: acts by tokens alone).
std::string_view account_state(const Server& server, const Account& account);

}  // namespace annexa::store
