// A piece of evidence, attached to records, controls and clauses: a file, a text, a link, or entries of the log. A
// second person reviews it; until then it shows nothing.
//
// Five dates: the period that it is about, when it was produced, when and from where it was obtained, when it was
// uploaded (the server's word), when it was reviewed (its approval).
#include "policies/catalogue.hpp"
#include "policies/status_inputs.hpp"
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/standing.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view people[] = {"person", "role"};
constexpr std::string_view audits[] = {"audit"};
constexpr std::string_view forms[] = {"file", "text", "link", "host_evidence"};
constexpr Field proved_fields[] = {
    {"index", FieldType::integer, "The entry", flag::required},
    {"type", FieldType::line, "What it is: a predicateType", flag::required},
    {"digest", FieldType::digest, "SHA-256 of its payload", flag::required},
    {"host", FieldType::host, "The host that said it"},
    {"tree_size", FieldType::integer, "The size of the tree that it was proved to be in", flag::required},
};
constexpr Field fields[] = {
    {"records", FieldType::record, "Records that it is evidence for: a row, an action, a question of an audit",
     flag::many},
    {"requirements", FieldType::requirement, "Controls and clauses that it is evidence for", flag::many},
    {"form", FieldType::choice, "What it is", flag::required, forms},
    {"file", FieldType::digest, "SHA-256 of the file, uploaded before by PUT /api/v1/files/SHA256", flag::frozen},
    {"file_name", FieldType::line, "What the file was called"},
    {"text", FieldType::text, "The evidence itself, where it is a text"},
    {"link", FieldType::line, "Where it is, where it is a link: https://…"},
    {"entries", FieldType::integer, "Entries of the log, where it is host evidence", flag::many},
    {"period_from", FieldType::date, "First day that it is about"},
    {"period_to", FieldType::date, "Last day that it is about"},
    {"produced", FieldType::date, "When it was made"},
    {"obtained_at", FieldType::date, "When it was obtained"},
    {"obtained_by", FieldType::record, "Who obtained it", 0, people},
    {"obtained_from", FieldType::line, "From where or whom"},
    {"valid_until", FieldType::date, "Evidence ends and is to be renewed", flag::due},
    {"uploaded_at", FieldType::instant, "When it came into the store", flag::computed},
    {"size", FieldType::integer, "Bytes of the file", flag::computed},
    {"media_type", FieldType::line, "What the file is by its content", flag::computed},
    {"produced_after_period", FieldType::boolean, "It was made after the period that it is about", flag::computed},
    {"uploaded_after_audits", FieldType::record, "Audits that had begun when it was uploaded",
     flag::computed | flag::many, audits},
    {"proved", FieldType::group, "The entries as they were verified", flag::computed | flag::many, {}, proved_fields},
};

/// What holds the evidence itself, by form.
std::string_view content_of(const json& members) {
    const std::string form = text_in(members, "form");
    return form == "file" ? "file" : form == "text" ? "text" : form == "link" ? "link" : "entries";
}

bool is_index(const json& entry) { return entry.is_number_integer() && entry.get<std::int64_t>() >= 0; }

std::vector<std::uint64_t> entries_in(const json& members) {
    std::vector<std::uint64_t> entries;
    if (const auto found = members.find("entries"); found != members.end())
        for (const json& entry : *found)
            if (is_index(entry)) entries.push_back(entry.get<std::uint64_t>());
    return entries;
}

/// Whether an audit asks for what the evidence is about.
bool concerns(const json& audit, const std::string& id, const json& evidence) {
    const std::vector<std::string> records = texts_in(evidence, "records");
    if (std::find(records.begin(), records.end(), id) != records.end()) return true;
    const std::vector<std::string> asked = texts_in(audit, "requirements");
    const std::vector<std::string> themes = texts_in(audit, "themes");
    for (const std::string& requirement : texts_in(evidence, "requirements")) {
        for (const std::string& one : asked)
            if (requirement == one || requirement.starts_with(one + ".")) return true;
        const policies::Control* control = policies::find_control(policies::annex_a(), requirement);
        if (control != nullptr && std::find(themes.begin(), themes.end(), control->theme) != themes.end()) return true;
    }
    return false;
}

