// A named person's conclusion on a control or a clause, beside what is computed. It changes nothing of that; where the
// indication gets worse than it was then, it asks to be renewed.
#include "policies/state.hpp"
#include "policies/status_inputs.hpp"
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view values[] = {"effective",  "partly_effective", "not_effective",
                                       "conforming", "nonconforming",    "not_assessed"};
constexpr Field fields[] = {
    {"requirement", FieldType::requirement, "The control or clause that it is about", flag::required},
    {"value", FieldType::choice, "What the person concludes", flag::required, values},
    {"reason", FieldType::text, "Why", flag::required},
    {"date", FieldType::date, "When it was concluded", flag::required},
    {"period_from", FieldType::date, "First day that it is about"},
    {"period_to", FieldType::date, "Last day that it is about"},
    {"rested_on", FieldType::record, "Records that it rested on", flag::many},
    {"entries", FieldType::integer, "Entries of the log that it rested on", flag::many},
    {"indication", FieldType::line, "What was computed for the control then", flag::computed},
};

/// Best first. What stands nowhere here (excluded) is neither better nor worse.
constexpr std::string_view by_worth[] = {"effective", "partly_effective", "not_assessed", "insufficient_evidence",
                                         "not_effective"};

std::size_t worth(std::string_view status) {
    return static_cast<std::size_t>(std::find(std::begin(by_worth), std::end(by_worth), status) - std::begin(by_worth));
}

bool worse(std::string_view now, std::string_view then) {
    return worth(now) != std::size(by_worth) && worth(then) != std::size(by_worth) && worth(now) > worth(then);
}

void compute(json& members, const Record* before, const Register&, const Facts& facts) {
    const bool anew =
        before == nullptr || std::any_of(std::begin(fields), std::end(fields), [&](const Field& field) {
            const std::string name{field.name};
            return !field.is(flag::computed) && before->members->value(name, json()) != members.value(name, json());
        });
    const std::string requirement = text_in(members, "requirement");
    if (!anew || !facts.indication || !is_control_id(requirement)) return;
    members["indication"] = facts.indication(requirement);
}

void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    const json& after = draft.after;
    if (draft.before != nullptr && !facts.account.empty() && draft.before->versions.front().account != facts.account)
        problems.push_back({draft.id, "", "it is another person's conclusion; record one of your own"});
    if (text_in(after, "date") > day_of(facts.now)) problems.push_back({draft.id, "date", "is still to come"});
    check_order(draft, "period_from", "period_to", problems);
}

/// The last conclusion of each requirement speaks; earlier ones are history.
bool outdone(const Register& records, const Record& conclusion) {
    for (const Record* other : records.of_kind("conclusion"))
        if (other->id != conclusion.id &&
            text_in(*other->members, "requirement") == text_in(*conclusion.members, "requirement") &&
            std::pair{text_in(*other->members, "date"), other->last().index} >
                std::pair{text_in(*conclusion.members, "date"), conclusion.last().index})
            return true;
    return false;
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    if (!facts.indication) return;
    for (const Record* conclusion : records.of_kind("conclusion")) {
        const std::string then = text_in(*conclusion->members, "indication");
        const std::string control = text_in(*conclusion->members, "requirement");
        if (then.empty() || !is_control_id(control) || outdone(records, *conclusion)) continue;
        if (const std::string now = facts.indication(control); worse(now, then))
            gaps.push_back({9, "9.2", conclusion->id,
                            "The indication of " + control + " is " + now + ", it was " + then +
                                " when the conclusion was drawn: renew it.",
                            "annexa isms set conclusion title=… requirement=" + control +
                                " value=… reason=… date=" + day_of(facts.now)});
    }
}

std::optional<Instant> instant_of(const std::string& day, std::string_view time) {
    if (day.empty()) return std::nullopt;
    return evidence::parse_instant(day + "T" + std::string{time} + "Z");
}

void inform(const Register& records, Instant, policies::StatusInputs& inputs) {
    for (const Record* record : records.of_kind("conclusion")) {
        const json& members = *record->members;
        if (!is_control_id(text_in(members, "requirement"))) continue;
        policies::Conclusion conclusion;
        conclusion.control = text_in(members, "requirement");
        conclusion.value = text_in(members, "value");
        conclusion.reason = text_in(members, "reason");
        conclusion.at = record->last().at;
        conclusion.period_from = instant_of(text_in(members, "period_from"), "00:00:00");
        conclusion.period_to = instant_of(text_in(members, "period_to"), "23:59:59");
        conclusion.by = record->versions.front().account;
        conclusion.reference = record->id + " version " + std::to_string(record->last().version);
        inputs.conclusions.push_back(std::move(conclusion));
    }
}

}  // namespace

extern const Kind conclusion{.name = "conclusion",
                             .plural = "conclusions",
                             .title = "Conclusion",
                             .step = 9,
                             .clauses = "9.1, 9.2",
                             .fields = fields,
                             .key = "",
                             .approvable = false,
                             .write = Permission::approve,
                             .or_write = Permission::audit,
                             .compute = compute,
                             .rules = rules,
                             .gaps = gaps,
                             .inform = inform};

}  // namespace annexa::store::isms
