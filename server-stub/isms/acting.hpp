// What a person does with a record beyond editing it: the actions of its kind.
#pragma once

#include "server-stub/isms/editing.hpp"

#include <string_view>

namespace annexa::store::isms {

/// Runs an action on a record's last version, and writes what it returns, what it changes elsewhere and what it froze,
/// all or nothing. Throws coded_error `not_found` (no such record or action), `conflict` (deleted), `forbidden`,
/// refused_changes where the input or the outcome does not fit, and whatever the action refuses.
void act(Server& server, const Decider& by, const Facts& facts, const std::string& id, std::string_view action,
         const nlohmann::json& input);

}  // namespace annexa::store::isms
