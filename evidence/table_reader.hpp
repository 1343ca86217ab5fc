// What the writer (table.cpp) and the reader (table_reader.cpp) of tables share.
#pragma once

#include "evidence/table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

/// Beyond +-(2^53-1): written as a string of digits.
bool is_wide_integer(std::int64_t value);

/// Null fits every column.
bool fits_type(const Value& value, Type type);

/// {"columns":[["name","type"],...],"rows":[
std::string table_head(const std::vector<ColumnType>& columns);

/// ],"salt":"..."}
std::string table_tail(std::string_view salt);

}  // namespace annexa::evidence
