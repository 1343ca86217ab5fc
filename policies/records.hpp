// The third leg of a control: documents and records of the organization.
#pragma once

#include "evidence/instant.hpp"
#include "policies/state.hpp"

#include <optional>
#include <span>

namespace annexa::policies {

/// rule: a policy or procedure; operation: a record that it is lived (a review, a training, a test) within its period.
enum class RecordKind { rule, operation };

enum class Review { none, approved, rejected };

/// A document or record that stands for a control, in its newest version.
struct RecordPiece {
    RecordKind kind = RecordKind::rule;
    Review review = Review::none;
    std::optional<evidence::Instant> valid_until;  // next review or end of its period; nothing: no end
};

/// The first line of the table that holds, in its order.
RecordsStatus records_status(std::span<const RecordKind> expected, std::span<const RecordPiece> pieces,
                             evidence::Instant at);

}  // namespace annexa::policies
