// What the routes below /api/v1/isms share.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store {

struct Request;
struct Response;

/// What the rules may know of this store, for whoever asks; as of `at`, of now where it is empty (live_facts.cpp).
isms::Facts isms_facts(Server& server, const Request& request, std::optional<Instant> at = std::nullopt);

/// The kinds of records with their fields and actions: the answer of GET /api/v1/isms/kinds.
nlohmann::json kinds_json();

/// Everything about a record; `members` of its last version.
nlohmann::json record_json(const isms::Record& record);

}  // namespace annexa::store