/// Audits that are under way: begun, of no report yet. Their period is what was to be shown; this came later.
json audits_begun(const Register& records, const json& evidence, const std::string& today) {
    json begun = json::array();
    for (const Record* audit : records.of_kind("audit")) {
        const std::string from = text_in(*audit->members, "held_from");
        const std::string period = text_in(*audit->members, "period_to");
        const bool about_it =
            period.empty() || text_in(evidence, "period_from").empty() || text_in(evidence, "period_from") <= period;
        if (!from.empty() && from < today && about_it && concerns(*audit->members, audit->id, evidence))
            begun.push_back(audit->id);
    }
    return begun;
}

void compute(json& members, const Record* before, const Register& records, const Facts& facts) {
    const std::string content{content_of(members)};
    const bool other = before == nullptr || text_in(*before->members, "form") != text_in(members, "form") ||
                       before->members->value(content, json()) != members.value(content, json());
    if (other) {
        for (const char* member : {"size", "media_type", "proved", "uploaded_after_audits"}) members.erase(member);
        members["uploaded_at"] = evidence::to_string(facts.now);
    }
    members.erase("produced_after_period");
    if (has(members, "produced") && has(members, "period_to") &&
        text_in(members, "produced") > text_in(members, "period_to"))
        members["produced_after_period"] = true;
    // Audits that ask for it by what it says now; that it came late stays said.
    const std::string uploaded = text_in(members, "uploaded_at").substr(0, 10);
    json late = members.value("uploaded_after_audits", json::array());
    for (const json& audit : audits_begun(records, members, uploaded))
        if (std::find(late.begin(), late.end(), audit) == late.end()) late.push_back(audit);
    if (!late.empty()) members["uploaded_after_audits"] = std::move(late);
    if (content == "file" && facts.uploaded_file && !has(members, "media_type")) {
        if (const auto file = facts.uploaded_file(Digest::from_hex(text_in(members, "file")))) {
            members["size"] = file->size;
            members["media_type"] = file->media_type;
        }
    }
    if (content != "entries" || !facts.prove_entry || has(members, "proved")) return;
    for (const std::uint64_t index : entries_in(members)) {
        const ProvedEntry proved = facts.prove_entry(index);
        if (!proved.problem.empty()) continue;  // the rules say which
        json line{
            {"index", index}, {"type", proved.type}, {"digest", proved.digest.hex()}, {"tree_size", proved.tree_size}};
        if (!proved.host.empty()) line["host"] = proved.host;
        members["proved"].push_back(std::move(line));
    }
}

void check_dates(const Draft& draft, const Facts& facts, std::vector<Problem>& problems) {
    const json& after = draft.after;
    const std::string today = day_of(facts.now);
    const auto problem = [&](const char* path, const char* message) { problems.push_back({draft.id, path, message}); };
    for (const char* past : {"produced", "obtained_at"})
        if (text_in(after, past) > today) problem(past, "is still to come");
    check_order(draft, "period_from", "period_to", problems);
    if (has(after, "produced") && has(after, "obtained_at") &&
        text_in(after, "obtained_at") < text_in(after, "produced"))
        problem("obtained_at", "is before it was produced");
}

