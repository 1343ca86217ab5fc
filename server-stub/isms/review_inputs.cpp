#include "server-stub/isms/review_inputs.hpp"

#include "evidence/instant.hpp"
#include "policies/control_status.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/evaluation/status_report.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/mending.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr int trend_points = 4;  // beside now

/// Kinds whose records may be of people: frozen by id, so that erasing them leaves no name behind.
constexpr std::string_view of_people[] = {"party", "person", "role", "supplier"};

/// What a list needs of a record: no long texts, which are read where they stand, and no line that may name somebody.
json summary(const Record& record) {
    json members = json::object();
    const Kind* kind = find_kind(record.kind);
    const bool names_people = std::find(std::begin(of_people), std::end(of_people), record.kind) != std::end(of_people);
    for (const Field& field : kind != nullptr ? all_fields(*kind) : std::vector<Field>{}) {
        if (field.type == FieldType::text || field.type == FieldType::group) continue;
        if (names_people && field.type == FieldType::line) continue;
        if (const auto found = record.members->find(field.name); found != record.members->end())
            members[std::string{field.name}] = *found;
    }
    return {{"record", record.id},
            {"kind", record.kind},
            {"version", record.last().version},
            {"approval", record.approval_state()},
            {"members", std::move(members)}};
}

std::string_view action_state(const json& action) {
    return action_closed(action) ? "done" : text_in(action, "state") == "cancelled" ? "cancelled" : "open";
}

class Gathering {
  public:
    Gathering(const ActionContext& context, Instant as_of)
        : server_{context.server},
          review_{context.record},
          as_of_{as_of},
          from_day_{looks_back_from(context.records, context.record)},
          from_{evidence::parse_instant(from_day_ + "T00:00:00Z")},
          now_{server_.store, server_.blobs, {as_of, std::nullopt}},
          then_{server_.store, server_.blobs, {from_, std::nullopt}} {}

    json gather() {
        const json& said = *review_.members;
        return {{"document", "review_inputs"},
                {"review", review_.id},
                {"as_of", evidence::to_string(as_of_)},
                {"looks_back_from", from_day_},
                {"a", {{"earlier_decisions", earlier_decisions()}}},
                {"b", {{"said", text_in(said, "issue_changes")}, {"changes", changes({"issue"})}}},
                {"c", {{"said", text_in(said, "party_changes")}, {"changes", changes({"party", "obligation"})}}},
                {"d",
                 {{"nonconformities", nonconformities()},
                  {"monitoring", monitoring()},
                  {"audits", audits()},
                  {"objectives", all_of({"objective"})}}},
                {"e", {{"said", text_in(said, "feedback")}, {"complaints", complaints()}}},
                {"f",
                 {{"assessments", all_of({"assessment"})},
                  {"risks", all_of({"risk"})},
                  {"treatments", all_of({"treatment", "plan"})},
                  {"actions", actions()}}},
                {"g",
                 {{"said", text_in(said, "opportunities")},
                  {"improvements", all_of({"improvement"})},
                  {"found_by_audits", opportunities()}}}};
    }

  private:
    json all_of(std::initializer_list<std::string_view> kinds) const {
        json list = json::array();
        for (const std::string_view kind : kinds)
            for (const Record* record : now_.of_kind(kind)) list.push_back(summary(*record));
        return list;
    }

    /// Records of these kinds that are new, other than they were, or gone.
    json changes(std::initializer_list<std::string_view> kinds) const {
        json list = json::array();
        for (const std::string_view kind : kinds) {
            for (const Record* record : now_.of_kind(kind)) {
                const Record* before = then_.find(record->id);
                if (before != nullptr && before->last().version == record->last().version) continue;
                list.push_back(summary(*record));
                list.back()["change"] = before == nullptr ? "new" : "changed";
            }
            for (const Record* before : then_.of_kind(kind)) {
                const Record* record = now_.find(before->id);
                if (record != nullptr && record->erased) continue;
                if (record != nullptr && !record->deleted()) continue;
                list.push_back(summary(*before));
                list.back()["change"] = "deleted";
            }
        }
        return list;
    }

    json earlier_decisions() const {
        json list = json::array();
        for (const Record* review : now_.of_kind("review")) {
            if (review->id == review_.id || !review->members->contains("minutes")) continue;
            const auto decisions = review->members->find("decisions");
            if (decisions == review->members->end()) continue;
            for (const json& decision : *decisions) {
                json entry{{"review", review->id},
                           {"held_on", text_in(*review->members, "held_on")},
                           {"decision", text_in(decision, "decision")},
                           {"actions", json::array()}};
                for (const std::string& id : texts_in(decision, "actions")) {
                    const Record* action = now_.find(id);
                    if (action == nullptr || action->deleted()) {
                        entry["actions"].push_back({{"record", id}, {"state", "deleted"}});
                        continue;
                    }
                    entry["actions"].push_back(summary(*action));
                    entry["actions"].back()["state"] = action_state(*action->members);
                }
                list.push_back(std::move(entry));
            }
        }
        return list;
    }

