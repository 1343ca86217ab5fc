// The rules and deeds of an audit, for kinds/audit.cpp.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::store::isms {

/// Dates, team, independence, results; what is frozen, reported or signed off stays as it is.
void audit_rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems);

/// What a report still lacks: results, evidence that was not verified, nonconformities that were not raised, …
std::vector<Problem> report_lacks(const Record& audit, const Facts& facts);

/// The sections of an audit report (ISO 19011:2018, 6.5.1), as data; people by id alone.
nlohmann::json audit_report(const ActionContext& context, const nlohmann::json& input);

std::span<const Action> audit_actions();

}  // namespace annexa::store::isms
