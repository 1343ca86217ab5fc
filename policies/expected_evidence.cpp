#include "policies/expected_evidence.hpp"

namespace annexa::policies {

std::string_view name(RecordKind kind) { return kind == RecordKind::rule ? "rule" : "record"; }

std::optional<RecordKind> parse_record_kind(std::string_view text) {
    for (const RecordKind kind : {RecordKind::rule, RecordKind::operation})
        if (name(kind) == text) return kind;
    return std::nullopt;
}

}  // namespace annexa::policies
