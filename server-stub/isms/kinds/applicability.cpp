// One row of the Statement of Applicability: a control, of Annex A or one's own, whether it applies and why, how far it
// is implemented and how.
#include "policies/catalogue.hpp"
#include "server-stub/isms/controls.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view implementations[] = {"not", "planned", "partly", "fully"};
constexpr std::string_view grounds[] = {"risk", "obligation", "good_practice"};
constexpr std::string_view bases[] = {"risk", "treatment", "obligation"};
constexpr Field fields[] = {
    {"control", FieldType::line, "Id of the control: of Annex A, or one's own", flag::required},
    {"description", FieldType::text, "What the control is, where it is one's own"},
    {"applicable", FieldType::boolean, "Whether the control applies; absent: undecided"},
    {"ground", FieldType::choice, "Why it applies", flag::many, grounds},
    {"justification", FieldType::text, "Why it applies, in words"},
    {"based_on", FieldType::record, "Risks, treatments and obligations that it rests on", flag::many, bases},
    {"exclusion", FieldType::text, "Why it does not apply"},
    {"implementation", FieldType::choice, "How far it is implemented", 0, implementations},
    {"how", FieldType::text, "How it is implemented"},
    {"planned_until", FieldType::date, "What is planned is to be done", flag::due},
};

enum class Decided { no, applies, excluded };

Decided decided(const json& row) {
    const auto applicable = row.find("applicable");
    if (applicable == row.end()) return Decided::no;
    return applicable->get<bool>() ? Decided::applies : Decided::excluded;
}

std::string joined(const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
    return text;
}

void rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems) {
    const json& row = draft.after;
    const std::string control = text_in(row, "control");
    const auto problem = [&](std::string path, std::string message) {
        problems.push_back({draft.id, std::move(path), std::move(message)});
    };
    const bool of_annex_a = policies::find_control(policies::annex_a(), control) != nullptr;
    if (!of_annex_a && control.starts_with("A."))
        problem("control", "Annex A has no control " + control + "; one's own are called otherwise");
    if (draft.before != nullptr && text_in(*draft.before->members, "control") != control)
        problem("control", "a row stays that of its control, " + text_in(*draft.before->members, "control"));
    if (decided(row) == Decided::excluded) {
        if (!has(row, "exclusion")) problem("exclusion", "is missing: a control is excluded with a reason");
        if (has(row, "based_on"))
            problem("applicable", "it rests on " + joined(texts_in(row, "based_on")) + ", so it is not excluded");
        if (const auto ids = rests_on(records, control, facts.now); !ids.empty())
            problem("applicable", joined(ids) + " rests on " + control + ", so it is not excluded");
        if (has(row, "implementation") && text_in(row, "implementation") != "not")
            problem("implementation", "a control that is excluded is not implemented");
    } else if (has(row, "exclusion")) {
        problem("exclusion", "is said of a control that is not excluded; set applicable=false, or leave it out");
    }
}

void add_gaps(const Record& record, const Facts& facts, const Register& records, std::vector<Gap>& gaps) {
    const json& row = *record.members;
    const std::string control = text_in(row, "control");
    const auto lacks = [&](const std::string& sentence, const std::string& next) {
        gaps.push_back({8, "6.1.3 d", record.id, control + " " + sentence, next});
    };
    const std::string set = "annexa isms set " + record.id;
    if (decided(row) == Decided::excluded) {
        // Something may come to rest on it after it was excluded: an obligation that begins, a treatment from an
        // import.
        if (const auto ids = rests_on(records, control, facts.now); !ids.empty())
            lacks("is excluded, and " + joined(ids) + " rests on it.", set + " applicable=true");
        return;
    }
    const std::vector<std::string> grounds_of = texts_in(row, "ground");
    const auto ground = [&](std::string_view one) {
        return std::find(grounds_of.begin(), grounds_of.end(), one) != grounds_of.end();
    };
    if (!ground("risk") && !ground("obligation"))
        lacks(ground("good_practice") ? "applies for good practice alone: no risk and no obligation calls for it."
                                      : "applies and nobody says why.",
              set + " ground=risk based_on=R-…");
    else if (!has(row, "based_on"))
        lacks("applies for a risk or an obligation, and does not say which.", set + " based_on=R-…");
    if (!has(row, "implementation"))
        lacks("applies, and how far it is implemented is not said.", set + " implementation=…");
    const std::string implementation = text_in(row, "implementation");
    if ((implementation == "planned" || implementation == "partly") && !has(row, "planned_until"))
        lacks("is not fully implemented, and by when is not said.", set + " planned_until=…");
    if ((implementation == "partly" || implementation == "fully") && !has(row, "how"))
        lacks("is implemented, and how is not said.", set + " how=…");
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    std::size_t undecided = 0;
    std::string first;
    for (const policies::Control& control : policies::annex_a()) {
        const Record* row = row_of(records, control.id);
        if (row != nullptr && decided(*row->members) != Decided::no) continue;
        ++undecided;
        if (!first.empty()) continue;
        first = row != nullptr ? "annexa isms set " + row->id + " applicable=…"
                               : "annexa isms set applicability title='" + control.title + "' control=" + control.id +
                                     " applicable=…";
    }
    if (undecided != 0)
        gaps.push_back({8, "6.1.3 d", "",
                        undecided == 1 ? std::string{"Whether one control of Annex A applies is not decided."}
                                       : "Whether they apply is not decided of " + std::to_string(undecided) +
                                             " of the 93 controls of Annex A.",
                        first});
    for (const Record* row : records.of_kind("applicability"))
        if (decided(*row->members) != Decided::no) add_gaps(*row, facts, records, gaps);
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
                                .rules = rules,
                                .gaps = gaps};

}  // namespace annexa::store::isms
