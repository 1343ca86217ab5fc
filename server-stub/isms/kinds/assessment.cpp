// A run of risk assessment: all risks as they were on a day, ranked, with what changed since the last run. Freezing
// makes it: what stands in its document is approved, and changes no more.
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/isms/documents.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/risk_level.hpp"
#include "server-stub/isms/runs.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::string_view people[] = {"person", "role"};
constexpr std::string_view runs[] = {"assessment"};
constexpr std::string_view triggers[] = {"planned", "change", "incident", "obligation", "check", "waiver", "other"};
constexpr Field change_fields[] = {
    {"risk", FieldType::line, "Id of the risk", flag::required},
    {"what", FieldType::line, "added, removed, or the member that differs", flag::required},
    {"from", FieldType::line, "What it was"},
    {"to", FieldType::line, "What it is"},
};
constexpr Field fields[] = {
    {"method", FieldType::text, "How it was done", flag::required},
    {"participants", FieldType::record, "Who took part", flag::required | flag::many, people},
    {"trigger", FieldType::choice, "Why it was done now", flag::required, triggers},
    {"occasion", FieldType::text, "The change, incident or obligation that it was done for"},
    {"conclusion", FieldType::text, "What came of it"},
    {"frozen_at", FieldType::instant, "When the register was frozen", flag::computed},
    {"digest", FieldType::digest, "The frozen register: /api/v1/blobs/DIGEST", flag::computed | flag::frozen},
    {"risks", FieldType::integer, "How many risks there were", flag::computed},
    {"above_line", FieldType::integer, "Of these, above the acceptance line", flag::computed},
    {"unrated", FieldType::integer, "Of these, not rated", flag::computed},
    {"follows", FieldType::record, "The run before it", flag::computed, runs},
    {"differences", FieldType::group, "What changed since then", flag::computed | flag::many, {}, change_fields},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    check_frozen(draft, {"method", "participants", "trigger", "occasion"}, problems);
}

json row_of_risk(const Register& records, const Record& risk, const RiskCriteria& criteria, const Facts& facts) {
    const json& members = *risk.members;
    json row = frozen_row(
        risk, {"likelihood", "impact", "level", "level_word", "owner", "state", "assets", "controls", "checks"});
    const auto level = number_in(members, "level");
    row["acceptable"] = level ? json(criteria.acceptable(*level)) : json(nullptr);
    json treatments = json::array();
    for (const Record* treatment : treatments_of(records, risk.id))
        treatments.push_back(
            frozen_row(*treatment, {"option", "controls", "residual_likelihood", "residual_impact", "residual_level"}));
    row["treatments"] = std::move(treatments);
    json checks = json::array();
    for (const std::string& check : texts_in(members, "checks"))
        if (facts.check_now)
            checks.push_back({{"check", check}, {"hosts_overdue", facts.check_now(check).hosts_overdue}});
    row["checks_now"] = std::move(checks);
    return row;
}

json freeze(const ActionContext& context, const json&) {
    json members = *context.record.members;
    if (has(members, "digest")) throw coded_error("conflict", "this run is frozen; make another");
    const std::vector<const Record*> criteria = context.records.of_kind("criteria");
    if (criteria.empty()) throw coded_error("conflict", "there are no criteria to rank risks by; record them first");
    const RiskCriteria by{*criteria.front()->members};
    json rows = json::array();
    std::int64_t above = 0, unrated = 0;
    for (const Record* risk : context.records.of_kind("risk")) {
        if (text_in(*risk->members, "state") == "closed") continue;
        rows.push_back(row_of_risk(context.records, *risk, by, context.facts));
        if (rows.back().at("acceptable").is_null())
            ++unrated;
        else if (!rows.back().at("acceptable").get<bool>())
            ++above;
    }
    if (rows.empty()) throw coded_error("conflict", "there is no open risk to assess; record them first");
    // Ranked: what nobody rated could be the worst, so it comes first.
    const auto rank = [](const json& row) { return number_in(row.at("record"), "level").value_or(INT64_MAX); };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const json& left, const json& right) { return rank(left) > rank(right); });

    const Record* before = last_frozen(context.records, "assessment", context.record.id);
    const std::optional<json> earlier = before != nullptr ? read_frozen(context.by.blobs, *before) : std::nullopt;
    if (earlier) {
        members["follows"] = before->id;
        members["differences"] =
            run_differences(earlier->at("risks"), rows, {"likelihood", "impact", "level", "owner", "state"});
    }
    members["frozen_at"] = evidence::to_string(context.facts.now);
    members["risks"] = rows.size();
    members["above_line"] = above;
    members["unrated"] = unrated;
    members["digest"] = context.documents
                            .put_salted({{"assessment", context.record.id},
                                         {"at", members.at("frozen_at")},
                                         {"method", members.at("method")},
                                         {"participants", members.at("participants")},
                                         {"trigger", members.at("trigger")},
                                         {"occasion", text_in(members, "occasion")},
                                         {"criteria",
                                          {{"id", criteria.front()->id},
                                           {"version", criteria.front()->last().version},
                                           {"approval", criteria.front()->approval_state()},
                                           {"record", *criteria.front()->members}}},
                                         {"risks", std::move(rows)}})
                            .hex();
    return members;
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    for (const Record* run : records.of_kind("assessment"))
        if (!has(*run->members, "digest"))
            gaps.push_back({5, "8.2", run->id,
                            "The risk assessment " + text_in(*run->members, "title") + " is not frozen.",
                            "annexa isms act " + run->id + " freeze"});
        else if (run->approved() == nullptr)
            gaps.push_back({5, "8.2", run->id,
                            "The risk assessment " + text_in(*run->members, "title") + " is not approved.",
                            "annexa isms approve " + run->id});
    const Record* last = last_frozen(records, "assessment", "");
    if (last == nullptr) return;
    const Instant at = evidence::parse_instant(text_in(*last->members, "frozen_at"));
    const std::string next = "annexa isms set assessment title=… method=… participants=R-… trigger=";
    const std::vector<const Record*> criteria = records.of_kind("criteria");
    const auto days = criteria.empty() ? std::nullopt : number_in(*criteria.front()->members, "interval_days");
    if (at + std::chrono::days{days.value_or(365)} < facts.now)
        gaps.push_back({5, "8.2", last->id,
                        "The last risk assessment is of " + day_of(at) + ": the planned interval has passed.",
                        next + "planned"});
    // What the standard calls significant changes: another scope, another obligation.
    for (const Record* scope : records.of_kind("scope"))
        if (const Approval* approved = scope->approved(); approved != nullptr && approved->at > at)
            gaps.push_back({5, "8.2", scope->id,
                            "The scope changed on " + day_of(approved->at) + ", after the last risk assessment.",
                            next + "change"});
    for (const Record* obligation : records.of_kind("obligation"))
        if (obligation->versions.front().at > at)
            gaps.push_back(
                {5, "8.2", obligation->id,
                 "The obligation " + text_in(*obligation->members, "title") + " came after the last risk assessment.",
                 next + "obligation"});
}

constexpr Action actions[] = {
    {"freeze", "Freeze all open risks, ranked, with method, participants and trigger", Permission::edit, {}, freeze},
};

}  // namespace

extern const Kind assessment{.name = "assessment",
                             .plural = "assessments",
                             .title = "Risk assessment",
                             .step = 5,
                             .clauses = "8.2",
                             .fields = fields,
                             .missing = "No risk assessment was carried out.",
                             .rules = rules,
                             .gaps = gaps,
                             .actions = actions};

}  // namespace annexa::store::isms
