// What of documents the rules, the gaps and the status ask alike.
#pragma once

#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {

/// Whether it has a text or a file: a mere title is no document.
bool is_written(const nlohmann::json& members);

struct Acknowledgements {
    std::vector<std::string> given;  // ids of persons
    std::vector<std::string> lacking;
};

/// Who of those whom the approved version binds has acknowledged it by then (YYYY-MM-DD); who left is bound no more.
/// Both empty where no version is approved.
Acknowledgements acknowledgements(const Record& document, const Register& records, const std::string& today);

/// The action `acknowledge` of what is acknowledged: whoever has an account says, for the person that it is of, that
/// he read the approved version. Changes nothing in the record; writes the acknowledgement.
nlohmann::json acknowledge(const ActionContext& context, const nlohmann::json& input);

inline constexpr Field acknowledge_input[] = {
    {"digest", FieldType::digest, "Digest of the approved version that you read", flag::required},
};
inline constexpr Action acknowledge_action{
    "acknowledge", "Says that you have read the approved version; for yourself alone, by your own account",
    Permission::read, acknowledge_input, acknowledge};

}  // namespace annexa::store::isms
