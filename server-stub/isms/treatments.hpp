// What the kinds of risk treatment share: ratings, residual risk, and whether an acceptance of it stands.
#pragma once

#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/risk_level.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

/// Treatments of a risk, by id.
std::vector<const Record*> treatments_of(const Register& records, std::string_view risk);

/// Whether both numbers are on the scales of the criteria, or both absent. Appends.
void check_rating(const Draft& draft, const Register& records, std::string_view likelihood, std::string_view impact,
                  std::vector<Problem>& problems);

/// Whether the risk owner accepted just the residual risk that a treatment has now, and it has not ended.
bool acceptance_stands(const nlohmann::json& treatment, Instant now);

/// Accounts of the person, or of the holder and deputy of the role, that a record names as its owner. Empty: none is
/// known.
std::vector<std::string> accounts_of(const Register& records, std::string_view person_or_role);

/// The title of the record that an id names; the id itself where there is none.
std::string name_of(const Register& records, const std::string& id);

}  // namespace annexa::store::isms
