// The rules and deeds of a nonconformity, for kinds/nonconformity.cpp.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store::isms {

/// Another grade takes a reason; what it is about neither shrinks nor changes where that would let it close.
void nonconformity_rules(const Draft& draft, const Register& records, const Facts& facts,
                         std::vector<Problem>& problems);

/// The last check found that it did not come back.
bool effective(const nlohmann::json& nonconformity);

/// The action was verified and then closed.
bool action_closed(const nlohmann::json& action);

/// Every planned action is closed; true where none is needed.
bool corrective_actions_done(const Register& records, const nlohmann::json& nonconformity);

std::span<const Action> nonconformity_actions();

}  // namespace annexa::store::isms
