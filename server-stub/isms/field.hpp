// What a record may hold: one line a member, from which come validation, JSON Schema and the editor's help.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

enum class FieldType {
    line,     // text without line breaks, at most 500 bytes
    text,     // at most 64 KiB
    date,     // YYYY-MM-DD
    instant,  // RFC 3339
    integer,  // of 53 bits
    number,
    boolean,
    choice,       // one of `choices`
    record,       // id of a record of one of the kinds in `choices` (of any where empty)
    control,      // A.5.1 … A.8.34
    requirement,  // a control or a clause: 9.2
    check,        // id of a check
    host,         // UUID of a host
    account,      // UUID of an account
    digest,       // SHA-256, hex
    group,        // an object of `members`
};

namespace flag {
constexpr unsigned required = 1;  // there and not empty
constexpr unsigned many = 2;      // a list of at most 10,000
constexpr unsigned computed = 4;  // written by the server alone
constexpr unsigned due = 8;       // a date by which something is to be done: on the due list, until its group is `done`
constexpr unsigned frozen = 16;   // digest of a document that an action froze; erased with the record
}  // namespace flag

struct Field {
    std::string_view name;
    FieldType type;
    std::string_view description;
    unsigned flags = 0;
    std::span<const std::string_view> choices = {};
    std::span<const Field> members = {};

    [[nodiscard]] constexpr bool is(unsigned what) const { return (flags & what) != 0; }
};

/// What is wrong with a record, where and what was expected: shown to whoever wrote it.
struct Problem {
    std::string record;  // id, or what stood in its place in the request
    std::string path;    // member: "actions[2].due"; empty: the whole
    std::string message;
    bool operator==(const Problem&) const = default;
};

/// Checks an object against its fields, form alone: nothing is looked up. Unknown members are problems. Appends.
void check_fields(const nlohmann::json& object, std::span<const Field> fields, const std::string& record,
                  const std::string& path, std::vector<Problem>& problems);

bool is_date(std::string_view text);        // a day of the calendar, YYYY-MM-DD
bool is_control_id(std::string_view text);  // A.5.1: the form alone
bool is_clause_id(std::string_view text);   // 4 … 10.2

/// "line", "text", …
std::string_view type_name(FieldType type);

/// JSON Schema (2020-12) of an object with these fields.
nlohmann::json json_schema(std::span<const Field> fields);

}  // namespace annexa::store::isms
