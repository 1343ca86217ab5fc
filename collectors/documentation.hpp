// All collectors and tables as one JSON text: what `annexa-collect --schemas` prints and policies/tables.json keeps.
#pragma once

#include "collectors/collector.hpp"

#include <span>
#include <string>

namespace annexa::collectors {

/// {"collectors": [...], "tables": [...]}, one column a line, ends in a line feed.
std::string schemas_json(std::span<const Collector* const> collectors);

/// "dac_read_search", …, in the order of capabilities(7)'s numbers.
std::vector<std::string_view> capability_names(Capability needs);

}  // namespace annexa::collectors
