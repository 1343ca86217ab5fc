// Says why a control's status is what it is, and what is lacking for a better one.
#pragma once

#include "policies/control_status.hpp"

#include <string>
#include <vector>

namespace annexa::policies {

/// All grounds, those that decide first. Everything but reasons and sentence must be filled in.
std::vector<StatusReason> status_reasons(const ControlStatus& status);

/// One sentence from the reasons.
std::string status_sentence(const ControlStatus& status);

}  // namespace annexa::policies