    [[nodiscard]] static json life_of(const Record& record) {
        const json& members = *record.members;
        json entry = summary(record);
        entry["state"] = effective(members)               ? "effective"
                         : members.contains("closed")     ? "closed"
                         : members.contains("plan")       ? "planned"
                         : members.contains("cause")      ? "analysed"
                         : members.contains("correction") ? "corrected"
                                                          : "open";
        return entry;
    }

    json nonconformities() const {
        json list = json::array();
        std::size_t open = 0;
        std::size_t raised = 0;
        std::size_t closed = 0;
        for (const Record* record : now_.of_kind("nonconformity")) {
            const Record* before = then_.find(record->id);
            const bool was_closed = before != nullptr && !before->erased && before->members->contains("closed");
            const bool is_closed = record->members->contains("closed");
            if (before == nullptr) ++raised;
            if (!is_closed) ++open;
            if (is_closed && !was_closed) ++closed;
            list.push_back(life_of(*record));
        }
        std::size_t open_then = 0;
        for (const Record* record : then_.of_kind("nonconformity"))
            if (!record->members->contains("closed")) ++open_then;
        return {{"open", open},
                {"open_before", open_then},
                {"raised", raised},
                {"closed", closed},
                {"records", std::move(list)}};
    }

    json status_counts(Instant at, json* controls) const {
        const StatusReport report =
            status_report(server_.store, server_.blobs, server_.evaluation.rule_books(), {at, std::nullopt});
        std::map<std::string, std::size_t> counts;
        for (const policies::ControlStatus& control : report.controls) {
            ++counts[std::string{policies::name(control.status)}];
            if (controls != nullptr)
                (*controls)[control.control->id] = {{"status", policies::name(control.status)},
                                                    {"operation", policies::name(control.operation)},
                                                    {"sentence", control.sentence}};
        }
        return {{"at", evidence::to_string(at)}, {"hosts_in_scope", report.hosts.size()}, {"controls", counts}};
    }

    /// The status of all controls on some days of the period, and of each at its ends.
    json monitoring() const {
        server_.evaluation.catch_up();
        json trend = json::array();
        json before = json::object();
        json now = json::object();
        for (int point = 0; point < trend_points; ++point)
            trend.push_back(
                status_counts(from_ + (as_of_ - from_) * point / trend_points, point == 0 ? &before : nullptr));
        trend.push_back(status_counts(as_of_, &now));
        json controls = json::array();
        for (const auto& [id, status] : now.items())
            controls.push_back({{"control", id},
                                {"status", status.at("status")},
                                {"sentence", status.at("sentence")},
                                {"operation", status.at("operation")},
                                {"status_before", before.at(id).at("status")},
                                {"operation_before", before.at(id).at("operation")}});
        return {{"trend", std::move(trend)}, {"controls", std::move(controls)}};
    }

    json audits() const {
        json list = json::array();
        for (const Record* audit : now_.of_kind("audit")) {
            json entry = summary(*audit);
            std::map<std::string, std::size_t> counts;
            if (const auto results = audit->members->find("results"); results != audit->members->end())
                for (const json& result : *results) ++counts[text_in(result, "result")];
            entry["results"] = counts;
            entry["state"] = signed_off(*audit, "report")         ? "signed_off"
                             : audit->members->contains("report") ? "reported"
                             : has(*audit->members, "cancelled")  ? "cancelled"
                                                                  : "planned";
            if (audit->members->contains("report")) entry["report"] = audit->members->at("report").at("digest");
            list.push_back(std::move(entry));
        }
        return list;
    }

    json complaints() const {
        json list = json::array();
        for (const Record* record : now_.of_kind("nonconformity"))
            if (text_in(*record->members, "source") == "complaint") list.push_back(life_of(*record));
        return list;
    }

    json opportunities() const {
        json list = json::array();
        for (const Record* audit : now_.of_kind("audit")) {
            const auto results = audit->members->find("results");
            if (results == audit->members->end() || !audit->members->contains("report")) continue;
            for (const json& result : *results)
                if (text_in(result, "result") == "opportunity")
                    list.push_back({{"audit", audit->id},
                                    {"requirement", text_in(result, "requirement")},
                                    {"facts", text_in(result, "facts")}});
        }
        return list;
    }

    json actions() const {
        json list = json::array();
        for (const Record* action : now_.of_kind("action")) {
            list.push_back(summary(*action));
            list.back()["state"] = action_state(*action->members);
        }
        return list;
    }

    Server& server_;
    const Record& review_;
    Instant as_of_;
    std::string from_day_;
    Instant from_;
    Register now_;
    Register then_;
};

}  // namespace

std::string looks_back_from(const Register& records, const Record& review) {
    const json& members = *review.members;
    if (has(members, "period_from")) return text_in(members, "period_from");
    const std::string own = text_in(members, "held_on");
    std::string last;
    for (const Record* other : records.of_kind("review"))
        if (const std::string day = text_in(*other->members, "held_on"); other->id != review.id && day < own)
            last = std::max(last, day);
    if (!last.empty()) return last;
    return day_of(evidence::parse_instant(own + "T00:00:00Z") - std::chrono::days{365});
}

json review_inputs(const ActionContext& context, Instant as_of) { return Gathering{context, as_of}.gather(); }

}  // namespace annexa::store::isms
