// An issue, internal or external, that bears on whether the management system reaches what it is there for (4.1).
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

constexpr std::string_view sides[] = {"internal", "external"};
constexpr std::string_view internal_topics[] = {"organization", "people", "culture", "resources", "technology"};
constexpr std::string_view external_topics[] = {"law",      "market",      "technology", "threat",
                                                "politics", "environment", "climate"};
constexpr std::string_view topics[] = {"organization", "people",   "culture",     "resources",  "law",     "market",
                                       "threat",       "politics", "environment", "technology", "climate", "other"};
constexpr Field fields[] = {
    {"side", FieldType::choice, "Whether it lies within the organization or outside", flag::required, sides},
    {"topic", FieldType::choice, "What it is about", flag::required, topics},
    {"description", FieldType::text, "What is the case"},
    {"relevant", FieldType::boolean, "Whether it bears on information security here; absent: undecided"},
    {"effect", FieldType::text, "What it does to information security, or why it does nothing"},
    {"addressed_by", FieldType::record, "Risks, objectives, documents or actions that answer it", flag::many},
};

template <std::size_t Size>
bool among(const std::string_view (&list)[Size], const std::string& topic) {
    return topic == "other" || std::find(std::begin(list), std::end(list), topic) != std::end(list);
}

void rules(const Draft& draft, const Register&, const Facts&, std::vector<Problem>& problems) {
    const std::string side = text_in(draft.after, "side");
    const std::string topic = text_in(draft.after, "topic");
    if (!(side == "internal" ? among(internal_topics, topic) : among(external_topics, topic)))
        problems.push_back({draft.id, "topic", topic + " is no topic of " + side + " issues"});
    if (draft.after.contains("relevant") && !draft.after.at("relevant").get<bool>() && !has(draft.after, "effect"))
        problems.push_back({draft.id, "effect", "is missing: say why it does not matter"});
}

struct Asked {
    std::string_view topic;
    std::string_view clause;
    std::string_view sentence;
};
constexpr Asked asked[] = {
    {"law", "4.1", "No external issue from law and regulation is recorded."},
    {"market", "4.1", "No external issue from market, customers and competition is recorded."},
    {"technology", "4.1", "No external issue from technology is recorded."},
    {"threat", "4.1", "No external issue from threats is recorded."},
    {"politics", "4.1", "No external issue from politics and society is recorded."},
    {"climate", "4.1", "Whether climate change is a relevant issue has not been determined (4.1, amendment 1:2024)."},
};

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    const std::vector<const Record*> issues = records.of_kind("issue");
    const auto there = [&](std::string_view side, std::string_view topic) {
        return std::any_of(issues.begin(), issues.end(), [&](const Record* issue) {
            if (text_in(*issue->members, "side") != side) return false;
            if (topic.empty()) return true;
            return text_in(*issue->members, "topic") == topic &&
                   (topic != "climate" || issue->members->contains("relevant"));
        });
    };
    if (!there("internal", ""))
        gaps.push_back({1, "4.1", "", "No internal issue is recorded: what in the organization bears on its security.",
                        "annexa isms set issue title=… side=internal topic=organization"});
    for (const Asked& one : asked)
        if (!there("external", one.topic))
            gaps.push_back({2, std::string{one.clause}, "", std::string{one.sentence},
                            "annexa isms set issue title=… side=external topic=" + std::string{one.topic} +
                                (one.topic == "climate" ? " relevant=true" : "")});
    for (const Record* issue : issues) {
        const auto& members = *issue->members;
        const int step = text_in(members, "side") == "internal" ? 1 : 2;
        if (!members.contains("relevant"))
            gaps.push_back({step, "4.1", issue->id,
                            "Whether the issue " + text_in(members, "title") + " is relevant is undecided.",
                            "annexa isms set " + issue->id + " relevant=true effect=…"});
        else if (members.at("relevant").get<bool>() && !has(members, "addressed_by") && !has(members, "links"))
            gaps.push_back({step, "6.1.1", issue->id,
                            "Nothing is recorded that answers the issue " + text_in(members, "title") + ".",
                            "annexa isms set " + issue->id + " addressed_by=R-…"});
    }
}

}  // namespace

extern const Kind issue{.name = "issue",
                        .plural = "issues",
                        .title = "Issue",
                        .step = 1,
                        .clauses = "4.1",
                        .fields = fields,
                        .approvable = false,
                        .rules = rules,
                        .gaps = gaps};

}  // namespace annexa::store::isms
