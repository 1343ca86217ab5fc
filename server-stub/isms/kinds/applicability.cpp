// One row of the Statement of Applicability: a control, whether it applies and why, how far it is implemented.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view implementations[] = {"not", "planned", "partly", "fully"};
constexpr std::string_view grounds[] = {"risk", "obligation", "good_practice"};
constexpr Field fields[] = {
    {"control", FieldType::line, "Id of the control: of Annex A, or one's own", flag::required},
    {"applicable", FieldType::boolean, "Whether the control applies; absent: undecided"},
    {"ground", FieldType::choice, "Why it applies", flag::many, grounds},
    {"justification", FieldType::text, "Why it applies, in words"},
    {"exclusion", FieldType::text, "Why it does not apply"},
    {"implementation", FieldType::choice, "How far it is implemented", 0, implementations},
    {"how", FieldType::text, "How it is implemented"},
    {"planned_until", FieldType::date, "By when what is planned is done", flag::due},
    {"based_on", FieldType::record, "Risks, treatments and obligations that it rests on", flag::many},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    const auto& row = draft.after;
    if (row.contains("applicable") && !row.at("applicable").get<bool>() && !has(row, "exclusion"))
        problems.push_back({draft.id, "exclusion", "is missing: a control is excluded with a reason"});
}

}  // namespace

extern const Kind applicability{.name = "applicability",
                                .plural = "applicabilities",
                                .title = "Applicability of a control",
                                .step = 8,
                                .clauses = "6.1.3 d",
                                .fields = fields,
                                .key = "control",
                                .approvable = false,
                                .rules = rules};

}  // namespace annexa::store::isms
