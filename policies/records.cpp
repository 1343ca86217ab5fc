#include "policies/records.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::Instant;

/// When a person last looked at it; what carries no such time is as old as can be, so that it outdoes nothing.
Instant reviewed(const RecordFact& fact) { return fact.reviewed_at.value_or(Instant::min()); }

/// Nobody approved anything of the same kind after it was rejected.
bool stands(const RecordFact& rejection, std::span<const RecordFact> facts) {
    return std::none_of(facts.begin(), facts.end(), [&](const RecordFact& other) {
        return other.control == rejection.control && other.kind == rejection.kind && other.review == Review::approved &&
               rejection.reviewed_at && reviewed(other) > *rejection.reviewed_at;
    });
}

}  // namespace

std::string_view name(Review review) {
    switch (review) {
        case Review::none:
            return "none";
        case Review::approved:
            return "approved";
        case Review::rejected:
            return "rejected";
    }
    return {};
}

std::optional<Instant> in_date_until(const RecordFact& fact, const ExpectedEvidence& expected) {
    std::optional<Instant> until = fact.valid_until;
    if (fact.produced_at) {
        const Instant period_ends = *fact.produced_at + expected.of(fact.kind).period;
        until = std::min(until.value_or(period_ends), period_ends);
    }
    return until;
}

RecordsStatus records_status(const ExpectedEvidence& expected, std::span<const RecordFact> facts, Instant at) {
    std::vector<RecordFact> there;
    for (const RecordFact& fact : facts)
        if (fact.control == expected.control && (!fact.produced_at || *fact.produced_at <= at)) there.push_back(fact);

    const auto any = [&](auto&& holds) { return std::any_of(there.begin(), there.end(), holds); };
    const auto any_approved = [&](RecordKind kind, auto&& holds) {
        return any([&](const RecordFact& fact) {
            return fact.kind == kind && fact.review == Review::approved && holds(in_date_until(fact, expected));
        });
    };
    const auto accepted = [&](RecordKind kind) {
        return any_approved(kind, [at](std::optional<Instant> until) { return until && at < *until; });
    };
    const auto expired = [&](RecordKind kind) {
        return !accepted(kind) &&
               any_approved(kind, [at](std::optional<Instant> until) { return until && at >= *until; });
    };

    if (any([&](const RecordFact& fact) { return fact.review == Review::rejected && stands(fact, there); }))
        return RecordsStatus::rejected;
    if (accepted(RecordKind::rule) && accepted(RecordKind::operation)) return RecordsStatus::accepted;
    if (expired(RecordKind::rule) || expired(RecordKind::operation)) return RecordsStatus::expired;
    return there.empty() ? RecordsStatus::missing : RecordsStatus::partial;
}

}  // namespace annexa::policies
