// What the organization must do by law or contract, and the controls that see to it.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/standing.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view types[] = {"law", "regulation", "contract", "standard", "own_commitment"};
constexpr std::string_view parties[] = {"party", "supplier"};
constexpr Field fields[] = {
    {"type", FieldType::choice, "What it comes from", flag::required, types},
    {"source", FieldType::line, "Where it is written: law and section, contract and clause"},
    {"demands", FieldType::text, "What it demands, in own words"},
    {"parties", FieldType::record, "To whom it is owed", flag::many, parties},
    {"controls", FieldType::control, "Controls that meet it", flag::many},
    {"from", FieldType::date, "First day on which it binds"},
    {"to", FieldType::date, "Last day on which it binds"},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    check_order(draft, "from", "to", problems);
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    for (const Record* obligation : records.of_kind("obligation")) {
        const auto& members = *obligation->members;
        if (has_ended(members, day_of(facts.now))) continue;
        if (!has(members, "controls"))
            gaps.push_back({2, "A.5.31", obligation->id,
                            "No control is linked to the obligation " + text_in(members, "title") + ".",
                            "annexa isms set " + obligation->id + " controls=A.5.31"});
        if (!has(members, "source"))
            gaps.push_back({2, "A.5.31", obligation->id,
                            "Where the obligation " + text_in(members, "title") + " is written is not said.",
                            "annexa isms set " + obligation->id + " source=…"});
    }
}

void inform(const Register& records, Instant at, policies::StatusInputs& inputs) {
    std::vector<const Record*> binding;
    for (const Record* obligation : records.of_kind("obligation"))
        if (!has_ended(*obligation->members, day_of(at))) binding.push_back(obligation);
    const auto met = [](const nlohmann::json& members) { return has(members, "controls") && has(members, "owner"); };
    if (auto fact = fact_of_all(binding, "A.5.31", "obligations with owner and controls", met))
        inputs.facts.push_back(std::move(*fact));
}

}  // namespace

extern const Kind obligation{.name = "obligation",
                             .plural = "obligations",
                             .title = "Obligation",
                             .step = 2,
                             .clauses = "4.2, A.5.31",
                             .fields = fields,
                             .missing = "No obligation by law or contract is recorded.",
                             .rules = rules,
                             .gaps = gaps,
                             .inform = inform};

}  // namespace annexa::store::isms
