#include "server-stub/isms/mending.hpp"

#include "evidence/errors.hpp"
#include "server-stub/isms/editing.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/retest.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr int most_retest_days = 366;
constexpr std::string_view corrective[] = {"action"};
constexpr std::string_view cause_methods[] = {"five_whys", "fishbone", "fault_tree", "comparison", "other"};

[[noreturn]] void too_early(const std::string& what) { throw coded_error("conflict", what); }

void require_open(const ActionContext& context) {
    if (context.record.members->contains("closed"))
        too_early(context.record.id + " is closed; it opens again where it turns out not to be effective");
}

void put_signature(json& group, const ActionContext& context) {
    group["at"] = evidence::to_string(context.facts.now);
    group["by"] = context.by.session.account;
}

constexpr Field correct_input[] = {
    {"correction", FieldType::text, "What was done at once", flag::required},
    {"done_on", FieldType::date, "When it was done", flag::required},
    {"consequences", FieldType::text, "What it led to, and how that was dealt with", flag::required},
};

json correct(const ActionContext& context, const json& input) {
    require_open(context);
    if (text_in(input, "done_on") > day_of(context.facts.now)) throw coded_error("schema", "done_on: is in the future");
    json members = *context.record.members;
    members["correction"] = input;
    put_signature(members["correction"], context);
    return members;
}

constexpr Field cause_input[] = {
    {"cause", FieldType::text, "Why it happened", flag::required},
    {"method", FieldType::choice, "How the cause was found", flag::required, cause_methods},
    {"similar_cases", FieldType::text, "Where else it exists or could occur; where nowhere, how that is known",
     flag::required},
};

json cause(const ActionContext& context, const json& input) {
    require_open(context);
    json members = *context.record.members;
    members["cause"] = input;
    if (has(members, "check")) {
        json similar = json::array();
        for (const auto& [host, since] :
             failing(context.server, text_in(members, "check"), texts_in(members, "hosts"), context.facts.now)) {
            similar.push_back({{"host", host}});
            if (since) similar.back()["since"] = evidence::to_string(*since);
        }
        // Where none is named all hosts are meant: then none is another.
        if (has(members, "hosts")) members["cause"]["same_check_fails"] = std::move(similar);
    }
    put_signature(members["cause"], context);
    return members;
}

constexpr Field plan_input[] = {
    {"actions", FieldType::record, "Corrective actions", flag::many, corrective},
    {"no_action", FieldType::text, "Why no corrective action is needed"},
    {"effectiveness_criterion", FieldType::text, "By what will be seen that it does not come back", flag::required},
    {"effectiveness_due", FieldType::date, "From when on that is checked", flag::required},
    {"retest_days", FieldType::integer, "For how many days the linked check must pass before closing"},
};

json plan(const ActionContext& context, const json& input) {
    require_open(context);
    json members = *context.record.members;
    if (!members.contains("cause")) too_early("the cause comes before the plan (action cause)");
    if (!has(members, "owner")) too_early("nobody is answerable: the nonconformity needs an owner first");
    if (has(input, "actions") == has(input, "no_action"))
        throw coded_error("schema", "actions: name corrective actions, or say in no_action why none is needed");
    if (const auto days = input.find("retest_days"); days != input.end()) {
        if (*days < 0 || *days > most_retest_days)
            throw coded_error("schema", "retest_days: expected a number from 0 to 366");
        if (!has(members, "check")) throw coded_error("schema", "retest_days: no check is linked");
    }
    for (const std::string& id : texts_in(input, "actions"))
        if (const Record* action = context.records.find(id);
            action == nullptr || action->deleted() || action->kind != corrective[0])
            throw coded_error("schema", "actions: there is no action " + id);
    members["plan"] = input;
    put_signature(members["plan"], context);
    return members;
}

json retest_json(const Retest& tested) {
    json list = json::array();
    for (const Retest::OfHost& host : tested.hosts) {
        json entry{{"host", host.host}, {"outcome", host.outcome}, {"evidence", host.evidence}};
        if (host.since) entry["since"] = evidence::to_string(*host.since);
        if (host.newest) entry["newest"] = evidence::to_string(*host.newest);
        list.push_back(std::move(entry));
    }
    return list;
}

/// Throws `conflict` where the linked check does not pass on evidence later than `after`.
json require_pass(const ActionContext& context, Instant after, int days, std::string_view deed, const json& input) {
    const json& members = *context.record.members;
    const Retest tested =
        retest(context.server, text_in(members, "check"), texts_in(members, "hosts"), after, days, context.facts.now);
    if (const std::string objection = tested.objection(); !objection.empty())
        too_early("it is not " + std::string{deed} + ": the check " + text_in(members, "check") +
                  " must pass on later evidence, and " + objection);
    const bool retired = std::any_of(tested.hosts.begin(), tested.hosts.end(),
                                     [](const Retest::OfHost& host) { return host.outcome == "retired"; });
    if (retired && !has(input, "note") && !has(input, "facts"))
        throw coded_error("schema", "note: is missing: a host is retired and was not tested again; say what of it");
    return retest_json(tested);
}

constexpr Field close_input[] = {
    {"note", FieldType::text, "What there is to say of it"},
};

