// A dated look at the measures that are there already: the baseline from which progress counts.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace annexa::store::isms {
namespace {

constexpr std::string_view persons[] = {"person"};
constexpr std::string_view states[] = {"none", "partly", "fully", "not_applicable"};
constexpr Field result_fields[] = {
    {"requirement", FieldType::requirement, "Control or clause that was looked at", flag::required},
    {"state", FieldType::choice, "How far it is met", flag::required, states},
    {"found", FieldType::text, "What is there and what is lacking"},
};
constexpr Field fields[] = {
    {"date", FieldType::date, "The day on which it was so", flag::required},
    {"method", FieldType::text, "How it was found out"},
    {"assessed_by", FieldType::record, "Who looked", flag::many, persons},
    {"results", FieldType::group, "What was found for each control and clause", flag::many, {}, result_fields},
};

void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    if (text_in(draft.after, "date") > day_of(facts.now))
        problems.push_back({draft.id, "date", "is in the future: an assessment says what was found"});
    const auto results = draft.after.find("results");
    if (results == draft.after.end()) return;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < results->size(); ++i) {
        const std::string requirement = text_in((*results)[i], "requirement");
        if (!seen.insert(requirement).second)
            problems.push_back(
                {draft.id, "results[" + std::to_string(i) + "].requirement", requirement + " has a result already"});
    }
}

}  // namespace

extern const Kind gap_assessment{.name = "gap_assessment",
                                 .plural = "gap_assessments",
                                 .title = "Gap assessment",
                                 .step = 1,
                                 .clauses = "4.4",
                                 .fields = fields,
                                 .missing = "The present measures were not assessed: progress has no baseline.",
                                 .approvable = false,
                                 .rules = rules};

}  // namespace annexa::store::isms
