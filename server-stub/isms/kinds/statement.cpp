// The Statement of Applicability: issuing freezes all rows as a numbered version, approving puts that in force. What
// the approved one excludes is excluded in the status of controls; what is only drafted excludes nothing.
#include "policies/catalogue.hpp"
#include "policies/status_inputs.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/isms/documents.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/risk_level.hpp"
#include "server-stub/isms/soa.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::string_view scopes[] = {"scope"};
constexpr std::string_view steps[] = {"minor", "major"};
constexpr Field difference_fields[] = {
    {"control", FieldType::line, "The control", flag::required},
    {"member", FieldType::line, "What differs", flag::required},
};
constexpr Field issue_fields[] = {
    {"number", FieldType::line, "Its number: 1.0, 1.1, …", flag::required},
    {"at", FieldType::instant, "When it was issued", flag::required},
    {"by", FieldType::account, "Who issued it", flag::required},
    {"digest", FieldType::digest, "The frozen rows: /api/v1/blobs/DIGEST", flag::required | flag::frozen},
};
constexpr Field fields[] = {
    {"remarks", FieldType::text, "What a reader should know of this version"},
    {"number", FieldType::line, "Number of the last issue", flag::computed},
    {"digest", FieldType::digest, "Its frozen rows: /api/v1/blobs/DIGEST", flag::computed | flag::frozen},
    {"issued_at", FieldType::instant, "When it was issued", flag::computed},
    {"organization", FieldType::line, "Whose it is", flag::computed},
    {"scope", FieldType::record, "The scope that it is of", flag::computed, scopes},
    {"scope_version", FieldType::integer, "The version of that scope that is approved", flag::computed},
    {"applicable", FieldType::integer, "How many controls apply", flag::computed},
    {"undecided", FieldType::integer, "How many controls of Annex A are not decided", flag::computed},
    {"excluded", FieldType::control, "Controls of Annex A that it excludes", flag::computed | flag::many},
    {"differences",
     FieldType::group,
     "What changed since the issue before",
     flag::computed | flag::many,
     {},
     difference_fields},
    {"issues", FieldType::group, "All issues", flag::computed | flag::many, {}, issue_fields},
};

std::pair<unsigned, unsigned> parse_number(const std::string& number) {
    const std::size_t dot = number.find('.');
    unsigned major = 0, minor = 0;
    if (dot == std::string::npos) return {0, 0};
    std::from_chars(number.data(), number.data() + dot, major);
    std::from_chars(number.data() + dot + 1, number.data() + number.size(), minor);
    return {major, minor};
}

/// 1.0 is the first; a minor issue adds to the second number, a major one to the first.
std::string next_number(const json& members, bool major) {
    if (!has(members, "number")) return "1.0";
    const auto [first, second] = parse_number(text_in(members, "number"));
    return major ? std::to_string(first + 1) + ".0" : std::to_string(first) + "." + std::to_string(second + 1);
}

/// Reasons stand in the records that they are of, and go when these are erased.
json frozen_rows(const ActionContext& context) {
    json rows = current_rows(context.server, context.records, {context.facts.now, std::nullopt});
    for (json& row : rows) {
        if (row.at("conclusion").is_object()) row["conclusion"].erase("reason");
        for (const char* list : {"conclusions", "waivers"})
            for (json& one : row.at(list)) one.erase("reason");
    }
    return rows;
}

