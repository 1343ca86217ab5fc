// in-toto Statement v1, the frame of statements, records and requests. For the .cpp files of this folder.
#pragma once

#include "evidence/digest.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

struct Subject {
    std::string name;
    Digest digest;
};

/// Canonical JSON {"_type","predicate","predicateType","subject":[{"digest":{"sha256"},"name"}]}.
std::string write_in_toto(std::string_view predicate_type, const std::vector<Subject>& subjects,
                          const nlohmann::json& predicate);

/// Reads the frame: canonical JSON, `_type`, a predicateType, an object as predicate. Throws coded_error `too_large`
/// (beyond what fits into an entry), `bad_json` or `schema`.
nlohmann::json read_in_toto(std::string_view payload);
/// The same, and `wrong_type` where the predicateType is another.
nlohmann::json read_in_toto(std::string_view payload, std::string_view predicate_type);

/// Throws coded_error `schema`. At least one; names are unique.
std::vector<Subject> subjects_of(const nlohmann::json& statement);

/// The digest of the one subject "record:KIND". Throws coded_error `schema` for any other subject.
Digest record_subject(const nlohmann::json& statement, std::string_view kind);

}  // namespace annexa::evidence
