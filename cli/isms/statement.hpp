// The Statement of Applicability for people: as a sheet, as a page, and what its head says. From the answer of
// GET /api/v1/isms/soa.
#pragma once

#include "cli/isms/kinds.hpp"
#include "cli/isms/records.hpp"
#include "cli/sheets/book.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <utility>
#include <vector>

namespace annexa::cli {

/// Whose it is, of which scope, which version, who approved it and when, as of when; and what a reader must know before
/// relying on it: that it is a draft, that controls are undecided, that one person both asked and approved.
std::vector<std::pair<std::string, std::string>> statement_head(const nlohmann::json& statement, const Names& names);

/// One row a control. `kind` is that of its rows, `applicability`: what a person decides is read back by
/// `annexa isms import --as soa`, the rest is only shown.
sheets::Book statement_book(const nlohmann::json& statement, const Kind& kind, const Names& names);

/// The columns alone, in their order.
std::vector<sheets::Column> statement_columns(const Kind& kind);

/// A page of HTML for reading and printing.
std::string statement_page(const nlohmann::json& statement, const Names& names);

}  // namespace annexa::cli
