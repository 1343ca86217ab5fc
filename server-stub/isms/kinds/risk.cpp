// A risk: what could happen to which assets, how likely and how bad it is with the measures that there are, and who
// answers for it. Its level follows from the criteria.
#include "server-stub/isms/controls.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/risk_level.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view assets[] = {"asset"};
constexpr std::string_view states[] = {"open", "closed"};
constexpr Field review_fields[] = {
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "Who looked at it", flag::required},
    {"outcome", FieldType::text, "What came of it", flag::required},
};
constexpr Field fields[] = {
    {"scenario", FieldType::text, "What could happen, and what follows from it"},
    {"assets", FieldType::record, "What it would happen to", flag::many, assets},
    {"threat", FieldType::line, "What or who causes it"},
    {"vulnerability", FieldType::line, "What lets it happen"},
    {"likelihood", FieldType::integer, "On the scale of likelihood, with the measures that there are now"},
    {"impact", FieldType::integer, "On the scale of impact, with the measures that there are now"},
    {"rationale", FieldType::text, "Why it is rated so"},
    {"controls", FieldType::line, "Controls that the rating counts on", flag::many},
    {"checks", FieldType::check, "Checks whose findings make it likelier", flag::many},
    {"state", FieldType::choice, "Open until it can no longer happen; absent: open", 0, states},
    {"closed_because", FieldType::text, "Why it can no longer happen"},
    {"level", FieldType::integer, "What the criteria make of likelihood and impact", flag::computed},
    {"level_word", FieldType::line, "What the criteria call this level", flag::computed},
    {"reviews", FieldType::group, "When it was looked at again", flag::computed | flag::many, {}, review_fields},
};

bool is_open(const json& members) { return text_in(members, "state") != "closed"; }

void compute(json& members, const Record*, const Register& records, const Facts&) {
    members.erase("level");
    members.erase("level_word");
    const auto criteria = criteria_of(records);
    const auto likelihood = number_in(members, "likelihood");
    const auto impact = number_in(members, "impact");
    const auto level = criteria && likelihood && impact ? criteria->level(*likelihood, *impact) : std::nullopt;
    if (!level) return;
    members["level"] = *level;
    if (const std::string word = criteria->word(*level); !word.empty()) members["level_word"] = word;
}

void rules(const Draft& draft, const Register& records, const Facts&, std::vector<Problem>& problems) {
    check_rating(draft, records, "likelihood", "impact", problems);
    check_controls(draft, records, problems);
    if (!is_open(draft.after) && !has(draft.after, "closed_because"))
        problems.push_back({draft.id, "closed_because", "is missing: say why it can no longer happen"});
}

/// The day on which somebody last judged it: a review, or the first version.
Instant last_looked_at(const Record& risk) {
    Instant last = risk.versions.front().at;
    if (const auto reviews = risk.members->find("reviews"); reviews != risk.members->end())
        for (const json& review : *reviews) last = std::max(last, evidence::parse_instant(text_in(review, "at")));
    return last;
}

/// What happened since somebody last looked opens a review.
void add_reviews(const Record& risk, const Facts& facts, std::vector<Gap>& gaps) {
    if (!facts.check_now) return;
    const Instant looked = last_looked_at(risk);
    for (const std::string& check : texts_in(*risk.members, "checks")) {
        const CheckNow now = facts.check_now(check);
        const std::string next = "annexa isms act " + risk.id + " review outcome=…";
        const std::string title = text_in(*risk.members, "title");
        if (now.hosts_overdue != 0 && now.overdue_since && *now.overdue_since > looked)
            gaps.push_back({5, "8.2", risk.id,
                            "The risk " + title + " is to be looked at again: the check " + check + " is overdue on " +
                                std::to_string(now.hosts_overdue) + (now.hosts_overdue == 1 ? " host" : " hosts") +
                                " since " + day_of(*now.overdue_since) + ".",
                            next});
        if (now.waiver_ended && *now.waiver_ended > looked)
            gaps.push_back({5, "8.2", risk.id,
                            "The risk " + title + " is to be looked at again: a waiver of the check " + check +
                                " ended on " + day_of(*now.waiver_ended) + ".",
                            next});
    }
}

void add_lacks(const Record& risk, const std::optional<RiskCriteria>& criteria, std::vector<Gap>& gaps) {
    const json& members = *risk.members;
    const std::string title = text_in(members, "title");
    const std::string set = "annexa isms set " + risk.id;
    if (!has(members, "owner"))
        gaps.push_back({5, "6.1.2 c", risk.id, "The risk " + title + " has no risk owner.", set + " owner=R-…"});
    if (!has(members, "assets") || !has(members, "threat") || !has(members, "vulnerability"))
        gaps.push_back({5, "6.1.2 c", risk.id,
                        "The risk " + title + " does not say what it happens to, by what and through what.",
                        set + " assets=R-… threat=… vulnerability=…"});
    const auto level = number_in(members, "level");
    if (!level) {
        gaps.push_back({5, "6.1.2 d", risk.id,
                        "The risk " + title + " is not rated: nobody knows whether it is acceptable.",
                        set + " likelihood=… impact=…"});
        return;
    }
    const auto now = criteria ? criteria->level(number_in(members, "likelihood").value_or(0),
                                                number_in(members, "impact").value_or(0))
                              : std::nullopt;
    if (now != level)
        gaps.push_back({5, "6.1.2 d", risk.id,
                        "The level of the risk " + title + " was made by other criteria than those now.",
                        "annexa isms act " + risk.id + " review outcome=…"});
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const auto criteria = criteria_of(records);
    for (const Record* risk : records.of_kind("risk")) {
        if (!is_open(*risk->members)) continue;
        add_lacks(*risk, criteria, gaps);
        add_reviews(*risk, facts, gaps);
        const auto level = number_in(*risk->members, "level");
        if (level && criteria && !criteria->acceptable(*level) && treatments_of(records, risk->id).empty())
            gaps.push_back(
                {6, "6.1.3 a", risk->id,
                 "The risk " + text_in(*risk->members, "title") + " is above the acceptance line and not treated.",
                 "annexa isms set treatment title=… risk=" + risk->id + " option=modify"});
    }
}

json review(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    members["reviews"].push_back({{"at", evidence::to_string(context.facts.now)},
                                  {"by", context.facts.account},
                                  {"outcome", input.at("outcome")}});
    for (const char* rating : {"likelihood", "impact"})
        if (input.contains(rating)) members[rating] = input.at(rating);
    return members;
}

constexpr Field review_input[] = {
    {"outcome", FieldType::text, "What came of looking at it again", flag::required},
    {"likelihood", FieldType::integer, "The likelihood now, where it is another"},
    {"impact", FieldType::integer, "The impact now, where it is another"},
};
constexpr Action actions[] = {
    {"review", "Say that it was looked at again, and how it is rated now", Permission::edit, review_input, review},
};

}  // namespace

extern const Kind risk{.name = "risk",
                       .plural = "risks",
                       .title = "Risk",
                       .step = 5,
                       .clauses = "6.1.2 c",
                       .fields = fields,
                       .missing = "No risk is recorded.",
                       .approvable = false,
                       .compute = compute,
                       .rules = rules,
                       .gaps = gaps,
                       .open = is_open,
                       .actions = actions};

}  // namespace annexa::store::isms
