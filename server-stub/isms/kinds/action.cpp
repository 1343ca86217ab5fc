// A measure: what somebody is to do by when, how far it has come, and whether a second person, and later signed
// evidence where a check is linked, say that it works. Closing it says what risk is left and what the state of its
// controls is now.
#include "server-stub/isms/controls.hpp"
#include "server-stub/isms/editing.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/retest.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::string_view people[] = {"person", "role"};
constexpr std::string_view priorities[] = {"low", "medium", "high", "urgent"};
constexpr std::string_view states[] = {"planned", "in_progress", "done", "cancelled"};
constexpr std::string_view implementations[] = {"not", "planned", "partly", "fully"};
constexpr Field progress_fields[] = {
    {"on", FieldType::date, "When", flag::required},
    {"percent", FieldType::integer, "How much of it is done"},
    {"note", FieldType::text, "What was done, what is in the way", flag::required},
};
constexpr Field retest_fields[] = {
    {"check", FieldType::line, "The check", flag::required},
    {"host", FieldType::host, "The host", flag::required},
    {"outcome", FieldType::line, "What evidence from after the action was done says", flag::required},
    {"evidence", FieldType::integer, "Entries of the log that it rests on", flag::many},
};
constexpr Field verification_fields[] = {
    {"by", FieldType::account, "Who verified it", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"note", FieldType::text, "What was looked at", flag::required},
    {"single_person", FieldType::boolean, "Whoever verified it did it, and nobody else held the right"},
    {"retest", FieldType::group, "What later signed evidence says", flag::many, {}, retest_fields},
};
constexpr Field closure_fields[] = {
    {"by", FieldType::account, "Who closed it", flag::required},
    {"at", FieldType::instant, "When", flag::required},
    {"residual_likelihood", FieldType::integer, "The likelihood that is left now"},
    {"residual_impact", FieldType::integer, "The impact that is left now"},
    {"implementation", FieldType::choice, "How far its controls are implemented now", 0, implementations},
};
constexpr Field fields[] = {
    {"description", FieldType::text, "What is to be done"},
    {"implementers", FieldType::record, "Who does it", flag::many, people},
    {"due", FieldType::date, "It is to be done", flag::due},
    {"priority", FieldType::choice, "How urgent it is", 0, priorities},
    {"cost", FieldType::number, "What it is planned to cost"},
    {"cost_so_far", FieldType::number, "What it has cost"},
    {"controls", FieldType::line, "Controls that it implements", flag::many},
    {"checks", FieldType::check, "Checks that must pass once it is done; taken away only while it is planned",
     flag::many},
    {"hosts", FieldType::host, "Hosts that it is about; none: all in scope. With checks fewer only while it is planned",
     flag::many},
    {"state", FieldType::choice, "How far it has come; absent: planned", 0, states},
    {"cancelled_because", FieldType::text, "Why it is not done"},
    {"progress", FieldType::group, "What happened, by date", flag::many, {}, progress_fields},
    {"done_at", FieldType::instant, "When it was said to be done", flag::computed},
    {"verification", FieldType::group, "That it is done and works", flag::computed, {}, verification_fields},
    {"closure", FieldType::group, "What is left once it is closed", flag::computed, {}, closure_fields},
};

bool is_open(const json& members) { return !has(members, "closure") && text_in(members, "state") != "cancelled"; }

/// When it was done is when it was said, not what was typed: evidence must be later. Who takes it up again must have it
/// verified again; so must who changes what was verified.
void compute(json& members, const Record* before, const Register&, const Facts& facts) {
    if (text_in(members, "state") != "done") {
        members.erase("done_at");
        members.erase("verification");
        return;
    }
    if (!has(members, "done_at")) members["done_at"] = evidence::to_string(facts.now);
    if (before == nullptr || !has(members, "verification")) return;
    for (const char* member : {"checks", "hosts", "controls", "description"})
        if (before->members->value(member, json()) != members.value(member, json())) members.erase("verification");
}

bool is_planned(const json& members) { return !has(members, "state") || text_in(members, "state") == "planned"; }

/// What is in one list and not in the other.
std::vector<std::string> taken_away(const json& before, const json& after, std::string_view member) {
    const std::vector<std::string> left = texts_in(after, member);
    std::vector<std::string> gone;
    for (std::string& each : texts_in(before, member))
        if (std::find(left.begin(), left.end(), each) == left.end()) gone.push_back(std::move(each));
    return gone;
}

