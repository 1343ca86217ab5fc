// What kinds share whose records freeze all records of another kind into one document: a risk assessment, a treatment
// plan.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

/// The record of a kind that was frozen last, by its member frozen_at; `but`: that one is left out. nullptr: none.
const Record* last_frozen(const Register& records, std::string_view kind, std::string_view but);

/// The document that a record's `digest` names. Nothing where it was erased.
std::optional<nlohmann::json> read_frozen(const Blobs& blobs, const Record& record);

/// A record in a frozen document: {"id","version","digest","record"} with these of its members. Texts stay out of it:
/// they stand in the version itself, and go when that is erased.
nlohmann::json frozen_row(const Record& record, std::initializer_list<std::string_view> members);

/// Members that stand in the frozen document change no more. Appends.
void check_frozen(const Draft& draft, std::initializer_list<std::string_view> members, std::vector<Problem>& problems);

/// What differs between two lists of {"id", "record"}: one line each {"risk": id, "what", "from", "to"}, at most 2,000.
nlohmann::json run_differences(const nlohmann::json& before, const nlohmann::json& after,
                               std::initializer_list<std::string_view> members);

}  // namespace annexa::store::isms
