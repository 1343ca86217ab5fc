// What makes a check valid: read from its file, its queries prepared over the empty tables of the schemas.
#pragma once

#include "policies/database.hpp"
#include "policies/field_reader.hpp"
#include "policies/pack.hpp"

#include <optional>
#include <string>

namespace annexa::policies {

/// Where an error at a byte of a query stands in the file: exact in a block scalar `|`, else where the value begins.
Place place_in_query(const YamlNode& value, int offset);

/// Reads one file of checks/. Whatever is wrong goes to `problems`; what comes back is complete only where nothing was.
Check read_check(const YamlNode& document, const std::string& stem,
                 const std::map<std::string, Parameter, std::less<>>& parameters, const Schemas& schemas,
                 EvaluationDatabase& database, Problems& problems);

}  // namespace annexa::policies
