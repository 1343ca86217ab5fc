// A nonconformity and its whole life: correction, cause, corrective actions, retest, effectiveness. It is never
// deleted.
#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {
namespace {

constexpr std::string_view audits[] = {"audit"};
constexpr std::string_view corrective[] = {"action"};
constexpr std::string_view sources[] = {"internal_audit", "external_audit", "check",      "incident",
                                        "complaint",      "review",         "observation"};
constexpr std::string_view grades[] = {"minor", "major"};
constexpr std::string_view cause_methods[] = {"five_whys", "fishbone", "fault_tree", "comparison", "other"};

constexpr Field similar_fields[] = {
    {"host", FieldType::host, "A host that fails the same check", flag::required},
    {"since", FieldType::instant, "Since when"},
};
constexpr Field retest_fields[] = {
    {"host", FieldType::host, "The host", flag::required},
    {"outcome", FieldType::line, "passed, or retired: not tested again", flag::required},
    {"since", FieldType::instant, "Since when it passes"},
    {"newest", FieldType::instant, "When the newest evidence was collected"},
    {"evidence", FieldType::integer, "Entries of the log that it rests on", flag::many},
};
constexpr Field closing_fields[] = {
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
    {"note", FieldType::text, "What was said"},
    {"retest", FieldType::group, "What later evidence says of the linked check", flag::many, {}, retest_fields},
};
constexpr Field effectiveness_fields[] = {
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom: another than the owner", flag::required},
    {"effective", FieldType::boolean, "Whether it did not come back", flag::required},
    {"facts", FieldType::text, "What was looked at", flag::required},
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
    {"retest_days", FieldType::integer, "For how many days the check must pass before closing"},
    {"correction", FieldType::text, "What was done at once"},
    {"corrected_on", FieldType::date, "When that was done"},
    {"consequences", FieldType::text, "What it led to, and how that was dealt with"},
    {"cause", FieldType::text, "Why it happened"},
    {"cause_method", FieldType::choice, "How the cause was found", 0, cause_methods},
    {"similar_cases", FieldType::text, "Where else it exists or could occur"},
    {"actions", FieldType::record, "Corrective actions", flag::many, corrective},
    {"no_action", FieldType::text, "Why no corrective action is needed"},
    {"effectiveness_criterion", FieldType::text, "By what will be seen that it does not come back"},
    {"effectiveness_due", FieldType::date, "Effectiveness is to be checked", flag::due},
    {"similar_proposed",
     FieldType::group,
     "Hosts that fail the same check",
     flag::computed | flag::many,
     {},
     similar_fields},
    {"closed", FieldType::group, "Its closing, as long as it is closed", flag::computed, {}, closing_fields},
    {"effectiveness",
     FieldType::group,
     "Every check of effectiveness",
     flag::computed | flag::many,
     {},
     effectiveness_fields},
};

}  // namespace

extern const Kind nonconformity{.name = "nonconformity",
                                .plural = "nonconformities",
                                .title = "Nonconformity",
                                .step = 9,
                                .clauses = "10.2",
                                .fields = fields,
                                .approvable = false};

}  // namespace annexa::store::isms
