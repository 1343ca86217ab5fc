// The third leg of a control: documents and records of the organization, or of the store itself.
#pragma once

#include "evidence/instant.hpp"
#include "policies/expected_evidence.hpp"
#include "policies/state.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace annexa::policies {

enum class Review { none, approved, rejected };
std::string_view name(Review review);

/// A document or record that stands for a control, in its newest version, as of the time asked.
struct RecordFact {
    std::string control;  // "A.5.1"
    RecordKind kind = RecordKind::rule;
    Review review = Review::none;
    std::optional<evidence::Instant> reviewed_at = std::nullopt;  // when it was approved or rejected
    std::optional<evidence::Instant> produced_at = std::nullopt;  // when it was made, held or last confirmed
    // Its own next review or end. The catalogue's period, counted from produced_at, ends it all the same; with neither
    // nobody can say that it is in date.
    std::optional<evidence::Instant> valid_until = std::nullopt;
    bool single_person = false;  // one person asked and approved, since there was no second: every output says so
    std::string reference = {};  // what it is: id and version of a record, "entry 1234" of the log
    std::string what = {};       // in words

    bool operator==(const RecordFact&) const = default;
};

/// A named person's conclusion on a control. It stands beside what is computed and changes nothing of it.
struct Conclusion {
    std::string control;
    std::string value;  // the person's own word: "effective", "conforming", …
    std::string reason;
    evidence::Instant at{};  // when it was recorded
    std::optional<evidence::Instant> period_from = std::nullopt;
    std::optional<evidence::Instant> period_to = std::nullopt;
    std::string by = {};         // for people: a name or an account's id
    std::string reference = {};  // the record's id and version
};

/// What the approved Statement of Applicability in force excludes.
struct Exclusions {
    std::set<std::string, std::less<>> controls;
    std::string reference = {};  // the statement's record and version

    [[nodiscard]] bool excludes(std::string_view control) const { return controls.find(control) != controls.end(); }
};

/// The first moment when the fact is no longer in date; nothing where nobody can say that it is in date at all.
std::optional<evidence::Instant> in_date_until(const RecordFact& fact, const ExpectedEvidence& expected);

/// The table of `records`, first line first. `facts` may hold those of other controls; what was produced after `at` is
/// not there yet. A rejection stands until something of the same kind was approved later.
RecordsStatus records_status(const ExpectedEvidence& expected, std::span<const RecordFact> facts, evidence::Instant at);

}  // namespace annexa::policies
