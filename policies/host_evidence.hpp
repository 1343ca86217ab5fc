// What is known of one host as of a time: the last result of each collector, and the tables of the last that were ok.
//
// "Last" means highest in the host's chain, never latest by the clock. Whoever holds evidence (store, agent, verifier)
// fills this in; everything after it is a pure function.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/table.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace annexa::policies {

/// By name, in evidence form. Shared, since a table that did not change is the same for many results.
using TableSet = std::map<std::string, std::shared_ptr<const evidence::Table>, std::less<>>;

enum class CollectorStatus { ok, not_applicable, error };

struct CollectorEvidence {
    int version = 0;
    CollectorStatus status = CollectorStatus::ok;
    std::string reason;                // code of evidence::Reason, empty where ok
    std::string message;               // first of messages_COLLECTOR: words for people, empty where there are none
    evidence::Instant collected_at{};  // inside its bracket (evidence.md, Time)
    bool late = false;                 // its bracket is wider than a check's max_age
    bool owed = false;                 // a later statement names the collector in `due` and holds no result of it
    bool compromised = false;          // its key was compromised by then
};

struct HostEvidence {
    std::map<std::string, CollectorEvidence, std::less<>> collectors;  // none: there never was a result
    TableSet tables;
    std::set<std::string, std::less<>> deleted;  // tables whose bytes were deleted under a logged rule or request
    bool two_machines = false;                   // the enrolment is marked
};

}  // namespace annexa::policies
