// The risk treatment plan of a day: all treatments with their actions, frozen into one document that is approved.
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/isms/documents.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/runs.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::string_view people[] = {"person", "role", "unit", "party"};
constexpr std::string_view plans[] = {"plan"};
constexpr Field milestone_fields[] = {
    {"title", FieldType::line, "What is reached", flag::required},
    {"due", FieldType::date, "By when", flag::required},
    {"reached_on", FieldType::date, "When it was reached"},
};
constexpr Field told_fields[] = {
    {"to", FieldType::record, "Who was told", flag::required, people},
    {"on", FieldType::date, "When", flag::required},
    {"acknowledged_on", FieldType::date, "When they said that they know it"},
};
constexpr Field change_fields[] = {
    {"risk", FieldType::line, "Id of the treatment", flag::required},
    {"what", FieldType::line, "added, removed, or the member that differs", flag::required},
    {"from", FieldType::line, "What it was"},
    {"to", FieldType::line, "What it is"},
};
constexpr Field fields[] = {
    {"summary", FieldType::text, "What the plan is to reach"},
    {"milestones", FieldType::group, "Steps on the way", flag::many, {}, milestone_fields},
    {"told", FieldType::group, "To whom it was communicated", flag::many, {}, told_fields},
    {"frozen_at", FieldType::instant, "When the treatments were frozen", flag::computed},
    {"digest", FieldType::digest, "The frozen plan: /api/v1/blobs/DIGEST", flag::computed | flag::frozen},
    {"treatments", FieldType::integer, "How many treatments it holds", flag::computed},
    {"cost", FieldType::number, "What its actions cost together, as planned", flag::computed},
    {"not_accepted", FieldType::integer, "Residual risks above the line that nobody accepted", flag::computed},
    {"follows", FieldType::record, "The plan before it", flag::computed, plans},
    {"differences", FieldType::group, "What changed since then", flag::computed | flag::many, {}, change_fields},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    check_frozen(draft, {"summary"}, problems);
}

json action_rows(const Register& records, const json& treatment, double& cost) {
    json rows = json::array();
    for (const std::string& id : texts_in(treatment, "actions")) {
        const Record* action = records.find(id);
        if (action == nullptr || action->deleted()) continue;
        rows.push_back(
            frozen_row(*action, {"owner", "implementers", "due", "priority", "cost", "state", "controls", "checks"}));
        if (const auto planned = action->members->find("cost"); planned != action->members->end())
            cost += planned->get<double>();
    }
    return rows;
}

json freeze(const ActionContext& context, const json&) {
    json members = *context.record.members;
    if (has(members, "digest")) throw coded_error("conflict", "this plan is frozen; make another");
    const auto criteria = criteria_of(context.records);
    json rows = json::array();
    double cost = 0;
    std::int64_t not_accepted = 0;
    for (const Record* treatment : context.records.of_kind("treatment")) {
        const Record* risk = context.records.find(text_in(*treatment->members, "risk"));
        if (risk == nullptr || risk->deleted() || text_in(*risk->members, "state") == "closed") continue;
        const bool accepted = acceptance_stands(*treatment->members, context.facts.now);
        const auto residual = number_in(*treatment->members, "residual_level");
        if (!accepted && !(criteria && residual && criteria->acceptable(*residual))) ++not_accepted;
        json row = frozen_row(*treatment, {"risk", "option", "controls", "actions", "owner", "residual_likelihood",
                                           "residual_impact", "residual_level"});
        row["accepted"] = accepted;
        row["risk"] = frozen_row(*risk, {"likelihood", "impact", "level", "owner"});
        row["actions"] = action_rows(context.records, *treatment->members, cost);
        rows.push_back(std::move(row));
    }
    if (rows.empty()) throw coded_error("conflict", "there is no treatment of an open risk to plan; record them first");
    const Record* before = last_frozen(context.records, "plan", context.record.id);
    const std::optional<json> earlier = before != nullptr ? read_frozen(context.by.blobs, *before) : std::nullopt;
    if (earlier) {
        members["follows"] = before->id;
        members["differences"] = run_differences(earlier->at("treatments"), rows,
                                                 {"option", "controls", "actions", "residual_level", "owner"});
    }
    members["frozen_at"] = evidence::to_string(context.facts.now);
    members["treatments"] = rows.size();
    members["cost"] = cost;
    members["not_accepted"] = not_accepted;
    members["digest"] = context.documents
                            .put_salted({{"plan", context.record.id},
                                         {"at", members.at("frozen_at")},
                                         {"summary", text_in(members, "summary")},
                                         {"treatments", std::move(rows)}})
                            .hex();
    return members;
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    const Record* last = last_frozen(records, "plan", "");
    if (last == nullptr) {
        for (const Record* plan : records.of_kind("plan"))
            gaps.push_back({6, "6.1.3 e", plan->id,
                            "The treatment plan " + text_in(*plan->members, "title") + " is not frozen.",
                            "annexa isms act " + plan->id + " freeze"});
        return;
    }
    const std::string title = text_in(*last->members, "title");
    if (last->approved() == nullptr)
        gaps.push_back({6, "6.1.3 f", last->id, "The treatment plan " + title + " is not approved.",
                        "annexa isms approve " + last->id});
    const Instant at = evidence::parse_instant(text_in(*last->members, "frozen_at"));
    for (const Record* treatment : records.of_kind("treatment"))
        if (treatment->versions.front().at > at)
            gaps.push_back({6, "6.1.3 e", treatment->id,
                            "The treatment " + text_in(*treatment->members, "title") + " is newer than the plan.",
                            "annexa isms set plan title=…"});
    if (!has(*last->members, "told"))
        gaps.push_back({6, "6.1.3 e", last->id, "Nobody was told of the treatment plan " + title + ".",
                        "annexa isms set " + last->id + " told=…"});
}

constexpr Action actions[] = {
    {"freeze", "Freeze all treatments of open risks with their actions", Permission::edit, {}, freeze},
};

}  // namespace

extern const Kind plan{.name = "plan",
                       .plural = "plans",
                       .title = "Risk treatment plan",
                       .step = 6,
                       .clauses = "6.1.3 e",
                       .fields = fields,
                       .missing = "There is no risk treatment plan.",
                       .rules = rules,
                       .gaps = gaps,
                       .actions = actions};

}  // namespace annexa::store::isms
