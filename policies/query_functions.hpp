// Which functions a query may call.
#pragma once

#include <sqlite3.h>

#include <string_view>

namespace annexa::policies {

/// Of checks: nothing that reads a clock, chance, the machine's time zone or state of the connection.
bool is_check_function(std::string_view lower_case_name);

/// Further ones for `query`, whose answers need not be repeatable: SQLite's date and time functions.
bool is_query_function(std::string_view lower_case_name);

/// Adds ours: utc_date(unix_seconds) gives "2026-11-24", NULL for anything that is no time of the years 0 to 9999.
void add_functions(sqlite3* database);

}  // namespace annexa::policies
