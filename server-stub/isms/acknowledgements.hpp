// What of documents the rules, the gaps and the status ask alike.
#pragma once

#include "server-stub/isms/record.hpp"

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

}  // namespace annexa::store::isms
