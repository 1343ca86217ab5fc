// A role with its holder: who is answerable for what.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/standing.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view persons[] = {"person"};
constexpr Field fields[] = {
    {"purpose", FieldType::text, "What the role is answerable for and may decide"},
    {"holder", FieldType::record, "Who holds it", 0, persons},
    {"deputy", FieldType::record, "Who stands in", 0, persons},
    {"appointed_by", FieldType::record, "Who appointed the holder", 0, persons},
    {"from", FieldType::date, "First day in the role"},
    {"to", FieldType::date, "Last day in the role"},
    {"requirements", FieldType::requirement, "Controls and clauses that it is answerable for", flag::many},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    check_order(draft, "from", "to", problems);
    if (has(draft.after, "holder") && text_in(draft.after, "holder") == text_in(draft.after, "deputy"))
        problems.push_back({draft.id, "deputy", "is the holder; a deputy is another person"});
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    for (const Record* role : records.of_kind("role")) {
        const auto& members = *role->members;
        if (has_ended(members, today)) continue;
        const auto lacks = [&](const std::string& what, const std::string& member) {
            gaps.push_back({1, "5.3", role->id, "The role " + text_in(members, "title") + " " + what + ".",
                            "annexa isms set " + role->id + " " + member + "=R-…"});
        };
        if (!has(members, "holder")) lacks("has no holder", "holder");
        if (has(members, "holder") && !has(members, "deputy")) lacks("has no deputy", "deputy");
        if (has(members, "holder") && !has(members, "appointed_by"))
            lacks("has a holder whom nobody appointed", "appointed_by");
        const Record* holder = records.find(text_in(members, "holder"));
        if (holder != nullptr && holder->members && has(*holder->members, "left") &&
            text_in(*holder->members, "left") < today)
            lacks("is held by somebody who left", "holder");
    }
}

void inform(const Register& records, Instant at, policies::StatusInputs& inputs) {
    std::vector<const Record*> present;
    for (const Record* role : records.of_kind("role"))
        if (!has_ended(*role->members, day_of(at))) present.push_back(role);
    const auto held = [](const nlohmann::json& members) {
        return has(members, "holder") && has(members, "deputy") && has(members, "appointed_by");
    };
    if (auto fact = fact_of_all(present, "A.5.2", "roles with holder, deputy and appointment", held))
        inputs.facts.push_back(std::move(*fact));
}

}  // namespace

extern const Kind role{.name = "role",
                       .plural = "roles",
                       .title = "Role",
                       .step = 1,
                       .clauses = "5.3",
                       .fields = fields,
                       .missing = "No role is recorded: nobody is answerable for information security.",
                       .rules = rules,
                       .gaps = gaps,
                       .inform = inform};

}  // namespace annexa::store::isms
