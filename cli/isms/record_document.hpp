// A record as people edit it: YAML, one record a file, the same bytes for the same record.
//
//   id: R-0042          absent: a new record
//   kind: risk
//   version: 3          the version that was edited; absent with a new record
//   members:
//     title: Laptop is stolen
//     likelihood: 3
//
// What the store alone writes is left out: it stays as it is whatever a file says. Every text comes back byte for byte:
// what could be taken for a number, a date or a word of YAML is quoted, and so is what an editor would not show.
#pragma once

#include "cli/isms/kinds.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::policies {
struct YamlNode;
}

namespace annexa::cli {

struct RecordDocument {
    std::string id;  // empty: new
    std::string kind;
    std::optional<std::uint64_t> version;
    std::shared_ptr<const nlohmann::json> members;  // never null
};

/// A record as the API shows it (`id`, `kind`, `version`, `members`), without what the store alone writes.
RecordDocument document_of(const nlohmann::json& record, const Kind& kind);

std::string to_yaml(const RecordDocument& document, const Kind& kind);
/// Members alone, what the store alone writes too, each line after `indent`.
std::string members_yaml(const nlohmann::json& members, std::span<const Field> fields, const std::string& indent);

/// YAML, or JSON where it begins with "{". `place` names it in messages: "risks/R-0042.yaml". Throws evidence::error
/// with line and column for what is no such document, or has members that the kind does not know; whether values fit is
/// the store's word. At most 4 MiB.
RecordDocument read_document(std::string_view text, const std::string& place, const Kinds& kinds);

/// A value as the field's type has it: `title: 2027` is text. Throws policies::yaml_error.
nlohmann::json value_of(const policies::YamlNode& node, const Field& field);

}  // namespace annexa::cli
