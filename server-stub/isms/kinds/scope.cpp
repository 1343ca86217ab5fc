// The scope of the management system (4.3). What is approved is in force: its rule decides which hosts are in scope
// (scope_records.hpp). Who narrows it alone narrows nothing: a rule takes hosts out only once a second person approved.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/scope_records.hpp"
#include "server-stub/isms/values.hpp"

#include "policies/status_inputs.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view units[] = {"unit"};
constexpr std::string_view processes[] = {"process"};
constexpr std::string_view bases[] = {"name", "tag", "network"};
constexpr Field condition_fields[] = {
    {"by", FieldType::choice, "What of a host is looked at", flag::required, bases},
    {"tag", FieldType::line, "The tag's name, where it is by tag"},
    {"value", FieldType::line, "A name or a tag's value (* any text, ? one character), or a network: 10.0.0.0/8",
     flag::required},
};
constexpr Field group_fields[] = {
    {"any_of",
     FieldType::group,
     "Conditions of which one must hold",
     flag::required | flag::many,
     {},
     condition_fields},
};
constexpr Field otherwise_fields[] = {
    {"name", FieldType::line, "The thing in scope that can have no agent", flag::required},
    {"how", FieldType::text, "How it is evidenced", flag::required},
    {"record", FieldType::record, "The record that evidences it"},
};
constexpr Field fields[] = {
    {"statement", FieldType::text, "What the management system covers"},
    {"boundaries", FieldType::text, "Where it ends: sites, systems, units that are not part of it, and why"},
    {"interfaces", FieldType::text, "What it shares with others and depends on"},
    {"units", FieldType::record, "Units in scope", flag::many, units},
    {"processes", FieldType::record, "Processes in scope", flag::many, processes},
    {"sites", FieldType::line, "Sites in scope", flag::many},
    {"rule",
     FieldType::group,
     "Which hosts are in scope: each of these must hold; none: every host",
     flag::many,
     {},
     group_fields},
    {"evidenced_otherwise",
     FieldType::group,
     "Things in scope that can have no agent",
     flag::many,
     {},
     otherwise_fields},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    for (const std::string& problem : policies::scope_problems(scope_rule(draft.after)))
        problems.push_back({draft.id, "rule", problem});
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* scope : records.of_kind("scope")) {
        const json& members = *scope->members;
        const auto lacks = [&](int step, const std::string& sentence, const std::string& next) {
            gaps.push_back({step, "4.3", scope->id, sentence, next});
        };
        const std::string set = "annexa isms set " + scope->id;
        if (!has(members, "statement")) lacks(1, "The scope has no statement of what it covers.", set + " statement=…");
        if (!has(members, "boundaries")) lacks(1, "The scope does not say where it ends.", set + " boundaries=…");
        if (!has(members, "interfaces"))
            lacks(1, "The scope does not say what it shares with others and depends on.", set + " interfaces=…");
        const std::string approve = "annexa isms approve " + scope->id;
        const Approval* approved = scope->approved();
        if (approved == nullptr)
            lacks(4, "The scope is not approved: every enrolled host counts as in scope.", approve);
        else if (scope->approval_state() == "older")
            lacks(4, "An older version of the scope is the approved one.", approve);
        else if (approved->single_person && has(members, "rule"))
            lacks(4,
                  "One person alone wrote and approved the scope: its rule takes no host out until a second approves.",
                  approve);
    }
}

void inform(const Register& records, Instant, policies::StatusInputs& inputs) {
    inputs.scope = scope_in_force(records);
}

}  // namespace

extern const Kind scope{.name = "scope",
                        .plural = "scopes",
                        .title = "Scope",
                        .step = 1,
                        .clauses = "4.3",
                        .fields = fields,
                        .missing = "The scope of the management system is not stated.",
                        .single = true,
                        .rules = rules,
                        .gaps = gaps,
                        .inform = inform};

}  // namespace annexa::store::isms
