// A process of the organization: what it handles, what it rests on, and what flows from it into others.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view levels[] = {"low", "medium", "high", "very_high"};
constexpr std::string_view units[] = {"unit"};
constexpr std::string_view processes[] = {"process"};
constexpr std::string_view assets[] = {"asset"};
constexpr std::string_view suppliers[] = {"supplier"};
constexpr Field flow_fields[] = {
    {"to", FieldType::record, "The process that receives it", flag::required, processes},
    {"information", FieldType::line, "What flows", flag::required},
    {"way", FieldType::line, "How it gets there"},
};
constexpr Field fields[] = {
    {"purpose", FieldType::text, "What it is for"},
    {"importance", FieldType::choice, "How much the organization depends on it", 0, levels},
    {"unit", FieldType::record, "The unit that runs it", 0, units},
    {"information", FieldType::line, "Information that it handles", flag::many},
    {"systems", FieldType::line, "Systems that it runs on, in words", flag::many},
    {"hosts", FieldType::host, "Hosts that it runs on", flag::many},
    {"assets", FieldType::record, "Assets that it uses", flag::many, assets},
    {"suppliers", FieldType::record, "Suppliers that it depends on", flag::many, suppliers},
    {"flows", FieldType::group, "What flows from it into other processes", flag::many, {}, flow_fields},
};

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    const auto flows = draft.after.find("flows");
    if (flows == draft.after.end()) return;
    for (std::size_t i = 0; i < flows->size(); ++i)
        if (text_in((*flows)[i], "to") == draft.id)
            problems.push_back({draft.id, "flows[" + std::to_string(i) + "].to",
                                "is this process itself; a flow goes into another one"});
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* process : records.of_kind("process")) {
        const auto& members = *process->members;
        const auto lacks = [&](const std::string& what, const std::string& assignment) {
            gaps.push_back({1, "4.1", process->id,
                            "Of the process " + text_in(members, "title") + " it is not said " + what + ".",
                            "annexa isms set " + process->id + " " + assignment});
        };
        if (!has(members, "importance")) lacks("how important it is", "importance=high");
        if (!has(members, "information") && !has(members, "assets"))
            lacks("which information it handles", "information=…");
        if (!has(members, "systems") && !has(members, "hosts") && !has(members, "assets"))
            lacks("which systems it runs on", "systems=…");
    }
}

}  // namespace

extern const Kind process{.name = "process",
                          .plural = "processes",
                          .title = "Process",
                          .step = 1,
                          .clauses = "4.1",
                          .fields = fields,
                          .missing = "No process is recorded: nobody can say what the information is needed for.",
                          .approvable = false,
                          .rules = rules,
                          .gaps = gaps};

}  // namespace annexa::store::isms