/// What must pass does not shrink once the action is begun: a failing retest would be avoided by an edit. Nor is the
/// action planned anew, so that it could. A check that is no longer in force can never pass, and may go.
void stays_as_hard(const Draft& draft, const Facts& facts, std::vector<Problem>& problems) {
    const json& before = *draft.before->members;
    const json& after = draft.after;
    if (is_planned(before)) return;
    const std::string planned = "only while the action is planned";
    if (is_planned(after))
        problems.push_back({draft.id, "state", "is not planned again: in_progress says that it is taken up again"});
    if (!has(before, "checks")) return;
    for (const std::string& check : taken_away(before, after, "checks"))
        if (!facts.check_exists || facts.check_exists(check))
            problems.push_back({draft.id, "checks", check + " stays: a check is taken away " + planned});
    for (const std::string& host : taken_away(before, after, "hosts"))
        problems.push_back(
            {draft.id, "hosts", host + " stays: the checks must pass there, and a host is taken away " + planned});
    if (!has(before, "hosts") && has(after, "hosts"))
        problems.push_back({draft.id, "hosts",
                            "stays empty: the checks must pass on all hosts in scope, and fewer are named " + planned});
}

void rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems) {
    const auto problem = [&](const std::string& path, std::string message) {
        problems.push_back({draft.id, path, std::move(message)});
    };
    check_controls(draft, records, problems);
    if (text_in(draft.after, "state") == "cancelled" && !has(draft.after, "cancelled_because"))
        problem("cancelled_because", "is missing: say why it is not done");
    if (const auto progress = draft.after.find("progress"); progress != draft.after.end()) {
        for (std::size_t i = 0; i < progress->size(); ++i) {
            const std::string path = "progress[" + std::to_string(i) + "]";
            if (text_in((*progress)[i], "on") > day_of(facts.now)) problem(path + ".on", "is still to come");
            if (const auto percent = number_in((*progress)[i], "percent"); percent && (*percent < 0 || *percent > 100))
                problem(path + ".percent", "expected 0 to 100");
        }
    }
    if (draft.before == nullptr) return;
    if (!has(*draft.before->members, "closure")) return stays_as_hard(draft, facts, problems);
    for (const char* member : {"state", "checks", "hosts", "controls", "description", "due"})
        if (draft.before->members->value(member, json()) != draft.after.value(member, json()))
            problem(member, "the action is closed; make another");
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    for (const Record* action : records.of_kind("action")) {
        const json& members = *action->members;
        if (!is_open(members)) continue;
        const auto lacks = [&](const std::string& sentence, const std::string& next) {
            gaps.push_back({7, "8.3", action->id, "The action " + text_in(members, "title") + " " + sentence, next});
        };
        const std::string set = "annexa isms set " + action->id;
        const std::string state = text_in(members, "state");
        if (!has(members, "due")) lacks("has no date by which it is to be done.", set + " due=…");
        if (!has(members, "implementers")) lacks("has nobody who does it.", set + " implementers=R-…");
        if (state != "done" && has(members, "due") && text_in(members, "due") < today)
            lacks("was to be done by " + text_in(members, "due") + ".", set + " state=done");
        if (state == "done" && !has(members, "verification"))
            lacks("is done and nobody has verified it.", "annexa isms act " + action->id + " verify note=…");
        if (has(members, "verification"))
            lacks("is verified and not closed.",
                  "annexa isms act " + action->id + " close residual_likelihood=… residual_impact=… implementation=…");
    }
}

/// Whoever wrote, owns or does it.
std::vector<std::string> involved(const Register& records, const Record& action) {
    std::vector<std::string> accounts;
    for (const Version& version : action.versions) accounts.push_back(version.account);
    std::vector<std::string> people_of = texts_in(*action.members, "implementers");
    people_of.push_back(text_in(*action.members, "owner"));
    for (const std::string& person : people_of)
        for (const std::string& account : accounts_of(records, person)) accounts.push_back(account);
    return accounts;
}

/// Each linked check on the action's hosts, by evidence from after it was done. Throws coded_error `conflict` where one
/// does not pass, and where one passes nowhere: unknown is no pass, and a retired host shows nothing.
json retested(const ActionContext& context, const json& members) {
    const Instant done = evidence::parse_instant(text_in(members, "done_at"));
    const std::vector<std::string> hosts = texts_in(members, "hosts");
    json results = json::array();
    std::string objection;
    const auto object = [&](const std::string& words) { objection += (objection.empty() ? "" : "; ") + words; };
    for (const std::string& check : texts_in(members, "checks")) {
        std::size_t passed = 0;
        for (const Retest::OfHost& host : retest(context.server, check, hosts, done, 0, context.facts.now).hosts) {
            // Of all hosts in scope the check need not apply to each.
            const bool passes_over = host.outcome == "retired" || (hosts.empty() && host.outcome == "not_applicable");
            if (host.outcome == "passed")
                ++passed;
            else if (!passes_over)
                object(check + " on " + host.name + " " + host.why);
            results.push_back(
                {{"check", check}, {"host", host.host}, {"outcome", host.outcome}, {"evidence", host.evidence}});
        }
        if (passed == 0) object(check + " passes on no host");
    }
    if (!objection.empty())
        throw coded_error("conflict", "no evidence from after the action was done says that it works: " + objection);
    return results;
}

