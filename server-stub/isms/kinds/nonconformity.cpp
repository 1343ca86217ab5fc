// A nonconformity and its whole life: correction, cause, corrective actions, retest, effectiveness. It is never
// deleted.
#include "server-stub/isms/mending.hpp"
#include "server-stub/isms/next_command.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view audits[] = {"audit"};
constexpr std::string_view sources[] = {"internal_audit", "external_audit", "check",      "incident",
                                        "complaint",      "review",         "observation"};
constexpr std::string_view grades[] = {"minor", "major"};

constexpr Field similar_fields[] = {
    {"host", FieldType::host, "A host that fails the same check", flag::required},
    {"since", FieldType::instant, "Since when"},
};
constexpr Field correction_fields[] = {
    {"correction", FieldType::text, "What was done at once", flag::required},
    {"done_on", FieldType::date, "When it was done", flag::required},
    {"consequences", FieldType::text, "What it led to, and how that was dealt with", flag::required},
    {"at", FieldType::instant, "When it was written", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field cause_fields[] = {
    {"cause", FieldType::text, "Why it happened", flag::required},
    {"method", FieldType::line, "How the cause was found", flag::required},
    {"similar_cases", FieldType::text, "Where else it exists or could occur", flag::required},
    {"same_check_fails", FieldType::group, "Hosts that fail the same check", flag::many, {}, similar_fields},
    {"at", FieldType::instant, "When it was written", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field plan_fields[] = {
    {"actions", FieldType::record, "Corrective actions", flag::many},
    {"no_action", FieldType::text, "Why no corrective action is needed"},
    {"effectiveness_criterion", FieldType::text, "By what will be seen that it does not come back", flag::required},
    {"effectiveness_due", FieldType::date, "Effectiveness is to be checked", flag::required | flag::due},
    {"retest_days", FieldType::integer, "For how many days the check must pass before closing"},
    {"at", FieldType::instant, "When it was written", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field retest_fields[] = {
    {"host", FieldType::host, "The host", flag::required},
    {"outcome", FieldType::line, "passed, or retired: not tested again", flag::required},
    {"since", FieldType::instant, "Since when it passes"},
    {"newest", FieldType::instant, "When the newest evidence was collected"},
    {"evidence", FieldType::integer, "Entries of the log that it rests on", flag::many},
};
constexpr Field closing_fields[] = {
    {"note", FieldType::text, "What was said"},
    {"retest", FieldType::group, "What later evidence says of the linked check", flag::many, {}, retest_fields},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field effectiveness_fields[] = {
    {"effective", FieldType::boolean, "Whether it did not come back", flag::required},
    {"facts", FieldType::text, "What was looked at", flag::required},
    {"retest", FieldType::group, "What evidence said of the linked check", flag::many, {}, retest_fields},
    {"single_person", FieldType::boolean, "Whether it was the owner, since nobody else could", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field fields[] = {
    {"source", FieldType::choice, "Where it was found", flag::required, sources},
    {"audit", FieldType::record, "The audit that found it", 0, audits},
    {"requirements", FieldType::requirement, "Clauses and controls that are not met", flag::required | flag::many},
    {"facts", FieldType::text, "What was seen", flag::required},
    {"found_on", FieldType::date, "When it was found"},
    {"grade", FieldType::choice, "How grave it is", flag::required, grades},
    {"grade_reason", FieldType::text, "Why it is as grave; another grade takes another reason"},
    {"check", FieldType::check, "The check that shows it: closing needs it to pass on later evidence"},
    {"hosts", FieldType::host, "Where; none named: all hosts in scope", flag::many},
    {"correction", FieldType::group, "What was done at once", flag::computed, {}, correction_fields},
    {"cause", FieldType::group, "Why it happened", flag::computed, {}, cause_fields},
    {"plan", FieldType::group, "What keeps it from coming back", flag::computed, {}, plan_fields},
    {"closed", FieldType::group, "Its closing, as long as it is closed", flag::computed, {}, closing_fields},
    {"effectiveness",
     FieldType::group,
     "Every check of effectiveness",
     flag::computed | flag::many,
     {},
     effectiveness_fields},
};

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    for (const Record* record : records.of_kind("nonconformity")) {
        const auto& members = *record->members;
        const std::string title = text_in(members, "title");
        const auto gap = [&](const std::string& what, const std::string& action) {
            gaps.push_back({9, "10.2", record->id, "The nonconformity " + title + " " + what,
                            command_to_act(record->id, action, nonconformity_actions())});
        };
        if (!has(members, "owner"))
            gaps.push_back({9, "10.2", record->id, "Nobody is answerable for the nonconformity " + title + ".",
                            "annexa isms set " + record->id + " owner=R-…"});
        if (!members.contains("correction"))
            gap("is not corrected.", "correct");
        else if (!members.contains("cause"))
            gap("has no cause yet.", "cause");
        else if (!members.contains("plan"))
            gap("has no corrective action planned.", "plan");
        else if (!members.contains("closed") && corrective_actions_done(records, members))
            gap("has all its corrective actions done and is not closed.", "close");
        else if (members.contains("closed") && !effective(members) &&
                 text_in(members.at("plan"), "effectiveness_due") <= today)
            gap("is closed, and nobody checked whether it came back.", "check_effectiveness");
    }
}

bool open(const nlohmann::json& members) { return !effective(members); }

}  // namespace

extern const Kind nonconformity{.name = "nonconformity",
                                .plural = "nonconformities",
                                .title = "Nonconformity",
                                .step = 9,
                                .clauses = "10.2",
                                .fields = fields,
                                .approvable = false,
                                .deletable = false,
                                .or_write = Permission::audit,
                                .rules = nonconformity_rules,
                                .gaps = gaps,
                                .open = open,
                                .actions = nonconformity_actions()};

}  // namespace annexa::store::isms