json issue(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    json rows = frozen_rows(context);
    const Record* scope = nullptr;
    for (const Record* each : context.records.of_kind("scope"))
        if (each->approved() != nullptr) scope = each;
    json excluded = json::array();
    std::int64_t applicable = 0, undecided = 0;
    for (const json& row : rows) {
        const json& applies = row.at("applicable");
        if (applies.is_null()) undecided += row.at("own").get<bool>() ? 0 : 1;
        if (applies == true) ++applicable;
        if (applies == false && !row.at("own").get<bool>()) excluded.push_back(row.at("control"));
    }
    const std::optional<std::string> earlier =
        has(members, "digest") ? context.by.blobs.get(Digest::from_hex(text_in(members, "digest"))) : std::nullopt;
    json differences = json::array();
    if (earlier)
        for (const json& line : sheet_differences(json::parse(*earlier).at("rows"), rows))
            differences.push_back({{"control", line.at("control")}, {"member", line.at("member")}});
    if (earlier && differences.empty() && text_in(input, "step") != "major")
        throw coded_error("conflict", "nothing has changed since the issue " + text_in(members, "number"));
    members["number"] = next_number(members, text_in(input, "step") == "major");
    members["issued_at"] = evidence::to_string(context.facts.now);
    members["organization"] = context.server.store.setting("organization").value_or("");
    members.erase("scope");
    members.erase("scope_version");
    if (scope != nullptr) {
        members["scope"] = scope->id;
        members["scope_version"] = scope->approved()->version;
    }
    members["applicable"] = applicable;
    members["undecided"] = undecided;
    members["excluded"] = std::move(excluded);
    members["differences"] = std::move(differences);
    const Digest digest = context.documents.put_salted({{"statement", context.record.id},
                                                        {"number", members.at("number")},
                                                        {"at", members.at("issued_at")},
                                                        {"organization", members.at("organization")},
                                                        {"scope", members.value("scope", json())},
                                                        {"scope_version", members.value("scope_version", json())},
                                                        {"undecided", undecided},
                                                        {"rows", std::move(rows)}});
    members["digest"] = digest.hex();
    members["issues"].push_back({{"number", members.at("number")},
                                 {"at", members.at("issued_at")},
                                 {"by", context.by.session.account},
                                 {"digest", digest.hex()}});
    return members;
}

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* statement : records.of_kind("statement")) {
        const json& members = *statement->members;
        const auto lacks = [&](const std::string& sentence, const std::string& next) {
            gaps.push_back({8, "6.1.3 d", statement->id, sentence, next});
        };
        const std::string issue_next = "annexa isms act " + statement->id + " issue";
        if (!has(members, "digest")) {
            lacks("The Statement of Applicability was never issued.", issue_next);
            continue;
        }
        const std::string number = text_in(members, "number");
        if (statement->approval_state() != "approved")
            lacks("The Statement of Applicability " + number + " is not approved" +
                      (statement->approved() != nullptr ? "; an older one is in force." : "."),
                  "annexa isms approve " + statement->id);
        if (const auto undecided = number_in(members, "undecided").value_or(0); undecided != 0)
            lacks("The Statement of Applicability " + number + " leaves " + std::to_string(undecided) +
                      " controls undecided.",
                  issue_next);
        const Instant at = evidence::parse_instant(text_in(members, "issued_at"));
        const std::vector<const Record*> rows = records.of_kind("applicability");
        const auto newer =
            std::count_if(rows.begin(), rows.end(), [&](const Record* row) { return row->last().at > at; });
        if (newer != 0)
            lacks(std::to_string(newer) + (newer == 1 ? " row has" : " rows have") +
                      " changed since the Statement of Applicability " + number + " was issued.",
                  issue_next);
    }
}

void inform(const Register& records, Instant, policies::StatusInputs& inputs) {
    const auto in_force = statement_in_force(records);
    if (!in_force) return;
    inputs.exclusions.controls.insert(in_force->excluded.begin(), in_force->excluded.end());
    inputs.exclusions.reference = in_force->record + " version " + std::to_string(in_force->version) +
                                  " (Statement of Applicability " + in_force->number + ")";
}

constexpr Field issue_input[] = {
    {"step", FieldType::choice, "How much has changed; absent: minor", 0, steps},
};
constexpr Action actions[] = {
    {"issue", "Freeze all rows as the next numbered version, to be approved", Permission::edit, issue_input, issue},
};

/// A second Statement would count from 1.0 again.
std::string_view stays(const json& members) {
    return members.contains("issues") ? "a Statement that was issued stays; issue the next" : "";
}

}  // namespace

extern const Kind statement{.name = "statement",
                            .plural = "statements",
                            .title = "Statement of Applicability",
                            .step = 8,
                            .clauses = "6.1.3 d",
                            .fields = fields,
                            .missing = "There is no Statement of Applicability.",
                            .single = true,
                            .stays = stays,
                            .gaps = gaps,
                            .inform = inform,
                            .actions = actions};

}  // namespace annexa::store::isms