json close(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    require_open(context);
    for (const auto& [member, action] : {std::pair{"correction", "correct"}, {"cause", "cause"}, {"plan", "plan"}})
        if (!members.contains(member)) too_early(std::string{member} + " is missing (action " + action + ")");
    const json& planned = members.at("plan");
    if (!corrective_actions_done(context.records, members))
        too_early("not every corrective action is done and verified");
    if (text_in(planned, "effectiveness_due") <= day_of(context.facts.now))
        too_early("effectiveness is checked after closing: plan a later date than " +
                  text_in(planned, "effectiveness_due"));
    json closing = input;
    if (has(members, "check"))
        closing["retest"] = require_pass(context, evidence::parse_instant(text_in(members.at("correction"), "at")),
                                         planned.value("retest_days", 0), "closed", input);
    put_signature(closing, context);
    members["closed"] = std::move(closing);
    return members;
}

/// The account of whoever owns it: a person's, or that of a role's holder.
std::string account_of_owner(const Register& records, const json& members) {
    const Record* owner = records.find(text_in(members, "owner"));
    if (owner != nullptr && !owner->deleted() && owner->kind == "role")
        owner = records.find(text_in(*owner->members, "holder"));
    return owner == nullptr || owner->deleted() ? "" : text_in(*owner->members, "account");
}

constexpr Field effectiveness_input[] = {
    {"effective", FieldType::boolean, "Whether it did not come back, by the criterion", flag::required},
    {"facts", FieldType::text, "What was looked at", flag::required},
};

json check_effectiveness(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    if (!members.contains("closed")) too_early("it is not closed yet");
    if (effective(members)) too_early("its effectiveness is checked already");
    const std::string due = text_in(members.at("plan"), "effectiveness_due");
    if (day_of(context.facts.now) < due) too_early("by its plan it is checked on " + due + " or later");
    json entry = input;
    std::vector<std::string> owners{account_of_owner(context.records, members)};
    if (owners.front().empty()) owners.front() = text_in(members.at("closed"), "by");
    entry["single_person"] = single_person(context.by, context.facts, owners, Permission::approve,
                                           "check whether it is effective; the owner does not");
    if (input.at("effective").get<bool>() && has(members, "check"))
        entry["retest"] =
            require_pass(context, evidence::parse_instant(text_in(members.at("closed"), "at")), 0, "effective", input);
    if (!input.at("effective").get<bool>()) {
        // It came back: its life begins again, and what was done before stands in the earlier versions.
        members.erase("closed");
        members.erase("plan");
    }
    put_signature(entry, context);
    if (!members.contains("effectiveness")) members["effectiveness"] = json::array();
    members["effectiveness"].push_back(std::move(entry));
    return members;
}

constexpr Action actions[] = {
    {"correct", "Says what was done at once and what it led to", Permission::edit, correct_input, correct},
    {"cause", "Says why it happened and where else it could; names the hosts that fail the same check",
     Permission::edit, cause_input, cause},
    {"plan", "Plans corrective actions, and how their effect will be seen", Permission::edit, plan_input, plan},
    {"close", "Closes it, where the linked check passes on later evidence", Permission::edit, close_input, close},
    {"check_effectiveness", "Says, as another than the owner, whether it came back", Permission::approve,
     effectiveness_input, check_effectiveness, Permission::audit},
};

}  // namespace

void nonconformity_rules(const Draft& draft, const Register& records, const Facts&, std::vector<Problem>& problems) {
    const json& after = draft.after;
    const auto problem = [&](const char* path, std::string message) {
        problems.push_back({draft.id, path, std::move(message)});
    };
    if ((text_in(after, "source") == "check") && !has(after, "check"))
        problem("check", "is missing: say which check showed it");
    if (draft.before == nullptr) return;
    const json& before = *draft.before->members;
    if (text_in(before, "grade") != text_in(after, "grade") &&
        (!has(after, "grade_reason") || text_in(before, "grade_reason") == text_in(after, "grade_reason")))
        problem("grade_reason", "another grade takes a reason of its own");
    if (has(before, "check") && text_in(before, "check") != text_in(after, "check"))
        problem("check", "stays: closing needs it to pass");
    const std::vector<std::string> hosts = texts_in(after, "hosts");
    for (const std::string& host : texts_in(before, "hosts"))
        if (std::find(hosts.begin(), hosts.end(), host) == hosts.end() && !hosts.empty())
            problem("hosts", host + " stays: closing needs the check to pass there");
    if (!has(before, "hosts") && has(before, "check") && !hosts.empty())
        problem("hosts", "stays empty: closing needs the check to pass on all hosts");
    const bool was_closed = before.contains("closed") && after.contains("closed");
    const Record* audit = records.find(text_in(before, "audit"));
    const bool final = was_closed || (audit != nullptr && signed_off(*audit, "report"));
    if (was_closed && hosts != texts_in(before, "hosts")) problem("hosts", "stays: it is closed");
    if (final)
        for (const char* member : {"source", "audit", "requirements", "facts", "found_on"})
            if (before.value(member, json{}) != after.value(member, json{}))
                problem(member, was_closed ? "stays: it is closed" : "stays: the audit that found it is signed off");
}

bool effective(const json& nonconformity) {
    const auto checks = nonconformity.find("effectiveness");
    return nonconformity.contains("closed") && checks != nonconformity.end() && !checks->empty() &&
           checks->back().at("effective").get<bool>();
}

bool corrective_actions_done(const Register& records, const json& nonconformity) {
    const auto plan = nonconformity.find("plan");
    if (plan == nonconformity.end()) return false;
    const std::vector<std::string> ids = texts_in(*plan, "actions");
    return std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
        const Record* action = records.find(id);
        return action != nullptr && !action->deleted() && action_closed(*action->members);
    });
}

bool action_closed(const json& action) { return has(action, "closure"); }

std::span<const Action> nonconformity_actions() { return actions; }

}  // namespace annexa::store::isms
