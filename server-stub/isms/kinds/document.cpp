// A document: what it says or the digest of its file, for which controls it is the rule, whom it binds. What is in
// force is the approved version.
#include "server-stub/isms/acknowledgements.hpp"
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/next_command.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/standing.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view information_security_policy = "information_security_policy";
constexpr std::string_view types[] = {
    information_security_policy, "policy", "procedure", "standard", "plan", "description", "external", "other"};
constexpr std::string_view contents[] = {"scope",         "objectives",  "commitment",        "roles",
                                         "risk_approach", "enforcement", "incident_handling", "review"};
constexpr std::string_view audience[] = {"person", "role", "unit"};
constexpr Field fields[] = {
    {"type", FieldType::choice, "What kind of document it is", flag::required, types},
    {"label", FieldType::line, "The version as the document itself calls it"},
    {"text", FieldType::text, "What it says"},
    {"file_digest", FieldType::digest, "SHA-256 of the file, where it is one"},
    {"file_name", FieldType::line, "Name of the file"},
    {"says", FieldType::choice, "What it says something on", flag::many, contents},
    {"rule_for", FieldType::requirement, "Controls and clauses that it is the rule for", flag::many},
    {"audience", FieldType::record, "Whom it binds, each of whom acknowledges it", flag::many, audience},
    {"binds_everybody", FieldType::boolean, "Whether it binds every person"},
    {"origin", FieldType::line, "Who issues it, where it is external"},
};

void rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems) {
    const json& members = draft.after;
    if (has(members, "file_digest") && facts.uploaded_file &&
        !facts.uploaded_file(evidence::Digest::from_hex(text_in(members, "file_digest"))))
        problems.push_back({draft.id, "file_digest", "no file of this digest was uploaded"});
    if (has(members, "text") && has(members, "file_digest"))
        problems.push_back({draft.id, "file_digest", "there is a text already: a document is its text or a file"});
    if (text_in(members, "type") == information_security_policy)
        for (const Record* other : records.of_kind("document"))
            if (other->id != draft.id && text_in(*other->members, "type") == information_security_policy)
                problems.push_back({draft.id, "type", other->id + " is the information security policy already"});
}

constexpr std::pair<std::string_view, std::string_view> content_words[] = {
    {"scope", "its scope"},
    {"objectives", "objectives, or how they are set"},
    {"commitment", "the commitment of top management"},
    {"roles", "roles and responsibilities"},
    {"risk_approach", "the approach to risk"},
    {"enforcement", "how it is enforced"},
    {"incident_handling", "how incidents are handled"},
    {"review", "when and by whom it is reviewed"},
};

void policy_gaps(const Register& records, std::vector<Gap>& gaps) {
    const Record* policy = nullptr;
    for (const Record* document : records.of_kind("document"))
        if (text_in(*document->members, "type") == information_security_policy) policy = document;
    if (policy == nullptr) {
        gaps.push_back({3, "5.2", "", "There is no information security policy.",
                        "annexa isms set document title=… type=information_security_policy text=…"});
        return;
    }
    const json& members = *policy->members;
    const std::vector<std::string> says = texts_in(members, "says");
    for (const auto& [content, words] : content_words)
        if (std::find(says.begin(), says.end(), content) == says.end())
            gaps.push_back({3, "5.2", policy->id,
                            "The information security policy does not say " + std::string{words} + ".",
                            "annexa isms set " + policy->id + " says=…"});
    if (!has(members, "audience") &&
        !(members.contains("binds_everybody") && members.at("binds_everybody").get<bool>()))
        gaps.push_back({3, "5.2", policy->id, "The information security policy binds nobody yet.",
                        "annexa isms set " + policy->id + " binds_everybody=true"});
}

void document_gaps(const Register& records, const Facts& facts, const Record& document, std::vector<Gap>& gaps) {
    const json& members = *document.members;
    const std::string title = text_in(members, "title");
    const auto lacks = [&](int step, const char* clause, const std::string& sentence, const std::string& next) {
        gaps.push_back({step, clause, document.id, sentence, next});
    };
    const std::string set = "annexa isms set " + document.id;
    if (!is_written(members)) lacks(3, "7.5.2", title + " has neither a text nor a file.", set + " text=…");
    if (!has(members, "owner")) lacks(3, "7.5.3", title + " has no owner.", set + " owner=R-…");
    if (!has(members, "next_review"))
        lacks(3, "7.5.2", title + " has no next review: nobody can say until when it holds.", set + " next_review=…");
    if (text_in(members, "type") == "external") {
        if (!has(members, "origin")) lacks(3, "7.5.3", "Who issues " + title + " is not said.", set + " origin=…");
        return;
    }
    const std::string approve = "annexa isms approve " + document.id;
    const int approval_step = text_in(members, "type") == information_security_policy ? 4 : 3;
    if (document.approved() == nullptr) lacks(approval_step, "7.5.2", title + " is not approved.", approve);
    if (document.approval_state() == "older")
        lacks(approval_step, "7.5.2", "An older version of " + title + " is the approved one.", approve);
    const Acknowledgements acknowledged = acknowledgements(document, records, day_of(facts.now));
    if (!acknowledged.lacking.empty())
        lacks(3, "7.3",
              std::to_string(acknowledged.lacking.size()) + " of " +
                  std::to_string(acknowledged.lacking.size() + acknowledged.given.size()) +
                  " whom it binds have not acknowledged the approved version of " + title + ".",
              command_to_acknowledge(document, *acknowledged.lacking.begin(), day_of(facts.now)));
}

