// The scope as a status counts it, from the records of the scope and of its exclusions.
#pragma once

#include "policies/scope.hpp"
#include "server-stub/isms/record.hpp"

namespace annexa::store::isms {

/// The member `rule` of a scope. No group: every host.
policies::ScopeRule scope_rule(const nlohmann::json& members);

/// What is approved and in force, as of the register's time. Nothing approved: every enrolled host. A rule that one
/// person alone wrote and approved takes no host out; an exclusion of a host counts once a second person approved it.
policies::Scope scope_in_force(const Register& records);

/// When a scope or an exclusion was written, deleted or judged after `from` and before `to`, as far as `records` know;
/// by time. At none else does what is in force change.
std::vector<Instant> scope_changes(const Register& records, Instant from, Instant to);

}  // namespace annexa::store::isms