void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    const json& after = draft.after;
    const auto problem = [&](const std::string& path, std::string message) {
        problems.push_back({draft.id, path, std::move(message)});
    };
    const std::string content{content_of(after)};
    for (const char* one : {"file", "text", "link", "entries"})
        if (one != content && has(after, one)) problem(one, "does not go with the form " + text_in(after, "form"));
    if (!has(after, content))
        problem(content, "is missing: evidence of the form " + text_in(after, "form") + " is there");
    if (!has(after, "records") && !has(after, "requirements"))
        problem("requirements", "is missing: say what it is evidence for, requirements or records");
    check_dates(draft, facts, problems);
    if (content == "link" && !text_in(after, "link").starts_with("https://") &&
        !text_in(after, "link").starts_with("http://"))
        problem("link", "expected an address such as https://…");
    if (content == "file" && has(after, "file") && !has(after, "media_type"))
        problem("file", "no file with this digest was uploaded; upload it first");
    if (content != "entries") return;
    const json none = json::array();
    std::set<std::uint64_t> proved;
    for (const json& line : after.value("proved", none)) proved.insert(line.at("index").get<std::uint64_t>());
    const json& entries = after.value("entries", none);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::string path = "entries[" + std::to_string(i) + "]";
        if (!is_index(entries[i]))
            problem(path, "expected the number of an entry of the log");
        else if (const auto index = entries[i].get<std::uint64_t>(); !proved.contains(index))
            problem(path,
                    facts.prove_entry ? "does not hold: " + facts.prove_entry(index).problem : "could not be verified");
    }
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string today = day_of(facts.now);
    for (const Record* evidence : records.of_kind("evidence")) {
        const json& members = *evidence->members;
        const std::vector<std::string> requirements = texts_in(members, "requirements");
        const auto lacks = [&](const std::string& sentence, const std::string& next) {
            gaps.push_back({8, requirements.empty() ? "7.5" : requirements.front(), evidence->id,
                            "The evidence " + text_in(members, "title") + " " + sentence, next});
        };
        const std::string set = "annexa isms set " + evidence->id;
        if (has(members, "valid_until") && text_in(members, "valid_until") < today)
            lacks("ended on " + text_in(members, "valid_until") + ": nothing newer takes its place.", set + " …");
        if (!has(members, "produced"))
            lacks("does not say when it was produced: nobody knows how old it is.", set + " produced=…");
        if (!has(members, "obtained_from")) lacks("does not say from where it was obtained.", set + " obtained_from=…");
    }
}

/// What was rejected goes on speaking against the control of a row that was deleted since.
std::set<std::string> controls_of(const Register& records, const json& members, policies::Review review) {
    std::set<std::string> controls;
    for (const std::string& requirement : texts_in(members, "requirements"))
        if (is_control_id(requirement)) controls.insert(requirement);
    for (const std::string& id : texts_in(members, "records")) {
        const Record* row = records.find(id);
        const bool gone = row == nullptr || (review == policies::Review::rejected ? row->erased : row->deleted());
        if (!gone && row->kind == "applicability" && is_control_id(text_in(*row->members, "control")))
            controls.insert(text_in(*row->members, "control"));
    }
    return controls;
}

/// An approved piece shows a record of operation; one that was rejected speaks against it; the others are only there.
void add_facts(const Register& records, const Record& record, const json& members, policies::Review review,
               const Approval* judged, policies::StatusInputs& inputs) {
    for (const std::string& control : controls_of(records, members, review)) {
        policies::RecordFact fact;
        fact.control = control;
        fact.kind = policies::RecordKind::operation;
        fact.review = review;
        if (judged != nullptr) {
            fact.reviewed_at = judged->at;
            fact.single_person = judged->single_person;
        }
        if (has(members, "produced"))
            fact.produced_at = evidence::parse_instant(text_in(members, "produced") + "T00:00:00Z");
        fact.valid_until = end_of_day(text_in(members, "valid_until"));
        fact.reference =
            record.id + " version " + std::to_string(judged != nullptr ? judged->version : record.last().version);
        fact.what = text_in(members, "title");
        inputs.facts.push_back(std::move(fact));
    }
}

void inform(const Register& records, Instant, policies::StatusInputs& inputs) {
    for (const Record* record : records.of_kind("evidence")) {
        // A rejection stands until another version is judged, whatever its author writes in between.
        if (const Approval* rejection = record->rejected())
            add_facts(records, *record, *record->rejected_members, policies::Review::rejected, rejection, inputs);
        // What was approved stands while a newer version waits.
        if (const Approval* approved = record->approved()) {
            add_facts(records, *record, *record->approved_members, policies::Review::approved, approved, inputs);
        } else if (record->judged() == nullptr) {
            add_facts(records, *record, *record->members, policies::Review::none, nullptr, inputs);
        }
    }
}

}  // namespace

extern const Kind evidence{.name = "evidence",
                           .plural = "evidence-records",
                           .title = "Evidence",
                           .step = 8,
                           .clauses = "7.5, 9.1",
                           .fields = fields,
                           .key = "",
                           .or_write = Permission::audit,
                           .compute = compute,
                           .rules = rules,
                           .gaps = gaps,
                           .inform = inform};

}  // namespace annexa::store::isms
