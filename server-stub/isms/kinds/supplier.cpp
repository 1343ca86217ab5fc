// A supplier: what it does, what it can reach, what it was asked to promise, and how that is looked at.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view levels[] = {"low", "medium", "high", "very_high"};
constexpr std::string_view persons[] = {"person", "role"};
constexpr Field assurance_fields[] = {
    {"what", FieldType::line, "What it is: certificate, report, answers to questions", flag::required},
    {"from", FieldType::date, "First day that it covers"},
    {"until", FieldType::date, "Assurance of a supplier ends", flag::required | flag::due},
};
constexpr Field review_fields[] = {
    {"date", FieldType::date, "When the supplier was looked at", flag::required},
    {"by", FieldType::record, "Who looked", 0, persons},
    {"result", FieldType::text, "What came of it", flag::required},
};
constexpr Field fields[] = {
    {"service", FieldType::text, "What it delivers"},
    {"information", FieldType::line, "Information that it handles", flag::many},
    {"access", FieldType::text, "What it can reach: systems, rooms, accounts"},
    {"criticality", FieldType::choice, "How much depends on it", 0, levels},
    {"contract", FieldType::line, "The contract: its number or where it lies"},
    {"security_clauses", FieldType::text, "What the contract says on information security"},
    {"assurances", FieldType::group, "What it showed of its security", flag::many, {}, assurance_fields},
    {"reviews", FieldType::group, "When it was looked at", flag::many, {}, review_fields},
    {"exit", FieldType::text, "How the organization gets away from it, with its information"},
    {"ended", FieldType::date, "Last day of the service"},
};

bool open(const json& members) { return !has(members, "ended"); }

template <class Test>
bool any_in(const json& members, std::string_view list, Test test) {
    const auto found = members.find(list);
    return found != members.end() && std::any_of(found->begin(), found->end(), test);
}

void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    const std::string today = day_of(facts.now);
    if (any_in(draft.after, "reviews", [&](const json& review) { return text_in(review, "date") > today; }))
        problems.push_back({draft.id, "reviews", "one is in the future: a review is recorded once it was held"});
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    const std::string year_ago = day_of(facts.now - std::chrono::days{366});
    for (const Record* supplier : records.of_kind("supplier")) {
        const json& members = *supplier->members;
        if (!open(members)) continue;
        const auto lacks = [&](const char* clause, const std::string& what, const std::string& assignment) {
            gaps.push_back({2, clause, supplier->id, "The supplier " + text_in(members, "title") + " " + what + ".",
                            "annexa isms set " + supplier->id + " " + assignment});
        };
        const std::string criticality = text_in(members, "criticality");
        if (criticality.empty()) lacks("A.5.19", "is not judged by how much depends on it", "criticality=medium");
        if (!has(members, "security_clauses"))
            lacks("A.5.20", "has no recorded duties on information security", "security_clauses=…");
        if (criticality != "high" && criticality != "very_high") continue;
        if (!any_in(members, "assurances", [&](const json& one) { return text_in(one, "until") >= today; }))
            lacks("A.5.21", "is critical and has shown nothing of its security that is in date", "assurances=…");
        if (!any_in(members, "reviews", [&](const json& one) { return text_in(one, "date") >= year_ago; }))
            lacks("A.5.22", "is critical and was not looked at within a year", "reviews=…");
        if (!has(members, "exit")) lacks("A.5.23", "is critical and there is no way out of it", "exit=…");
    }
}

}  // namespace

extern const Kind supplier{.name = "supplier",
                           .plural = "suppliers",
                           .title = "Supplier",
                           .step = 2,
                           .clauses = "A.5.19",
                           .fields = fields,
                           .missing = "No supplier is recorded.",
                           .approvable = false,
                           .rules = rules,
                           .gaps = gaps,
                           .open = open};

}  // namespace annexa::store::isms
