#include "policies/query_functions.hpp"

#include "evidence/errors.hpp"
#include "evidence/instant.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>

namespace annexa::policies {
namespace {

constexpr std::string_view check_functions[] = {
    "->",
    "->>",
    "abs",
    "avg",
    "char",
    "coalesce",
    "count",
    "cume_dist",
    "dense_rank",
    "first_value",
    "format",
    "glob",
    "group_concat",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_quote",
    "json_tree",
    "json_type",
    "json_valid",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "lower",
    "ltrim",
    "max",
    "min",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "printf",
    "quote",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "substr",
    "substring",
    "sum",
    "total",
    "trim",
    "typeof",
    "unicode",
    "unlikely",
    "upper",
    "utc_date",
};
static_assert(std::is_sorted(std::begin(check_functions), std::end(check_functions)));

constexpr std::string_view query_functions[] = {
    "current_date", "current_time", "current_timestamp", "date", "datetime", "julianday",
    "strftime",     "time",         "unixepoch",
};
static_assert(std::is_sorted(std::begin(query_functions), std::end(query_functions)));

void utc_date(sqlite3_context* context, int, sqlite3_value** arguments) {
    constexpr sqlite3_int64 first = -62167219200;  // 0000-01-01
    constexpr sqlite3_int64 last = 253402300799;   // 9999-12-31T23:59:59
    const int type = sqlite3_value_numeric_type(arguments[0]);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return sqlite3_result_null(context);
    const sqlite3_int64 seconds = sqlite3_value_int64(arguments[0]);
    if (seconds < first || seconds > last) return sqlite3_result_null(context);
    const std::string text = evidence::to_string(evidence::Instant{std::chrono::seconds{seconds}}).substr(0, 10);
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

bool is_check_function(std::string_view lower_case_name) {
    return std::binary_search(std::begin(check_functions), std::end(check_functions), lower_case_name);
}

bool is_query_function(std::string_view lower_case_name) {
    return std::binary_search(std::begin(query_functions), std::end(query_functions), lower_case_name);
}

void add_functions(sqlite3* database) {
    if (sqlite3_create_function_v2(database, "utc_date", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                   nullptr, utc_date, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw evidence::error("SQLite has no memory for its functions");
}

}  // namespace annexa::policies
