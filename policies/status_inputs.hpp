// What people recorded that a status rests on beside the evidence of hosts, as of the time asked.
#pragma once

#include "policies/records.hpp"
#include "policies/scope.hpp"

#include <vector>

namespace annexa::policies {

struct StatusInputs {
    std::vector<RecordFact> facts;
    Exclusions exclusions;
    std::vector<Conclusion> conclusions;
    Scope scope;
};

}  // namespace annexa::policies
