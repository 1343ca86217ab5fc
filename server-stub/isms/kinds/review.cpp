// A management review: its inputs as of its date, what top management decided, who was there.
#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {
namespace {

constexpr std::string_view persons[] = {"person"};
constexpr std::string_view holders[] = {"person", "role"};
constexpr std::string_view corrective[] = {"action"};
// The inputs of 9.3.2 by their letter.
constexpr std::string_view inputs[] = {"a", "b", "c", "d", "e", "f", "g"};

constexpr Field attendee_fields[] = {
    {"person", FieldType::record, "Who", flag::required, persons},
    {"function", FieldType::line, "As what"},
    {"present", FieldType::boolean, "Whether the person was there", flag::required},
};
constexpr Field decision_fields[] = {
    {"decision", FieldType::text, "What was decided", flag::required},
    {"input", FieldType::choice, "The input of 9.3.2 that it answers", 0, inputs},
    {"who", FieldType::record, "Who sees to it", 0, holders},
    {"due", FieldType::date, "Decision of the review is to be done", flag::due},
    {"action", FieldType::record, "The action that carries it out", 0, corrective},
    {"done_on", FieldType::date, "When it was done"},
};
constexpr Field frozen_fields[] = {
    {"digest", FieldType::digest, "Of the frozen document", flag::required},
    {"version", FieldType::integer, "The version of this record that it came with", flag::required},
    {"as_of", FieldType::instant, "As of when", flag::required},
    {"at", FieldType::instant, "When it was made", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field acknowledgement_fields[] = {
    {"person", FieldType::record, "Who", flag::required},
    {"digest", FieldType::digest, "Of the minutes that were read", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By which account", flag::required},
};
constexpr Field fields[] = {
    {"held_on", FieldType::date, "Review is to be held", flag::required | flag::due},
    {"interval_months", FieldType::integer, "After how many months the next one is held"},
    {"period_from", FieldType::date, "First day that is looked back at"},
    {"chair", FieldType::record, "Who chairs it", 0, holders},
    {"attendees", FieldType::group, "Who is asked to come", flag::many, {}, attendee_fields},
    {"issue_changes", FieldType::text, "What changed in internal and external issues (b)"},
    {"party_changes", FieldType::text, "What changed in what interested parties need and expect (c)"},
    {"feedback", FieldType::text, "What interested parties said (e)"},
    {"opportunities", FieldType::text, "Where the management system can be improved (g)"},
    {"decisions", FieldType::group, "What was decided", flag::many, {}, decision_fields},
    {"changes_needed", FieldType::text, "What has to change in the management system"},
    {"resources_needed", FieldType::text, "What money, people and time are given for it"},
    {"conclusion", FieldType::text, "Whether the management system is suitable, adequate and effective"},
    {"minutes_text", FieldType::text, "What was said"},
    {"inputs", FieldType::group, "The inputs of 9.3.2 as of its date", flag::computed, {}, frozen_fields},
    {"minutes", FieldType::group, "The minutes", flag::computed, {}, frozen_fields},
    {"acknowledgements",
     FieldType::group,
     "Who read the minutes",
     flag::computed | flag::many,
     {},
     acknowledgement_fields},
};

}  // namespace

extern const Kind review{.name = "review",
                         .plural = "reviews",
                         .title = "Management review",
                         .step = 10,
                         .clauses = "9.3",
                         .fields = fields,
                         .missing = "No management review is planned or held."};

}  // namespace annexa::store::isms
