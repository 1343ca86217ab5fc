// Says in one sentence why a control's operation over a period is what it is.
#pragma once

#include "policies/period_status.hpp"

#include <string>

namespace annexa::policies {

/// Everything but the sentence must be filled in.
std::string period_sentence(const ControlPeriod& control, const Period& period, const PeriodRule& rule);

/// "3.5 days", "1 day"; hours below a day, minutes below an hour.
std::string days_text(Milliseconds time);

}  // namespace annexa::policies
