#include "server-stub/isms/controls.hpp"

#include "policies/catalogue.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

bool names(const json& members, std::string_view control) {
    const std::vector<std::string> controls = texts_in(members, "controls");
    return std::find(controls.begin(), controls.end(), control) != controls.end();
}

bool risk_open(const json& members) { return text_in(members, "state") != "closed"; }

}  // namespace

const Record* row_of(const Register& records, std::string_view control) {
    for (const Record* row : records.of_kind("applicability"))
        if (text_in(*row->members, "control") == control) return row;
    return nullptr;
}

bool is_control(const Register& records, std::string_view control) {
    return policies::find_control(policies::annex_a(), control) != nullptr || row_of(records, control) != nullptr;
}

bool is_excluded(const Register& records, std::string_view control) {
    const Record* row = row_of(records, control);
    return row != nullptr && row->members->contains("applicable") && !row->members->at("applicable").get<bool>();
}

std::vector<std::string> rests_on(const Register& records, std::string_view control, Instant now) {
    std::vector<std::string> ids;
    for (const Record* risk : records.of_kind("risk"))
        if (risk_open(*risk->members) && names(*risk->members, control)) ids.push_back(risk->id);
    for (const Record* treatment : records.of_kind("treatment")) {
        const Record* risk = records.find(text_in(*treatment->members, "risk"));
        if (names(*treatment->members, control) && (risk == nullptr || risk->deleted() || risk_open(*risk->members)))
            ids.push_back(treatment->id);
    }
    for (const Record* obligation : records.of_kind("obligation")) {
        const std::string end = text_in(*obligation->members, "to");
        if (names(*obligation->members, control) && (end.empty() || end >= day_of(now))) ids.push_back(obligation->id);
    }
    return ids;
}

void check_controls(const Draft& draft, const Register& records, std::vector<Problem>& problems) {
    const std::vector<std::string> controls = texts_in(draft.after, "controls");
    for (std::size_t i = 0; i < controls.size(); ++i) {
        const std::string path = "controls[" + std::to_string(i) + "]";
        if (!is_control(records, controls[i]))
            problems.push_back(
                {draft.id, path, "neither Annex A nor a row of the Statement of Applicability has " + controls[i]});
        else if (is_excluded(records, controls[i]))
            problems.push_back({draft.id, path,
                                controls[i] + " is excluded by " + row_of(records, controls[i])->id +
                                    "; what rests on an excluded control rests on nothing"});
    }
}

std::string control_title(const Register& records, std::string_view control) {
    if (const policies::Control* found = policies::find_control(policies::annex_a(), control)) return found->title;
    const Record* row = row_of(records, control);
    return row != nullptr ? text_in(*row->members, "title") : std::string{};
}

}  // namespace annexa::store::isms
