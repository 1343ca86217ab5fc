// A unit of the organization: department, team, subsidiary.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace annexa::store::isms {
namespace {

constexpr std::string_view units[] = {"unit"};
constexpr std::string_view heads[] = {"person", "role"};
constexpr Field fields[] = {
    {"purpose", FieldType::text, "What it is there for"},
    {"part_of", FieldType::record, "The unit above it", 0, units},
    {"head", FieldType::record, "Who leads it", 0, heads},
    {"site", FieldType::line, "Where it works"},
};

void rules(const Draft& draft, const Register& records, const Facts&, std::vector<Problem>& problems) {
    std::set<std::string> seen{draft.id};
    for (std::string above = text_in(draft.after, "part_of"); !above.empty();) {
        if (!seen.insert(above).second) {
            problems.push_back({draft.id, "part_of", "a unit cannot stand above itself"});
            return;
        }
        const Record* unit = records.find(above);
        above = unit != nullptr && unit->members ? text_in(*unit->members, "part_of") : "";
    }
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* unit : records.of_kind("unit"))
        if (!has(*unit->members, "head"))
            gaps.push_back({1, "5.3", unit->id, "Nobody is named as head of " + text_in(*unit->members, "title") + ".",
                            "annexa isms set " + unit->id + " head=R-…"});
}

}  // namespace

extern const Kind unit{.name = "unit",
                       .plural = "units",
                       .title = "Unit",
                       .step = 1,
                       .clauses = "4.1, 5.3",
                       .fields = fields,
                       .missing = "No unit of the organization is recorded.",
                       .approvable = false,
                       .rules = rules,
                       .gaps = gaps};

}  // namespace annexa::store::isms
