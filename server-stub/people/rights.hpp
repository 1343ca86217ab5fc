// Who holds a right: what rules that ask for a second person rest on.
//
// A rule that asks for a second person binds as soon as two accounts hold the right that it asks for.
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/http/session.hpp"

#include <cstddef>

namespace annexa::store {

class Store;

/// How many accounts (not tokens) hold the right and could use it now: not disabled, and with a password, or with a
/// token or session that is neither revoked, expired nor used up. An account whose last token has ended holds nothing:
/// nobody can act by it.
std::size_t holders(const Store& store, Permission permission, evidence::Instant now);

}  // namespace annexa::store
