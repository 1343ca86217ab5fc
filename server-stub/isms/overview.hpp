// What is missing and what is due, over all records.
#pragma once

#include "policies/status_inputs.hpp"
#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {

/// By step, then as the kinds say. What to do next comes first.
std::vector<Gap> gaps(const Register& records, const Facts& facts);

struct Due {
    std::string record;
    std::string title;
    std::string kind;
    std::string owner;  // id of a person or role; empty: nobody
    std::string what;   // "Next review", "waits for approval", "has no owner"
    std::string date;   // YYYY-MM-DD; empty: at once
    bool overdue = false;
};

/// All that is due within `days` from now, overdue, waiting for approval or without an owner; what has waited longest
/// first.
std::vector<Due> due(const Register& records, const Facts& facts, int days);

/// What all records hand into the status of controls.
policies::StatusInputs status_inputs(const Register& records, Instant at);

/// The day of an instant in UTC: YYYY-MM-DD.
std::string day_of(Instant instant);

}  // namespace annexa::store::isms
