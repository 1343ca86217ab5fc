#include "server-stub/isms/soa.hpp"

#include "policies/catalogue.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "server-stub/isms/controls.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view decided_members[] = {"applicable",    "ground",         "justification",
                                                "exclusion",     "implementation", "how",
                                                "planned_until", "owner",          "based_on"};

json member(const json& members, std::string_view name, json otherwise = nullptr) {
    const auto found = members.find(name);
    return found != members.end() ? *found : std::move(otherwise);
}

/// Pieces of evidence for a control, the newest first; and the day of the newest that is approved.
void add_evidence(json& row, const Register& records, const std::string& control, const Record* decision) {
    struct Piece {
        const Record* record;
        std::string day;
    };
    std::vector<Piece> pieces;
    for (const Record* evidence : records.of_kind("evidence")) {
        const std::vector<std::string> requirements = texts_in(*evidence->members, "requirements");
        const std::vector<std::string> about = texts_in(*evidence->members, "records");
        if (std::find(requirements.begin(), requirements.end(), control) != requirements.end() ||
            (decision != nullptr && std::find(about.begin(), about.end(), decision->id) != about.end()))
            pieces.push_back({evidence, text_in(*evidence->members, "produced")});
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& left, const Piece& right) { return left.day > right.day; });
    row["evidence"] = json::array();
    row["newest_evidence"] = nullptr;
    for (const Piece& piece : pieces) {
        const json& members = *piece.record->members;
        row["evidence"].push_back({{"id", piece.record->id},
                                   {"form", member(members, "form")},
                                   {"produced", member(members, "produced")},
                                   {"period_from", member(members, "period_from")},
                                   {"period_to", member(members, "period_to")},
                                   {"valid_until", member(members, "valid_until")},
                                   {"approval", piece.record->approval_state()}});
        if (row["newest_evidence"].is_null() && piece.record->approval_state() == "approved" && !piece.day.empty())
            row["newest_evidence"] = piece.day;
    }
}

void add_conclusions(json& row, const Register& records, const std::string& control) {
    std::vector<const Record*> found;
    for (const Record* conclusion : records.of_kind("conclusion"))
        if (text_in(*conclusion->members, "requirement") == control) found.push_back(conclusion);
    std::stable_sort(found.begin(), found.end(), [](const Record* left, const Record* right) {
        return text_in(*left->members, "date") > text_in(*right->members, "date");
    });
    json list = json::array();
    for (const Record* conclusion : found) {
        const json& members = *conclusion->members;
        list.push_back({{"id", conclusion->id},
                        {"version", conclusion->last().version},
                        {"value", member(members, "value")},
                        {"reason", member(members, "reason")},
                        {"date", member(members, "date")},
                        {"period_from", member(members, "period_from")},
                        {"period_to", member(members, "period_to")},
                        {"by", conclusion->last().account}});
    }
    row["conclusion"] = list.empty() ? json(nullptr) : list.front();
    row["conclusions"] = std::move(list);
}

json indication_json(const policies::ControlStatus& status) {
    return {
        {"status", policies::name(status.status)},
        {"sentence", status.sentence},
        {"operation", policies::name(status.operation)},
        {"coverage",
         {{"fresh", status.coverage.fresh}, {"late", status.coverage.late}, {"in_scope", status.coverage.in_scope}}},
        {"records", policies::name(status.records)},
        {"rule", policies::name(status.rule)},
        {"single_person", status.single_person}};
}

/// Waivers in force of checks that speak for the control.
json waivers_json(const policies::ControlStatus& status, const SheetSources& sources) {
    json list = json::array();
    if (sources.waivers == nullptr) return list;
    for (const WaiverView& view : *sources.waivers) {
        const policies::Waiver& waiver = view.waiver;
        const bool names =
            std::any_of(status.checks.begin(), status.checks.end(),
                        [&](const policies::CheckCounts& counts) { return counts.check->id == waiver.check; });
        if (!names || view.decision != "approved" || waiver.until <= status.at) continue;
        list.push_back({{"id", waiver.id},
                        {"check", waiver.check},
                        {"reason", waiver.reason},
                        {"until", evidence::to_string(waiver.until)},
                        {"single_person", view.single_person}});
    }
    return list;
}

