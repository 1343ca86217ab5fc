#include "server-stub/isms/treatments.hpp"

#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {

using nlohmann::json;

std::vector<const Record*> treatments_of(const Register& records, std::string_view risk) {
    std::vector<const Record*> found;
    for (const Record* treatment : records.of_kind("treatment"))
        if (text_in(*treatment->members, "risk") == risk) found.push_back(treatment);
    return found;
}

void check_rating(const Draft& draft, const Register& records, std::string_view likelihood, std::string_view impact,
                  std::vector<Problem>& problems) {
    const auto how_likely = number_in(draft.after, likelihood);
    const auto how_bad = number_in(draft.after, impact);
    if (!how_likely && !how_bad) return;
    const auto criteria = criteria_of(records);
    const auto problem = [&](std::string_view path, std::string message) {
        problems.push_back({draft.id, std::string{path}, std::move(message)});
    };
    if (!criteria) return problem(likelihood, "there are no criteria yet to rate it by; record them first");
    if (how_likely && !criteria->has_likelihood(*how_likely)) problem(likelihood, "is not on the scale of likelihood");
    if (how_bad && !criteria->has_impact(*how_bad)) problem(impact, "is not on the scale of impact");
}

bool acceptance_stands(const json& treatment, Instant now) {
    const auto acceptance = treatment.find("acceptance");
    if (acceptance == treatment.end()) return false;
    return text_in(*acceptance, "until") >= day_of(now) &&
           number_in(*acceptance, "residual_level") == number_in(treatment, "residual_level") &&
           text_in(*acceptance, "option") == text_in(treatment, "option") &&
           text_in(*acceptance, "risk") == text_in(treatment, "risk");
}

std::vector<std::string> accounts_of(const Register& records, std::string_view person_or_role) {
    std::vector<std::string> accounts;
    const Record* owner = records.find(person_or_role);
    if (owner == nullptr || owner->deleted()) return accounts;
    if (owner->kind == "role") {
        for (const char* who : {"holder", "deputy"})
            for (const std::string& account : accounts_of(records, text_in(*owner->members, who)))
                accounts.push_back(account);
    } else if (has(*owner->members, "account")) {
        accounts.push_back(text_in(*owner->members, "account"));
    }
    return accounts;
}

std::string name_of(const Register& records, const std::string& id) {
    const Record* record = records.find(id);
    return record == nullptr || record->deleted() ? id : text_in(*record->members, "title");
}

}  // namespace annexa::store::isms
