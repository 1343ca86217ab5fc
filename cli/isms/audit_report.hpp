// The frozen report of an internal audit as a page.
#pragma once

#include "cli/isms/records.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace annexa::cli {

/// One HTML file with nothing to load and nothing that runs; what auditors wrote is text. `report` is the document that
/// the action report froze, `digest` its SHA-256; people, who are ids in it, are called by their names.
std::string audit_report_html(const nlohmann::json& report, const std::string& digest, const Names& names);

}  // namespace annexa::cli
