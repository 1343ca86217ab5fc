#include "server-stub/isms/coverage.hpp"

#include "policies/catalogue.hpp"
#include "server-stub/isms/record.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view clauses[] = {"4.1",   "4.2",   "4.3",   "4.4",   "5.1",  "5.2", "5.3", "6.1.1",
                                        "6.1.2", "6.1.3", "6.2",   "6.3",   "7.1",  "7.2", "7.3", "7.4",
                                        "7.5.1", "7.5.2", "7.5.3", "8.1",   "8.2",  "8.3", "9.1", "9.2.1",
                                        "9.2.2", "9.3.1", "9.3.2", "9.3.3", "10.1", "10.2"};

bool names(std::string_view named, std::string_view requirement) {
    return requirement == named ||
           (requirement.starts_with(named) && requirement.size() > named.size() && requirement[named.size()] == '.');
}

}  // namespace

const std::vector<std::string>& all_requirements() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> list{std::begin(clauses), std::end(clauses)};
        for (const policies::Control& control : policies::annex_a()) list.push_back(control.id);
        return list;
    }();
    return all;
}

std::set<std::string> requirements_named(std::span<const std::string> requirements,
                                         std::span<const std::string> themes) {
    std::set<std::string> found;
    for (const std::string& each : all_requirements())
        if (std::any_of(requirements.begin(), requirements.end(),
                        [&](const std::string& named) { return names(named, each); }))
            found.insert(each);
    for (const policies::Control& control : policies::annex_a())
        if (std::find(themes.begin(), themes.end(), control.theme) != themes.end()) found.insert(control.id);
    return found;
}

std::set<std::string> requirements_audited(const nlohmann::json& audit) {
    return requirements_named(texts_in(audit, "requirements"), texts_in(audit, "themes"));
}

std::set<std::string> requirements_to_audit(const Register& records) {
    std::set<std::string> all{all_requirements().begin(), all_requirements().end()};
    for (const Record* row : records.of_kind("applicability"))
        if (const auto applicable = row->members->find("applicable");
            applicable != row->members->end() && *applicable == false)
            all.erase(text_in(*row->members, "control"));
    return all;
}

std::string in_words(const std::set<std::string>& requirements) {
    const std::vector<std::string>& all = all_requirements();
    std::string words;
    for (std::size_t first = 0; first < all.size(); ++first) {
        if (!requirements.contains(all[first])) continue;
        std::size_t last = first;
        while (last + 1 < all.size() && requirements.contains(all[last + 1])) ++last;
        words += (words.empty() ? "" : ", ") + all[first];
        if (last > first) words += (last == first + 1 ? ", " : " to ") + all[last];
        first = last;
    }
    return words;
}

}  // namespace annexa::store::isms