json row_json(const Register& records, const std::string& control, const std::string& title, const std::string& theme,
              const Record* decision, const policies::ControlStatus* status, const SheetSources& sources) {
    const json none = json::object();
    const json& members = decision != nullptr ? *decision->members : none;
    json row{{"control", control},
             {"title", title},
             {"theme", theme},
             {"own", theme == "own"},
             {"record", decision != nullptr ? json(decision->id) : json(nullptr)},
             {"version", decision != nullptr ? json(decision->last().version) : json(nullptr)},
             {"links", json::array()},
             {"next_review", member(members, "next_review")},
             {"description", member(members, "description")}};
    for (const std::string_view name : decided_members) row[std::string{name}] = member(members, name);
    for (const char* list : {"ground", "based_on"})
        if (row.at(list).is_null()) row[list] = json::array();
    json based_on = json::array();
    for (const json& id : row.at("based_on")) based_on.push_back({{"id", id}});
    row["based_on"] = std::move(based_on);
    if (const auto links = members.find("links"); links != members.end())
        for (const json& link : *links) row["links"].push_back({{"id", link.at("to")}, {"as", member(link, "as")}});
    add_evidence(row, records, control, decision);
    add_conclusions(row, records, control);
    row["indication"] = status != nullptr ? indication_json(*status) : json(nullptr);
    row["waivers"] = status != nullptr ? waivers_json(*status, sources) : json::array();
    return row;
}

}  // namespace

json sheet_rows(const Register& records, const SheetSources& sources) {
    std::map<std::string, const Record*> decisions;
    for (const Record* row : records.of_kind("applicability"))
        decisions.emplace(text_in(*row->members, "control"), row);
    json rows = json::array();
    for (const policies::Control& control : policies::annex_a()) {
        const policies::ControlStatus* status = nullptr;
        if (sources.report != nullptr)
            for (const policies::ControlStatus& one : sources.report->controls)
                if (one.control->id == control.id) status = &one;
        const auto decision = decisions.find(control.id);
        rows.push_back(row_json(records, control.id, control.title, control.theme,
                                decision != decisions.end() ? decision->second : nullptr, status, sources));
        if (decision != decisions.end()) decisions.erase(decision);
    }
    for (const auto& [control, decision] : decisions)
        rows.push_back(
            row_json(records, control, text_in(*decision->members, "title"), "own", decision, nullptr, sources));
    return rows;
}

json current_rows(Server& server, const Register& records, const AsOf& as_of) {
    server.evaluation.catch_up();
    const StatusReport report = status_report(server.store, server.blobs, server.evaluation.rule_books(), as_of,
                                              status_inputs(records, as_of.at));
    const std::vector<WaiverView> waivers = read_waivers(server.store, server.blobs, as_of);
    return sheet_rows(records, {&report, &waivers});
}

void name_rows(json& rows, const Register& records) {
    const auto title = [&](const json& id) { return json(name_of(records, id.get<std::string>())); };
    for (json& row : rows) {
        row["owner_name"] = row.at("owner").is_string() ? title(row.at("owner")) : json(nullptr);
        for (const char* list : {"based_on", "links", "evidence"}) {
            for (json& one : row.at(list)) {
                const Record* record = records.find(one.at("id").get<std::string>());
                one["title"] = title(one.at("id"));
                one["kind"] = record != nullptr ? json(record->kind) : json(nullptr);
            }
        }
    }
}

json sheet_differences(const json& before, const json& after) {
    const auto by_control = [](const json& rows) {
        std::map<std::string, const json*> found;
        for (const json& row : rows) found.emplace(text_in(row, "control"), &row);
        return found;
    };
    const auto earlier = by_control(before);
    const auto later = by_control(after);
    json lines = json::array();
    const auto add = [&](const std::string& control, std::string_view name, json from, json to) {
        lines.push_back({{"control", control}, {"member", name}, {"from", std::move(from)}, {"to", std::move(to)}});
    };
    for (const auto& [control, row] : later) {
        const auto was = earlier.find(control);
        if (was == earlier.end()) {
            add(control, "control", nullptr, control);
            continue;
        }
        for (const std::string_view name : decided_members) {
            json from = member(*was->second, name);
            json to = member(*row, name);
            for (json* list : {&from, &to})  // titles beside ids are no decision
                if (list->is_array())
                    for (json& one : *list)
                        if (one.is_object()) one = json(one.at("id"));
            if (from != to) add(control, name, std::move(from), std::move(to));
        }
    }
    for (const auto& [control, row] : earlier)
        if (!later.contains(control)) add(control, "control", control, nullptr);
    return lines;
}

std::optional<StatementInForce> statement_in_force(const Register& records) {
    for (const Record* statement : records.of_kind("statement")) {
        if (!statement->approved_members || !has(*statement->approved_members, "digest")) continue;
        const json& members = *statement->approved_members;
        const Approval& approved = *statement->approved();
        StatementInForce in_force;
        in_force.record = statement->id;
        in_force.version = approved.version;
        in_force.number = text_in(members, "number");
        in_force.digest = Digest::from_hex(text_in(members, "digest"));
        in_force.excluded = texts_in(members, "excluded");
        in_force.approval = approved;
        return in_force;
    }
    return std::nullopt;
}

}  // namespace annexa::store::isms
