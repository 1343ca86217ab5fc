#include "policies/records.hpp"

#include <algorithm>

namespace annexa::policies {

RecordsStatus records_status(std::span<const RecordKind> expected, std::span<const RecordPiece> pieces,
                             evidence::Instant at) {
    const auto any = [&](auto&& holds) { return std::any_of(pieces.begin(), pieces.end(), holds); };
    const auto in_date = [at](const RecordPiece& piece) { return !piece.valid_until || at < *piece.valid_until; };
    const auto accepted = [&](RecordKind kind) {
        return any([&](const RecordPiece& piece) {
            return piece.kind == kind && piece.review == Review::approved && in_date(piece);
        });
    };
    const auto expired = [&](RecordKind kind) {
        return !accepted(kind) && any([&](const RecordPiece& piece) {
            return piece.kind == kind && piece.review == Review::approved && !in_date(piece);
        });
    };
    if (any([](const RecordPiece& piece) { return piece.review == Review::rejected; })) return RecordsStatus::rejected;
    if (pieces.empty()) return RecordsStatus::missing;
    if (!expected.empty() && std::all_of(expected.begin(), expected.end(), accepted)) return RecordsStatus::accepted;
    if (std::any_of(expected.begin(), expected.end(), expired)) return RecordsStatus::expired;
    return RecordsStatus::partial;
}

}  // namespace annexa::policies