json verify(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    if (has(members, "closure")) throw coded_error("conflict", "the action is closed");
    if (text_in(members, "state") != "done" || !has(members, "done_at"))
        throw coded_error("conflict", "the action is not done yet; set state=done first");
    const bool alone = single_person(context.by, context.facts, involved(context.records, context.record),
                                     Permission::edit, "verify it");
    json verification{{"by", context.by.session.account},
                      {"at", evidence::to_string(context.facts.now)},
                      {"note", input.at("note")},
                      {"single_person", alone}};
    if (const json results = retested(context, members); !results.empty()) verification["retest"] = results;
    members["verification"] = std::move(verification);
    return members;
}

/// Treatments that the action is part of.
std::vector<const Record*> treatments_with(const Register& records, const std::string& action) {
    std::vector<const Record*> found;
    for (const Record* treatment : records.of_kind("treatment")) {
        const std::vector<std::string> actions = texts_in(*treatment->members, "actions");
        if (std::find(actions.begin(), actions.end(), action) != actions.end()) found.push_back(treatment);
    }
    return found;
}

void change_also(const ActionContext& context, const Record& record, json members) {
    context.also.push_back(
        {record.id, "", record.last().version, false, std::make_shared<const json>(std::move(members))});
}

json close(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    if (has(members, "closure")) throw coded_error("conflict", "the action is closed already");
    if (!has(members, "verification"))
        throw coded_error("conflict", "the action is not verified: a second person verifies it before it is closed");
    json closure{{"by", context.by.session.account}, {"at", evidence::to_string(context.facts.now)}};
    const std::vector<const Record*> treatments = treatments_with(context.records, context.record.id);
    if (!treatments.empty() && !(input.contains("residual_likelihood") && input.contains("residual_impact")))
        throw coded_error("schema", "residual_likelihood, residual_impact: say what risk is left now; " +
                                        treatments.front()->id + " treats one by this action");
    for (const Record* treatment : treatments) {
        json after = *treatment->members;
        for (const char* member : {"residual_likelihood", "residual_impact"}) after[member] = input.at(member);
        if (after != *treatment->members) change_also(context, *treatment, std::move(after));
    }
    const std::vector<std::string> controls = texts_in(members, "controls");
    if (!controls.empty() && !input.contains("implementation"))
        throw coded_error("schema", "implementation: say how far " + controls.front() + " is implemented now");
    for (const std::string& control : controls) {
        const Record* row = row_of(context.records, control);
        if (row == nullptr)
            throw coded_error("conflict",
                              "the Statement of Applicability has no row of " + control + " whose state could change");
        json after = *row->members;
        after["implementation"] = input.at("implementation");
        if (after != *row->members) change_also(context, *row, std::move(after));
    }
    for (const char* member : {"residual_likelihood", "residual_impact", "implementation"})
        if (input.contains(member)) closure[member] = input.at(member);
    members["closure"] = std::move(closure);
    return members;
}

constexpr Field verify_input[] = {
    {"note", FieldType::text, "What was looked at", flag::required},
};
constexpr Field close_input[] = {
    {"residual_likelihood", FieldType::integer, "The likelihood that is left now, where it treats a risk"},
    {"residual_impact", FieldType::integer, "The impact that is left now, where it treats a risk"},
    {"implementation", FieldType::choice, "How far its controls are implemented now", 0, implementations},
};
constexpr Action actions[] = {
    {"verify", "A second person says that it is done; linked checks must pass on later evidence", Permission::edit,
     verify_input, verify},
    {"close", "Close it, with the risk that is left and the new state of its controls", Permission::edit, close_input,
     close},
};

}  // namespace

extern const Kind action{.name = "action",
                         .plural = "actions",
                         .title = "Action",
                         .step = 7,
                         .clauses = "8.3",
                         .fields = fields,
                         .missing = "No measure is planned: nothing carries out a treatment of risks.",
                         .approvable = false,
                         .compute = compute,
                         .rules = rules,
                         .gaps = gaps,
                         .open = is_open,
                         .actions = actions};

}  // namespace annexa::store::isms
