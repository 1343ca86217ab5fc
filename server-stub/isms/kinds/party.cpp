// An interested party and what it requires: each requirement is met by something, or it is said why not (4.2).
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view categories[] = {"customer", "owner", "employee", "supplier", "authority", "public", "other"};
constexpr Field requirement_fields[] = {
    {"requirement", FieldType::text, "What the party requires", flag::required},
    {"met_by", FieldType::record, "Records that meet it: obligations, documents, processes", flag::many},
    {"controls", FieldType::control, "Controls that meet it", flag::many},
    {"not_addressed", FieldType::text, "Why the management system does not address it"},
};
constexpr Field fields[] = {
    {"category", FieldType::choice, "What kind of party it is", 0, categories},
    {"interest", FieldType::text, "What it has to do with information security here"},
    {"contact", FieldType::line, "How it is reached"},
    {"requirements", FieldType::group, "What it requires", flag::many, {}, requirement_fields},
};

bool is_met(const json& requirement) { return has(requirement, "met_by") || has(requirement, "controls"); }

template <class Visit>
void each_requirement(const json& members, Visit visit) {
    const auto requirements = members.find("requirements");
    if (requirements == members.end()) return;
    for (std::size_t i = 0; i < requirements->size(); ++i)
        visit((*requirements)[i], "requirements[" + std::to_string(i) + "]");
}

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    each_requirement(draft.after, [&](const json& requirement, const std::string& path) {
        if (is_met(requirement) && has(requirement, "not_addressed"))
            problems.push_back(
                {draft.id, path + ".not_addressed", "the requirement is met by something: say one of both"});
    });
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* party : records.of_kind("party")) {
        const std::string title = text_in(*party->members, "title");
        if (!has(*party->members, "requirements"))
            gaps.push_back({2, "4.2", party->id, "What " + title + " requires is not recorded.",
                            "annexa isms set " + party->id + " requirements=…"});
        each_requirement(*party->members, [&](const json& requirement, const std::string& path) {
            if (!is_met(requirement) && !has(requirement, "not_addressed"))
                gaps.push_back({2, "4.2", party->id,
                                title + ", " + path + ": nothing meets it, and it is not said why it is not addressed.",
                                "annexa isms set " + party->id + " requirements=…"});
        });
    }
}

}  // namespace

extern const Kind party{.name = "party",
                        .plural = "parties",
                        .title = "Interested party",
                        .step = 2,
                        .clauses = "4.2",
                        .fields = fields,
                        .missing = "No interested party is recorded.",
                        .approvable = false,
                        .rules = rules,
                        .gaps = gaps};

}  // namespace annexa::store::isms
