#include "server-stub/isms/overview.hpp"

#include "server-stub/isms/next_command.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

bool is_open(const Kind& kind, const json& members) { return kind.open == nullptr || kind.open(members); }

}  // namespace

std::string day_of(Instant instant) { return evidence::to_string(instant).substr(0, 10); }

policies::StatusInputs status_inputs(const Register& records, Instant at) {
    policies::StatusInputs inputs;
    for (const Kind* kind : kinds())
        if (kind->inform != nullptr) kind->inform(records, at, inputs);
    return inputs;
}

std::vector<Gap> gaps(const Register& records, const Facts& facts) {
    std::vector<Gap> found;
    for (const Kind* kind : kinds()) {
        if (!kind->missing.empty() && records.of_kind(kind->name).empty())
            found.push_back(
                {kind->step, std::string{kind->clauses}, "", std::string{kind->missing}, command_to_make(*kind)});
        if (kind->gaps != nullptr) kind->gaps(records, facts, found);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Gap& left, const Gap& right) { return left.step < right.step; });
    return found;
}

std::vector<Due> due(const Register& records, const Facts& facts, int days) {
    const std::string today = day_of(facts.now);
    const std::string until = day_of(facts.now + std::chrono::days{days});
    std::vector<Due> found;
    for (const auto& [id, record] : records.all()) {
        const Kind* kind = find_kind(record.kind);
        if (kind == nullptr || record.deleted() || !is_open(*kind, *record.members)) continue;
        const json& members = *record.members;
        const auto add = [&, &id = id](std::string what, std::string date, bool overdue) {
            found.push_back({id, text_in(members, "title"), record.kind, text_in(members, "owner"), std::move(what),
                             std::move(date), overdue});
        };
        each_value(
            members, all_fields(*kind),
            [&](const Field& field, const json& value, const std::string&) {
                if (!field.is(flag::due) || value.get<std::string>() > until) return;
                add(std::string{field.description}, value.get<std::string>(), value.get<std::string>() < today);
            },
            [](const json& group) { return !has(group, "done"); });
        if (kind->approvable && record.approval_state() == "proposed") add("Waits for approval", "", false);
        if (kind->approvable && record.approval_state() == "older")
            add("An older version is the approved one", "", false);
        if (kind->approvable && record.approval_state() == "rejected") add("Was rejected: mend it", "", false);
        if (!has(members, "owner") && record.kind != "person") add("Has no owner", "", false);
    }
    std::stable_sort(found.begin(), found.end(), [](const Due& left, const Due& right) {
        return std::tuple{!left.overdue, left.date.empty(), left.date} <
               std::tuple{!right.overdue, right.date.empty(), right.date};
    });
    return found;
}

}  // namespace annexa::store::isms
