// Actions of records: POST …/records/ID/actions/NAME.
#pragma once

#include "cli/commands.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace annexa::cli {

/// Returns the record as it is then.
nlohmann::json act(Client& client, const std::string& id, const std::string& action, const nlohmann::json& input);

/// What differs between a record before and after.
void print_deed(const nlohmann::json& before, const nlohmann::json& after, const Terminal& terminal);

}  // namespace annexa::cli
