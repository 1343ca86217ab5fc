// A management review: its inputs as of its date, what top management decided, who was there.
#include "evidence/errors.hpp"
#include "server-stub/isms/acknowledgements.hpp"
#include "server-stub/isms/documents.hpp"
#include "server-stub/isms/editing.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/next_command.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/review_inputs.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::string_view persons[] = {"person"};
constexpr std::string_view holders[] = {"person", "role"};
constexpr std::string_view corrective[] = {"action"};
// The inputs of 9.3.2 by their letter.
constexpr std::string_view letters[] = {"a", "b", "c", "d", "e", "f", "g"};

constexpr Field attendee_fields[] = {
    {"person", FieldType::record, "Who", flag::required, persons},
    {"function", FieldType::line, "As what"},
    {"present", FieldType::boolean, "Whether the person was there"},
};
constexpr Field decision_fields[] = {
    {"decision", FieldType::text, "What was decided", flag::required},
    {"input", FieldType::choice, "The input of 9.3.2 that it answers", 0, letters},
    {"actions", FieldType::record, "The actions that carry it out", flag::many, corrective},
    {"no_action", FieldType::text, "Why nothing has to be done"},
};
constexpr Field inputs_fields[] = {
    {"digest", FieldType::digest, "Of the frozen inputs", flag::required | flag::frozen},
    {"as_of", FieldType::instant, "As of when", flag::required},
    {"looks_back_from", FieldType::date, "From when on", flag::required},
    {"at", FieldType::instant, "When they were gathered", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field minutes_fields[] = {
    {"digest", FieldType::digest, "Of the frozen minutes", flag::required | flag::frozen},
    {"version", FieldType::integer, "The version of this record that they came with", flag::required},
    {"at", FieldType::instant, "When they were made", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field taken_back_fields[] = {
    {"digest", FieldType::digest, "Of the minutes that were taken back", flag::required | flag::frozen},
    {"reason", FieldType::text, "Why", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"by", FieldType::account, "By whom", flag::required},
};
constexpr Field fields[] = {
    {"held_on", FieldType::date, "Review is to be held", flag::required | flag::due},
    {"interval_months", FieldType::integer, "After how many months the next one is held"},
    {"period_from", FieldType::date, "First day that is looked back at; absent: the day of the review before"},
    {"chair", FieldType::record, "Who chairs it", 0, holders},
    {"attendees", FieldType::group, "Who is asked to come", flag::many, {}, attendee_fields},
    {"issue_changes", FieldType::text, "What changed in internal and external issues (b)"},
    {"party_changes", FieldType::text, "What changed in what interested parties need and expect (c)"},
    {"feedback", FieldType::text, "What interested parties said (e)"},
    {"opportunities", FieldType::text, "Where the management system can be improved (g)"},
    {"discussion", FieldType::text, "What was said"},
    {"decisions", FieldType::group, "What was decided", flag::many, {}, decision_fields},
    {"changes_needed", FieldType::text, "What has to change in the management system"},
    {"resources_needed", FieldType::text, "What money, people and time are given for it"},
    {"conclusion", FieldType::text, "Whether the management system is suitable, adequate and effective"},
    {"inputs", FieldType::group, "The inputs of 9.3.2 as of its date", flag::computed, {}, inputs_fields},
    {"minutes", FieldType::group, "The minutes", flag::computed, {}, minutes_fields},
    {"minutes_taken_back",
     FieldType::group,
     "Minutes that were taken back before they were approved",
     flag::computed | flag::many,
     {},
     taken_back_fields},
};

void put_signature(json& group, const ActionContext& context) {
    group["at"] = evidence::to_string(context.facts.now);
    group["by"] = context.by.session.account;
}

json gather(const ActionContext& context, const json&) {
    json members = *context.record.members;
    if (members.contains("minutes")) throw coded_error("conflict", "the minutes are made upon the inputs as they are");
    const Instant end = evidence::parse_instant(text_in(members, "held_on") + "T23:59:59.999Z");
    const Instant as_of = std::min(context.facts.now, end);
    const std::string from = looks_back_from(context.records, context.record);
    if (from > day_of(as_of)) throw coded_error("conflict", "period_from is after the day of the review");
    json entry{{"as_of", evidence::to_string(as_of)}, {"looks_back_from", from}};
    entry["digest"] = context.documents.put_salted(review_inputs(context, as_of)).hex();
    put_signature(entry, context);
    members["inputs"] = std::move(entry);
    return members;
}

std::vector<Problem> minutes_lack(const Record& review, const Facts& facts) {
    const json& members = *review.members;
    std::vector<Problem> lacks;
    const auto lack = [&](const char* path, std::string message) {
        lacks.push_back({review.id, path, std::move(message)});
    };
    for (const char* member : {"chair", "attendees", "issue_changes", "party_changes", "feedback", "opportunities",
                               "decisions", "changes_needed", "resources_needed", "conclusion"})
        if (!has(members, member)) lack(member, "is missing");
    if (!members.contains("inputs")) lack("inputs", "is missing: gather them first (action gather)");
    if (text_in(members, "held_on") > day_of(facts.now)) lack("held_on", "is in the future");
    if (has(members, "attendees") && std::none_of(members.at("attendees").begin(), members.at("attendees").end(),
                                                  [](const json& each) { return each.value("present", false); }))
        lack("attendees", "say who was there (present)");
    return lacks;
}

json minutes(const ActionContext& context, const json&) {
    json members = *context.record.members;
    if (members.contains("minutes"))
        throw coded_error("conflict", "the minutes are made; the action reopen takes them back");
    if (std::vector<Problem> lacks = minutes_lack(context.record, context.facts); !lacks.empty())
        throw refused_changes("schema", std::move(lacks));
    json document = members;
    document["document"] = "review_minutes";
    document["review"] = context.record.id;
    json entry{{"version", context.record.last().version + 1}};
    entry["digest"] = context.documents.put_salted(std::move(document)).hex();
    put_signature(entry, context);
    members["minutes"] = std::move(entry);
    return members;
}

constexpr Field reopen_input[] = {{"reason", FieldType::text, "Why the minutes are taken back", flag::required}};

json reopen(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    if (!members.contains("minutes")) throw coded_error("conflict", "there are no minutes to take back");
    if (signed_off(context.record, "minutes")) throw coded_error("conflict", "the minutes are approved");
    json entry{{"digest", members.at("minutes").at("digest")}, {"reason", input.at("reason")}};
    put_signature(entry, context);
    if (!members.contains("minutes_taken_back")) members["minutes_taken_back"] = json::array();
    members["minutes_taken_back"].push_back(std::move(entry));
    members.erase("minutes");
    return members;
}

constexpr Action actions[] = {
    {"gather", "Gathers the inputs of 9.3.2 as of the review's date, and freezes them", Permission::edit, {}, gather},
    {"minutes", "Makes the minutes of a review that was held, and freezes them", Permission::edit, {}, minutes},
    {"reopen", "Takes minutes back that are not approved", Permission::edit, reopen_input, reopen},
    acknowledge_action,
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    if (!keeps_what_is_final(draft, "minutes", problems)) return;
    const auto problem = [&](std::string path, std::string message) {
        problems.push_back({draft.id, std::move(path), std::move(message)});
    };
    const json& after = draft.after;
    if (has(after, "period_from") && text_in(after, "period_from") > text_in(after, "held_on"))
        problem("period_from", "is after held_on");
    if (const auto months = after.find("interval_months"); months != after.end() && (*months < 1 || *months > 36))
        problem("interval_months", "expected a number from 1 to 36");
    if (const auto decisions = after.find("decisions"); decisions != after.end())
        for (std::size_t i = 0; i < decisions->size(); ++i)
            if (has((*decisions)[i], "actions") == has((*decisions)[i], "no_action"))
                problem("decisions[" + std::to_string(i) + "]",
                        "name the actions that carry it out, or say in no_action why nothing has to be done");
}

/// Who was there and has not acknowledged the approved minutes.
std::vector<std::string> unacknowledged_by(const Record& review, const Register& records) {
    std::vector<std::string> lacking;
    if (!signed_off(review, "minutes") || !has(*review.members, "attendees")) return lacking;
    for (const json& attendee : review.members->at("attendees")) {
        const std::string person = text_in(attendee, "person");
        const std::vector<const Record*> said = records.of_kind("acknowledgement");
        if (attendee.value("present", false) && std::none_of(said.begin(), said.end(), [&](const Record* each) {
                return text_in(*each->members, "document") == review.id && text_in(*each->members, "person") == person;
            }))
            lacking.push_back(person);
    }
    return lacking;
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    const Record* last = nullptr;
    bool planned = false;
    for (const Record* review : records.of_kind("review")) {
        const json& members = *review->members;
        const std::string title = text_in(members, "title");
        const auto gap = [&](const char* clause, std::string what, std::string next) {
            gaps.push_back(
                {10, clause, review->id, "The management review " + title + " " + std::move(what), std::move(next)});
        };
        if (!members.contains("minutes")) {
            planned = planned || text_in(members, "held_on") >= today;
            if (!has(members, "attendees"))
                gap("9.3.1", "names nobody who is to come.", "annexa isms set " + review->id + " attendees=…");
            if (text_in(members, "held_on") > today) continue;
            const std::vector<Problem> lacks = minutes_lack(*review, facts);
            gap("9.3.3",
                "has no minutes" +
                    (lacks.empty() ? "." : ": " + lacks.front().path + " " + lacks.front().message + "."),
                "annexa isms act " + review->id +
                    (lacks.empty()                ? " minutes"
                     : members.contains("inputs") ? " minutes"
                                                  : " gather"));
            continue;
        }
        if (last == nullptr || text_in(*last->members, "held_on") < text_in(members, "held_on")) last = review;
        for (const std::string& person : unacknowledged_by(*review, records))
            gap("9.3.3", "has minutes that " + person + " did not acknowledge.",
                command_to_acknowledge(*review, person, today));
    }
    if (last == nullptr || planned) return;
    const std::int64_t months = last->members->value("interval_months", std::int64_t{12});
    const Instant next =
        evidence::parse_instant(text_in(*last->members, "held_on") + "T00:00:00Z") + std::chrono::days{months * 30};
    if (day_of(next) <= day_of(facts.now + std::chrono::days{60}))
        gaps.push_back({10, "9.3.1", "", "No next management review is planned.",
                        "annexa isms set review title=… held_on=" + std::max(day_of(next), today)});
}

bool open(const json& members) { return !members.contains("minutes"); }

}  // namespace

extern const Kind review{.name = "review",
                         .plural = "reviews",
                         .title = "Management review",
                         .step = 10,
                         .clauses = "9.3",
                         .fields = fields,
                         .missing = "No management review is planned or held.",
                         .ends_in = "minutes",
                         .rules = rules,
                         .gaps = gaps,
                         .open = open,
                         .actions = actions};

}  // namespace annexa::store::isms
