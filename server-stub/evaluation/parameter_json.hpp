// Parameters and cells as JSON: what stands in adoption records, in history and in the API.
#pragma once

#include "evidence/table.hpp"
#include "policies/parameter.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace annexa::store {

/// {"password_max_days":90,"approved_groups":["wheel"]}, canonical.
std::string parameters_to_json(const policies::Parameters& parameters);
/// Throws evidence::error where it is not of this form.
policies::Parameters parameters_from_json(std::string_view json);

/// A cell as it stands in tables: wide integers as strings, other bytes as {"base64"}.
nlohmann::json cell_to_json(const evidence::Value& value);
/// Back; a string that was a wide integer stays a string.
evidence::Value cell_from_json(const nlohmann::json& json);

nlohmann::json row_to_json(const evidence::Row& row);
evidence::Row row_from_json(const nlohmann::json& json);

}  // namespace annexa::store
