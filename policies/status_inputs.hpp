// What people recorded that a status rests on beside the evidence of hosts, as of the time asked.
#pragma once

#include "policies/records.hpp"
#include "policies/scope.hpp"

#include <vector>

namespace annexa::policies {

/// What the organization approved for a period; the defaults are the vendor's.
struct PeriodRule {
    double gap_share = 0.01;     // of host-time that may be without fresh evidence
    double overdue_share = 0.1;  // of the period that a severe check may be overdue in
};

struct StatusInputs {
    std::vector<RecordFact> facts;
    Exclusions exclusions;
    std::vector<Conclusion> conclusions;
    Scope scope;
    PeriodRule period_rule;
};

}  // namespace annexa::policies
