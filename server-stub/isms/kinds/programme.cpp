// The programme that top management approves: why, with what, by when, and what it was worried about (5.1, 7.1).
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view people[] = {"person", "role"};
constexpr std::string_view resource_types[] = {"money", "people", "time", "other"};
constexpr Field resource_fields[] = {
    {"type", FieldType::choice, "What it is", flag::required, resource_types},
    {"what", FieldType::line, "What it is for", flag::required},
    {"unit", FieldType::line, "What it is counted in: EUR, days", flag::required},
    {"planned", FieldType::number, "How much is planned", flag::required},
    {"used", FieldType::number, "How much is used so far"},
};
constexpr Field milestone_fields[] = {
    {"title", FieldType::line, "What is reached", flag::required},
    {"step", FieldType::integer, "Step of the ten that it belongs to"},
    {"due", FieldType::date, "Milestone is due", flag::required | flag::due},
    {"forecast", FieldType::date, "When it is expected now"},
    {"done", FieldType::date, "When it was reached"},
};
constexpr Field concern_fields[] = {
    {"concern", FieldType::text, "What somebody is worried about", flag::required},
    {"raised_by", FieldType::record, "Who raised it", 0, people},
    {"raised", FieldType::date, "When"},
    {"answer", FieldType::text, "What was answered"},
    {"answered_by", FieldType::record, "Who answered", 0, people},
    {"answered", FieldType::date, "When it was answered"},
};
constexpr Field body_fields[] = {
    {"name", FieldType::line, "The body: steering group, security forum", flag::required},
    {"tasks", FieldType::text, "What it decides and does"},
    {"members", FieldType::record, "Who sits on it", flag::many, people},
};
constexpr Field fields[] = {
    {"benefit", FieldType::text, "What the management system is good for"},
    {"cost_of_inaction", FieldType::text, "What happens without it"},
    {"business_goals", FieldType::text, "Goals of the organization that it serves"},
    {"sponsor", FieldType::record, "Who of top management stands for it", 0, people},
    {"resources", FieldType::group, "Money, people and time, planned and used", flag::many, {}, resource_fields},
    {"milestones", FieldType::group, "What is reached when", flag::many, {}, milestone_fields},
    {"concerns", FieldType::group, "What was doubted, with the answers", flag::many, {}, concern_fields},
    {"bodies", FieldType::group, "Who steers", flag::many, {}, body_fields},
};

template <class Visit>
void each_in(const json& members, std::string_view list, Visit visit) {
    const auto found = members.find(list);
    if (found == members.end()) return;
    for (std::size_t i = 0; i < found->size(); ++i)
        visit((*found)[i], std::string{list} + "[" + std::to_string(i) + "]");
}

void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    const std::string today = day_of(facts.now);
    const auto problem = [&](const std::string& path, const char* message) {
        problems.push_back({draft.id, path, message});
    };
    each_in(draft.after, "milestones", [&](const json& milestone, const std::string& path) {
        if (text_in(milestone, "done") > today)
            problem(path + ".done", "is in the future; say when it is expected as forecast");
        if (const auto step = milestone.find("step"); step != milestone.end() && (*step < 1 || *step > 10))
            problem(path + ".step", "expected one of the ten steps");
    });
    each_in(draft.after, "resources", [&](const json& resource, const std::string& path) {
        for (const char* amount : {"planned", "used"})
            if (resource.contains(amount) && resource.at(amount).get<double>() < 0)
                problem(path + "." + amount, "is negative");
    });
    each_in(draft.after, "concerns", [&](const json& concern, const std::string& path) {
        if (has(concern, "answered") && !has(concern, "answer")) problem(path + ".answer", "is missing");
    });
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    for (const Record* programme : records.of_kind("programme")) {
        const json& members = *programme->members;
        const std::string set = "annexa isms set " + programme->id;
        const auto lacks = [&](const char* clause, const std::string& sentence, const std::string& next) {
            gaps.push_back({4, clause, programme->id, sentence, next});
        };
        if (!has(members, "benefit") || !has(members, "cost_of_inaction") || !has(members, "business_goals"))
            lacks("5.1", "The business case lacks the benefit, the cost of doing nothing or the goals that it serves.",
                  set + " benefit=… cost_of_inaction=… business_goals=…");
        if (!has(members, "sponsor"))
            lacks("5.1", "Nobody of top management stands for the programme.", set + " sponsor=R-…");
        if (!has(members, "resources")) lacks("7.1", "No resources are planned.", set + " resources=…");
        if (!has(members, "milestones")) lacks("6.2", "The programme has no milestones.", set + " milestones=…");
        each_in(members, "milestones", [&](const json& milestone, const std::string&) {
            if (!has(milestone, "done") && text_in(milestone, "due") < today)
                lacks("6.2",
                      "The milestone " + text_in(milestone, "title") + " was due on " + text_in(milestone, "due") + ".",
                      set + " milestones=…");
        });
        each_in(members, "concerns", [&](const json& concern, const std::string& path) {
            if (!has(concern, "answer")) lacks("5.1", "A concern is not answered: " + path + ".", set + " concerns=…");
        });
        if (programme->approved() == nullptr)
            lacks("5.1", "Top management has not approved the programme.", "annexa isms approve " + programme->id);
        else if (programme->approval_state() == "older")
            lacks("5.1", "An older version of the programme is the approved one.",
                  "annexa isms approve " + programme->id);
    }
}

}  // namespace

extern const Kind programme{
    .name = "programme",
    .plural = "programmes",
    .title = "Programme",
    .step = 4,
    .clauses = "5.1, 7.1",
    .fields = fields,
    .missing = "There is no programme: why, with what and by when the management system is built.",
    .single = true,
    .rules = rules,
    .gaps = gaps};

}  // namespace annexa::store::isms
