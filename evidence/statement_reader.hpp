// From the JSON of an evidence/v1 statement to a Statement. For statement.cpp, which checks what it writes with it.
#pragma once

#include "evidence/statement.hpp"

#include <nlohmann/json_fwd.hpp>

namespace annexa::evidence {

/// Throws coded_error `schema`, naming the member. The frame (in_toto.hpp) has been checked.
Statement read_statement(const nlohmann::json& statement);

}  // namespace annexa::evidence
