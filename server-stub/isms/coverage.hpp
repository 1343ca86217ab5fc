// Clauses and controls as sets: what an audit covers, what a cycle of audits leaves out.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

class Register;

/// The clauses that have requirements of their own (4.1 … 10.2), then the controls of Annex A, in their order.
const std::vector<std::string>& all_requirements();

/// All that these name: 9 names 9.1 to 9.3.3; a theme of Annex A names each of its controls.
std::set<std::string> requirements_named(std::span<const std::string> requirements,
                                         std::span<const std::string> themes = {});
/// What an audit is about.
std::set<std::string> requirements_audited(const nlohmann::json& audit);

/// What has to be audited in a cycle: all but the controls that do not apply.
std::set<std::string> requirements_to_audit(const Register& records);

/// "4.1, 4.2, A.5.1 to A.5.37": in their order, what stands side by side as a stretch.
std::string in_words(const std::set<std::string>& requirements);

}  // namespace annexa::store::isms
