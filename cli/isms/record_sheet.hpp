// Records of one kind as a sheet: one row a record, one column a member, in a form that `annexa isms import` reads back
// without a difference.
#pragma once

#include "cli/isms/kinds.hpp"
#include "cli/isms/records.hpp"
#include "cli/sheets/book.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace annexa::cli {

/// `id`, what a person writes, and what is only shown: the owner's name, what the store computes, version and approval.
std::vector<sheets::Column> record_columns(const Kind& kind);

/// `records` as the API gives them; those that were erased are left out.
sheets::Book record_book(const Kind& kind, const nlohmann::json& records, const Names& names);

/// How a column of a field is written: its type, width and what alone may stand in it.
sheets::Column column_of(const Field& field);

}  // namespace annexa::cli
