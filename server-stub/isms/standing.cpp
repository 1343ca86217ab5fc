#include "server-stub/isms/standing.hpp"

#include "evidence/instant.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {

using policies::RecordFact;
using policies::RecordKind;
using policies::Review;

std::optional<Instant> end_of_day(const std::string& date) {
    if (date.empty()) return std::nullopt;
    return evidence::parse_instant(date + "T00:00:00Z") + std::chrono::days{1};
}

RecordFact fact_of(const Record& record, std::string control, RecordKind kind) {
    RecordFact fact;
    fact.control = std::move(control);
    fact.kind = kind;
    std::uint64_t version = record.last().version;
    if (record.approved_members) {
        const Approval& approval = *record.approved();
        fact.review = Review::approved;
        fact.reviewed_at = fact.produced_at = approval.at;
        fact.valid_until = end_of_day(text_in(*record.approved_members, "next_review"));
        fact.single_person = approval.single_person;
        version = approval.version;
    } else if (const Approval* rejection = record.rejected()) {
        fact.review = Review::rejected;
        fact.reviewed_at = rejection->at;
        version = rejection->version;
        fact.produced_at = record.versions.at(version - 1).at;
    } else {
        fact.produced_at = record.last().at;
    }
    fact.reference = record.id + " version " + std::to_string(version);
    fact.what = text_in(record.judged_members(), "title");
    return fact;
}

std::optional<RecordFact> fact_of_all(const std::vector<const Record*>& records, std::string control,
                                      const std::string& what, bool (*holds)(const nlohmann::json& members)) {
    if (records.empty()) return std::nullopt;
    RecordFact all;
    all.control = std::move(control);
    all.kind = RecordKind::operation;
    all.review = Review::approved;
    for (const Record* record : records) {
        const RecordFact one = fact_of(*record, all.control, all.kind);
        if (one.review != Review::approved || !holds(*record->approved_members)) all.review = Review::none;
        if (!all.produced_at || one.produced_at < all.produced_at) all.produced_at = one.produced_at;
        if (one.valid_until && (!all.valid_until || one.valid_until < all.valid_until))
            all.valid_until = one.valid_until;
        all.single_person = all.single_person || one.single_person;
    }
    if (all.review == Review::approved) all.reviewed_at = all.produced_at;
    all.reference =
        records.front()->id + (records.size() == 1 ? "" : " and " + std::to_string(records.size() - 1) + " more");
    all.what = std::to_string(records.size()) + " " + what;
    return all;
}

}  // namespace annexa::store::isms
