#include "server-stub/isms/scope_records.hpp"

#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace annexa::store::isms {
namespace {

using nlohmann::json;
using policies::ScopeCondition;

std::string reference_to(const Record& record) {
    return record.id + " version " + std::to_string(record.approved()->version);
}

ScopeCondition condition(const json& from) {
    const std::string by = text_in(from, "by");
    return {by == "name"  ? ScopeCondition::Kind::name
            : by == "tag" ? ScopeCondition::Kind::tag
                          : ScopeCondition::Kind::network,
            text_in(from, "tag"), text_in(from, "value")};
}

}  // namespace

policies::ScopeRule scope_rule(const json& members) {
    policies::ScopeRule rule;
    const auto groups = members.find("rule");
    if (groups == members.end()) return rule;
    for (const json& group : *groups) {
        std::vector<ScopeCondition> any;
        for (const json& one : group.at("any_of")) any.push_back(condition(one));
        rule.all_of_any.push_back(std::move(any));
    }
    return rule;
}

policies::Scope scope_in_force(const Register& records) {
    policies::Scope scope;
    for (const Record* record : records.of_kind("scope")) {
        if (!record->approved_members) continue;
        const json& members = *record->approved_members;
        scope.reference = reference_to(*record);
        if (!record->approved()->single_person) scope.rule = scope_rule(members);
        if (const auto others = members.find("evidenced_otherwise"); others != members.end())
            for (const json& other : *others)
                scope.evidenced_otherwise.push_back({text_in(other, "name"), text_in(other, "record")});
    }
    for (const Record* record : records.of_kind("scope_exclusion"))
        if (record->approved_members && !record->approved()->single_person)
            scope.exclusions.push_back({text_in(*record->approved_members, "host"), reference_to(*record)});
    return scope;
}

std::vector<Instant> scope_changes(const Register& records, Instant from, Instant to) {
    std::set<Instant> moments;
    for (const auto& [id, record] : records.all()) {
        if (record.kind != "scope" && record.kind != "scope_exclusion") continue;
        for (const Version& version : record.versions) moments.insert(version.at);
        for (const Approval& approval : record.approvals) moments.insert(approval.at);
    }
    std::erase_if(moments, [&](Instant moment) { return moment <= from || moment >= to; });
    return {moments.begin(), moments.end()};
}

}  // namespace annexa::store::isms
