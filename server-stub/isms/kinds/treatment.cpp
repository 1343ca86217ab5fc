// The treatment of a risk: what is done about it, by which controls, what risk is left, and whether the risk owner
// accepts that.
#include "server-stub/isms/controls.hpp"
#include "server-stub/isms/editing.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::string_view risks[] = {"risk"};
constexpr std::string_view actions_allowed[] = {"action"};
constexpr std::string_view options[] = {"modify", "avoid", "share", "retain"};
constexpr Field acceptance_fields[] = {
    {"by", FieldType::account, "The risk owner's account", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"until", FieldType::date, "The acceptance of the residual risk ends", flag::required | flag::due},
    {"reason", FieldType::text, "Why it is accepted", flag::required},
    {"risk", FieldType::record, "The risk as it was then", flag::required, risks},
    {"option", FieldType::choice, "The option as it was then", flag::required, options},
    {"residual_level", FieldType::integer, "The level that was accepted", flag::required},
    {"single_person", FieldType::boolean, "Whoever accepted it wrote it, and nobody else held the right"},
};
constexpr Field fields[] = {
    {"risk", FieldType::record, "The risk that it treats", flag::required, risks},
    {"option", FieldType::choice, "What is done about it", flag::required, options},
    {"description", FieldType::text, "How"},
    {"controls", FieldType::line, "Controls that it takes: of Annex A or one's own", flag::many},
    {"actions", FieldType::record, "What is to be done for it", flag::many, actions_allowed},
    {"shared_with", FieldType::line, "Who bears it too, where it is shared"},
    {"residual_likelihood", FieldType::integer, "The likelihood that is left once it is done"},
    {"residual_impact", FieldType::integer, "The impact that is left once it is done"},
    {"residual_level", FieldType::integer, "What the criteria make of the two", flag::computed},
    {"acceptance",
     FieldType::group,
     "The risk owner's acceptance of what is left",
     flag::computed,
     {},
     acceptance_fields},
};

void compute(json& members, const Record*, const Register& records, const Facts&) {
    members.erase("residual_level");
    const auto criteria = criteria_of(records);
    const auto likelihood = number_in(members, "residual_likelihood");
    const auto impact = number_in(members, "residual_impact");
    if (!criteria || !likelihood || !impact) return;
    if (const auto level = criteria->level(*likelihood, *impact)) members["residual_level"] = *level;
}

void rules(const Draft& draft, const Register& records, const Facts&, std::vector<Problem>& problems) {
    check_rating(draft, records, "residual_likelihood", "residual_impact", problems);
    check_controls(draft, records, problems);
    const std::string option = text_in(draft.after, "option");
    if (option == "share" && !has(draft.after, "shared_with"))
        problems.push_back({draft.id, "shared_with", "is missing: say who bears the risk too"});
    if (option == "retain" && has(draft.after, "controls"))
        problems.push_back({draft.id, "controls", "a risk that is retained takes no control; modify takes controls"});
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const auto criteria = criteria_of(records);
    for (const Record* treatment : records.of_kind("treatment")) {
        const json& members = *treatment->members;
        const Record* risk = records.find(text_in(members, "risk"));
        if (risk == nullptr || risk->deleted() || text_in(*risk->members, "state") == "closed") continue;
        const auto lacks = [&](const char* clause, const std::string& sentence, const std::string& next) {
            gaps.push_back(
                {6, clause, treatment->id, "The treatment " + text_in(members, "title") + " " + sentence, next});
        };
        const std::string set = "annexa isms set " + treatment->id;
        if (text_in(members, "option") == "modify" && !has(members, "controls"))
            lacks("6.1.3 b", "modifies the risk by no control.", set + " controls=A.…");
        for (const std::string& control : texts_in(members, "controls"))
            if (is_excluded(records, control))
                lacks("6.1.3 c", "rests on " + control + ", which the Statement of Applicability excludes.",
                      set + " controls=…");
        const auto level = number_in(members, "residual_level");
        if (!level) {
            lacks("6.1.3 f", "does not say what risk is left.", set + " residual_likelihood=… residual_impact=…");
            continue;
        }
        // An acceptance is of one residual risk and for a time: another risk or a later day is not accepted.
        if ((criteria && criteria->acceptable(*level)) || acceptance_stands(members, facts.now)) continue;
        const bool was = has(members, "acceptance");
        lacks("6.1.3 f",
              was ? "leaves a risk above the acceptance line whose acceptance has ended or was of another."
                  : "leaves a risk above the acceptance line that the risk owner has not accepted.",
              "annexa isms act " + treatment->id + " accept until=… reason=…");
    }
}

json accept(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    const auto level = number_in(members, "residual_level");
    if (!level)
        throw coded_error("conflict",
                          "nobody has said yet what risk is left; set the residual likelihood and impact first");
    if (text_in(input, "until") <= day_of(context.facts.now))
        throw coded_error("schema", "until: an acceptance ends on a day to come");
    const Record* risk = context.records.find(text_in(members, "risk"));
    if (risk == nullptr || risk->deleted()) throw coded_error("conflict", "its risk is deleted");
    const std::string owner = text_in(*risk->members, "owner");
    if (owner.empty())
        throw coded_error("conflict", risk->id + " has no risk owner, and nobody else accepts a residual risk");
    const std::vector<std::string> accounts = accounts_of(context.records, owner);
    if (accounts.empty())
        throw coded_error("forbidden",
                          "the risk owner accepts the residual risk, and no account is known to be of " + owner);
    if (std::find(accounts.begin(), accounts.end(), context.by.session.account) == accounts.end())
        throw coded_error("forbidden", "the risk owner (" + owner + ") accepts the residual risk, nobody else");
    const bool alone = single_person(context.by, context.facts, context.record.authors(), Permission::approve,
                                     "accept the residual risk");
    members["acceptance"] = {{"by", context.by.session.account},
                             {"at", evidence::to_string(context.facts.now)},
                             {"until", input.at("until")},
                             {"reason", input.at("reason")},
                             {"risk", risk->id},
                             {"option", members.at("option")},
                             {"residual_level", *level},
                             {"single_person", alone}};
    return members;
}

constexpr Field accept_input[] = {
    {"until", FieldType::date, "Until when it is accepted", flag::required},
    {"reason", FieldType::text, "Why it is accepted", flag::required},
};
constexpr Action actions[] = {
    {"accept", "The risk owner accepts the risk that is left, for a time", Permission::approve, accept_input, accept},
};

}  // namespace

extern const Kind treatment{.name = "treatment",
                            .plural = "treatments",
                            .title = "Risk treatment",
                            .step = 6,
                            .clauses = "6.1.3",
                            .fields = fields,
                            .missing = "No treatment of a risk is recorded.",
                            .approvable = false,
                            .compute = compute,
                            .rules = rules,
                            .gaps = gaps,
                            .actions = actions};

}  // namespace annexa::store::isms
