// The criteria of risk assessment: the scales, how a level follows from them, and the line up to which it is accepted.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/risk_level.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::int64_t most_steps = 10;

constexpr std::string_view functions[] = {"product", "sum", "matrix"};
constexpr Field step_fields[] = {
    {"value", FieldType::integer, "Its number, from 1 up", flag::required},
    {"label", FieldType::line, "Its name: rare, likely, …", flag::required},
    {"description", FieldType::text, "When it is this one"},
};
constexpr Field cell_fields[] = {
    {"likelihood", FieldType::integer, "Number on the scale of likelihood", flag::required},
    {"impact", FieldType::integer, "Number on the scale of impact", flag::required},
    {"level", FieldType::integer, "The level of the two", flag::required},
};
constexpr Field word_fields[] = {
    {"from", FieldType::integer, "The lowest level that is called so", flag::required},
    {"label", FieldType::line, "What it is called: low, medium, high", flag::required},
};
constexpr Field fields[] = {
    {"likelihood_scale", FieldType::group, "Steps of likelihood", flag::required | flag::many, {}, step_fields},
    {"impact_scale", FieldType::group, "Steps of impact", flag::required | flag::many, {}, step_fields},
    {"level_function", FieldType::choice, "How a level follows from likelihood and impact", flag::required, functions},
    {"matrix", FieldType::group, "The level of each pair, where the function is matrix", flag::many, {}, cell_fields},
    {"level_scale", FieldType::group, "What levels are called", flag::many, {}, word_fields},
    {"acceptance_line", FieldType::integer, "Levels up to this one are accepted without treatment", flag::required},
    {"when", FieldType::text, "When risks are assessed, beside the planned intervals"},
    {"interval_days", FieldType::integer, "How many days may pass between two assessments"},
};

void check_scale(const Draft& draft, std::string_view scale, std::vector<Problem>& problems) {
    const json& steps = draft.after.at(std::string{scale});
    std::set<std::int64_t> values;
    for (const json& step : steps) values.insert(step.at("value").get<std::int64_t>());
    const auto count = static_cast<std::int64_t>(steps.size());
    if (count < 2 || count > most_steps || static_cast<std::int64_t>(values.size()) != count || *values.begin() != 1 ||
        *values.rbegin() != count)
        problems.push_back({draft.id, std::string{scale}, "expected 2 to 10 steps numbered from 1 without a hole"});
}

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    const std::size_t before = problems.size();
    check_scale(draft, "likelihood_scale", problems);
    check_scale(draft, "impact_scale", problems);
    if (problems.size() != before) return;
    const std::size_t pairs = draft.after.at("likelihood_scale").size() * draft.after.at("impact_scale").size();
    const RiskCriteria criteria{draft.after};
    const bool by_matrix = text_in(draft.after, "level_function") == "matrix";
    if (by_matrix != has(draft.after, "matrix"))
        problems.push_back(
            {draft.id, "matrix",
             by_matrix ? "is missing: level_function says matrix" : "is not used: level_function says no matrix"});
    const std::vector<std::int64_t> levels = criteria.levels();
    if (by_matrix && (levels.size() != pairs || draft.after.at("matrix").size() != pairs))
        problems.push_back({draft.id, "matrix", "expected each pair of likelihood and impact once"});
    // A line that everything lies under, or nothing, decides nothing.
    if (!levels.empty() && (criteria.acceptance_line() < *std::min_element(levels.begin(), levels.end()) - 1 ||
                            criteria.acceptance_line() >= *std::max_element(levels.begin(), levels.end())))
        problems.push_back({draft.id, "acceptance_line", "is below or above every level that can come out"});
    if (const auto days = number_in(draft.after, "interval_days"); days && (*days < 1 || *days > 1830))
        problems.push_back({draft.id, "interval_days", "expected 1 to 1830 days"});
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* criteria : records.of_kind("criteria"))
        if (criteria->approved() == nullptr)
            gaps.push_back({5, "6.1.2 a", criteria->id, "The criteria of risk assessment are not approved.",
                            "annexa isms approve " + criteria->id});
}

}  // namespace

extern const Kind criteria{.name = "criteria",
                           .plural = "criteria-sets",
                           .title = "Criteria of risk assessment",
                           .step = 5,
                           .clauses = "6.1.2 a",
                           .fields = fields,
                           .missing = "No criteria of risk assessment are recorded: no risk can be rated.",
                           .single = true,
                           .rules = rules,
                           .gaps = gaps};

}  // namespace annexa::store::isms
