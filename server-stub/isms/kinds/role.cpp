// A role with its holder: who is answerable for what.
#include "server-stub/isms/kind.hpp"
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
    if (has(draft.after, "from") && has(draft.after, "to") && text_in(draft.after, "to") < text_in(draft.after, "from"))
        problems.push_back({draft.id, "to", "is before from"});
    if (has(draft.after, "holder") && text_in(draft.after, "holder") == text_in(draft.after, "deputy"))
        problems.push_back({draft.id, "deputy", "is the holder; a deputy is another person"});
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* role : records.of_kind("role"))
        if (!has(*role->members, "holder"))
            gaps.push_back({1, "5.3", role->id, "The role " + text_in(*role->members, "title") + " has no holder.",
                            "annexa isms set " + role->id + " holder=R-…"});
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
                       .gaps = gaps};

}  // namespace annexa::store::isms