/// Documented information that the clauses ask for and that no kind of record is by itself (7.5.1 a).
struct Asked {
    int step;
    std::string_view clause;
    std::string_view sentence;
};
constexpr Asked asked[] = {
    {1, "7.2", "No approved document says what competence is needed and how it is evidenced."},
    {3, "7.5.1", "No approved document says which documents the management system needs."},
    {3, "7.4", "No approved document says who tells whom what on information security."},
    {5, "6.1.2", "No approved document describes how information security risks are assessed."},
    {6, "6.1.3", "No approved document describes how information security risks are treated."},
    {7, "8.1", "No approved document says how the measures are operated and how it shows that they are."},
    {7, "6.3", "No approved document says how changes of the management system are planned."},
    {8, "9.1", "No approved document says what is monitored and measured, when and by whom."},
    {9, "9.2.2", "No approved document says how internal audits are planned and done."},
    {9, "10.2", "No approved document says how nonconformities are corrected."},
    {10, "9.3.1", "No approved document says when and how top management reviews."},
};

bool is_rule_for(const json& members, std::string_view requirement) {
    const std::vector<std::string> rule_for = texts_in(members, "rule_for");
    return std::find(rule_for.begin(), rule_for.end(), requirement) != rule_for.end();
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    policy_gaps(records, gaps);
    const std::vector<const Record*> documents = records.of_kind("document");
    for (const Record* document : documents) document_gaps(records, facts, *document, gaps);
    for (const Asked& one : asked) {
        const bool there = std::any_of(documents.begin(), documents.end(), [&](const Record* document) {
            return document->approved_members && is_rule_for(*document->approved_members, one.clause);
        });
        if (!there)
            gaps.push_back(
                {one.step, std::string{one.clause}, "", std::string{one.sentence},
                 "annexa isms set document title=… type=procedure rule_for=" + std::string{one.clause} + " text=…"});
    }
}

void add(policies::StatusInputs& inputs, std::optional<policies::RecordFact> fact) {
    if (fact) inputs.facts.push_back(std::move(*fact));
}

/// Only what is written and ours is a rule; a draft is shown as one, and stands for nothing.
void inform(const Register& records, Instant at, policies::StatusInputs& inputs) {
    std::vector<const Record*> acknowledged, procedures;
    bool all_acknowledged = true;
    for (const Record* document : records.of_kind("document")) {
        const json& members = document->judged_members();
        const std::string type = text_in(members, "type");
        if (!is_written(members) || type == "external") continue;
        for (const std::string& requirement : texts_in(members, "rule_for"))
            if (is_control_id(requirement)) add(inputs, fact_of(*document, requirement, policies::RecordKind::rule));
        if (type == "procedure") procedures.push_back(document);
        const Acknowledgements read = acknowledgements(*document, records, day_of(at));
        const bool by_all = read.lacking.empty() && !read.given.empty();
        if (type == information_security_policy) {
            policies::RecordFact fact = fact_of(*document, "A.5.1", policies::RecordKind::operation);
            fact.what += by_all ? ", acknowledged by all whom it binds" : ", not acknowledged by all whom it binds";
            if (!by_all) fact.review = policies::Review::none;
            add(inputs, std::move(fact));
        }
        if (is_rule_for(members, "A.5.10")) {
            acknowledged.push_back(document);
            all_acknowledged = all_acknowledged && by_all;
        }
    }
    std::optional<policies::RecordFact> use =
        fact_of_all(acknowledged, "A.5.10", "rules with their acknowledgements", [](const json&) { return true; });
    if (use && !all_acknowledged) use->review = policies::Review::none;
    add(inputs, std::move(use));
    add(inputs, fact_of_all(procedures, "A.5.37", "procedures with their owners and versions",
                            [](const json& members) { return has(members, "owner") && has(members, "label"); }));
}

constexpr Action actions[] = {acknowledge_action};

}  // namespace

extern const Kind document{.name = "document",
                           .plural = "documents",
                           .title = "Document",
                           .step = 3,
                           .clauses = "5.2, 7.5",
                           .fields = fields,
                           .rules = rules,
                           .gaps = gaps,
                           .inform = inform,
                           .actions = actions};

}  // namespace annexa::store::isms
