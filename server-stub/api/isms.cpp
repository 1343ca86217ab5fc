// /api/v1/isms: records of the management system, their changes, approvals and erasure; what is missing and what is
// due.
#include "server-stub/api/isms.hpp"

#include "server-stub/api/arguments.hpp"
#include "server-stub/api/decider.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/http/problem.hpp"
#include "server-stub/isms/acting.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

json approval_json(const isms::Approval& approval) {
    return {{"version", approval.version},
            {"digest", approval.digest.hex()},
            {"decision", approval.approved ? "approved" : "rejected"},
            {"by", approval.account},
            {"at", evidence::to_string(approval.at)},
            {"index", approval.index},
            {"single_person", approval.single_person},
            {"note", approval.note}};
}

json version_json(const isms::Version& version) {
    return {{"version", version.version}, {"digest", version.digest.hex()},
            {"by", version.account},      {"at", evidence::to_string(version.at)},
            {"index", version.index},     {"deleted", version.deleted}};
}

json field_json(const isms::Field& field) {
    json members = json::array();
    for (const isms::Field& member : field.members) members.push_back(field_json(member));
    return {{"name", field.name},
            {"description", field.description},
            {"required", field.is(isms::flag::required)},
            {"many", field.is(isms::flag::many)},
            {"computed", field.is(isms::flag::computed)},
            {"type", isms::type_name(field.type)},
            {"choices", std::vector<std::string>(field.choices.begin(), field.choices.end())},
            {"members", std::move(members)}};
}

json fields_json(std::span<const isms::Field> fields) {
    json list = json::array();
    for (const isms::Field& field : fields) list.push_back(field_json(field));
    return list;
}

isms::Register read_register(Server& server, const AsOf& as_of) { return {server.store, server.blobs, as_of}; }

const isms::Record& find_record(const isms::Register& records, const std::string& id) {
    const isms::Record* record = records.find(id);
    if (record == nullptr) throw coded_error("not_found", "there is no record " + id);
    return *record;
}

json applied_json(const std::vector<isms::Applied>& applied) {
    json list = json::array();
    for (const isms::Applied& one : applied)
        list.push_back({{"record", one.record},
                        {"id", one.id},
                        {"kind", one.kind},
                        {"version", one.version},
                        {"created", one.created},
                        {"deleted", one.deleted},
                        {"differences", one.differences}});
    return list;
}

isms::Change read_change(const json& text) {
    if (!text.is_object()) throw coded_error("schema", "changes: expected objects");
    for (const auto& [name, value] : text.items())
        if (name != "record" && name != "kind" && name != "base" && name != "delete" && name != "members")
            throw coded_error("schema", "changes: there is no member " + name);
    isms::Change change;
    change.record = body_text(text, "record");
    change.kind = isms::text_in(text, "kind");
    if (const auto base = text.find("base"); base != text.end() && !base->is_null()) {
        if (!base->is_number_unsigned()) throw coded_error("schema", "changes: base: expected the number of a version");
        change.base = base->get<std::uint64_t>();
    }
    if (const auto deletes = text.find("delete"); deletes != text.end()) {
        if (!deletes->is_boolean()) throw coded_error("schema", "changes: delete: expected true or false");
        change.deletes = deletes->get<bool>();
    }
    if (const auto members = text.find("members"); members != text.end())
        change.members = std::make_shared<const json>(*members);
    return change;
}

}  // namespace

json record_json(const isms::Record& record) {
    const isms::Version& last = record.last();
    const isms::Approval* approved = record.approved();
    const isms::Approval* judged = record.judged();
    return {{"id", record.id},
            {"kind", record.kind},
            {"version", last.version},
            {"digest", last.digest.hex()},
            {"state", record.erased  ? "erased"
                      : last.deleted ? "deleted"
                                     : "current"},
            {"changed_at", evidence::to_string(last.at)},
            {"changed_by", last.account},
            {"index", last.index},
            {"approval", record.approval_state()},
            {"approved", approved != nullptr ? approval_json(*approved) : json(nullptr)},
            {"judged", judged != nullptr ? approval_json(*judged) : json(nullptr)},
            {"members", record.members ? *record.members : json(nullptr)}};
}

json kinds_json() {
    json list = json::array();
    for (const isms::Kind* kind : isms::kinds()) {
        json actions = json::array();
        for (const isms::Action& action : kind->actions)
            actions.push_back(
                {{"name", action.name}, {"description", action.description}, {"input", fields_json(action.input)}});
        list.push_back({{"kind", kind->name},
                        {"plural", kind->plural},
                        {"title", kind->title},
                        {"step", kind->step},
                        {"clauses", kind->clauses},
                        {"key", kind->key},
                        {"single", kind->single},
                        {"approvable", kind->approvable},
                        {"fields", fields_json(isms::all_fields(*kind))},
                        {"actions", std::move(actions)}});
    }
    return {{"kinds", std::move(list)}};
}

Response get_isms_kinds(Server&, const Request&) { return json_answer(kinds_json()); }

Response get_isms_records(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const std::optional<std::string> kind_name = read_text(request, "kind");
    const isms::Kind* kind = kind_name ? isms::find_kind(*kind_name) : nullptr;
    if (kind_name && kind == nullptr)
        throw coded_error("bad_request", "there is no kind of record " + *kind_name + "; see annexa isms kinds");
    const bool deleted = read_text(request, "deleted").value_or("no") == "yes";
    json list = json::array();
    const isms::Register records = read_register(server, as_of);
    for (const auto& [id, record] : records.all())
        if ((kind == nullptr || record.kind == kind->name) && (deleted || !record.deleted()))
            list.push_back(record_json(record));
    return json_answer({{"at", evidence::to_string(as_of.at)}, {"records", std::move(list)}});
}

Response get_isms_record(Server& server, const Request& request) {
    const isms::Register records = read_register(server, read_as_of(server, request));
    const isms::Record& record = find_record(records, request.parameters.at(0));
    json answer = record_json(record);
    json versions = json::array();
    for (const isms::Version& version : record.versions) versions.push_back(version_json(version));
    json approvals = json::array();
    for (const isms::Approval& approval : record.approvals) approvals.push_back(approval_json(approval));
    answer["versions"] = std::move(versions);
    answer["approvals"] = std::move(approvals);
    if (const auto wanted = read_text(request, "version")) {
        const std::uint64_t number = read_number(request, "version", 1, 1, record.versions.size());
        const auto members = isms::read_version(server.blobs, record.versions[number - 1]);
        answer["shown_version"] = number;
        answer["members"] = members ? *members : json(nullptr);
    }
    return json_answer(answer);
}

Response post_isms_changes(Server& server, const Request& request) {
    const json body = read_body(request, {"changes", "dry_run"});
    const auto changes = body.find("changes");
    if (changes == body.end() || !changes->is_array()) throw coded_error("schema", "changes: expected a list");
    bool dry_run = false;
    if (const auto member = body.find("dry_run"); member != body.end()) {
        if (!member->is_boolean()) throw coded_error("schema", "dry_run: expected true or false");
        dry_run = member->get<bool>();
    }
    std::vector<isms::Change> wanted;
    for (const json& change : *changes) wanted.push_back(read_change(change));
    try {
        return json_answer({{"applied", applied_json(isms::apply(decider(server, request), isms_facts(server, request),
                                                                 std::move(wanted), dry_run))},
                            {"dry_run", dry_run}});
    } catch (const isms::refused_changes& refusal) {
        // Every problem with its place, so that an importer can say them row by row.
        json problems = json::array();
        for (const isms::Problem& problem : refusal.problems)
            problems.push_back({{"record", problem.record}, {"path", problem.path}, {"message", problem.message}});
        return problem(refusal.code(), refusal.what(), {{"problems", std::move(problems)}});
    }
}

Response post_isms_approval(Server& server, const Request& request) {
    const json body = read_body(request, {"digest", "decision", "note"});
    const std::string decision = body_text(body, "decision");
    if (decision != "approved" && decision != "rejected")
        throw coded_error("schema", "decision: expected approved or rejected");
    evidence::Digest digest;
    try {
        digest = evidence::Digest::from_hex(body_text(body, "digest"));
    } catch (const evidence::format_error&) {
        throw coded_error("schema", "digest: expected the SHA-256 in hex of the version that you looked at");
    }
    const std::string note = body_optional_text(body, "note").value_or("");
    return json_answer(approval_json(isms::judge(decider(server, request), isms_facts(server, request),
                                                 request.parameters.at(0), digest, decision == "approved", note)),
                       201);
}

Response post_isms_erasure(Server& server, const Request& request) {
    isms::erase(decider(server, request), request.parameters.at(0),
                body_text(read_body(request, {"ground"}), "ground"));
    return json_answer({{"id", request.parameters.at(0)}, {"state", "erased"}});
}

Response post_isms_action(Server& server, const Request& request) {
    const isms::Facts facts = isms_facts(server, request);
    const std::string& id = request.parameters.at(0);
    isms::act(server, decider(server, request), facts, id, request.parameters.at(1),
              request.body.empty() ? json::object() : read_object(request));
    const isms::Register after = read_register(server, {server.clock.now(), std::nullopt});
    return json_answer(record_json(find_record(after, id)));
}

Response get_isms_gaps(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const isms::Facts facts = isms_facts(server, request, as_of.at);
    json list = json::array();
    for (const isms::Gap& gap : isms::gaps(read_register(server, as_of), facts))
        list.push_back({{"step", gap.step},
                        {"clause", gap.clause},
                        {"record", gap.record.empty() ? json(nullptr) : json(gap.record)},
                        {"sentence", gap.sentence},
                        {"next", gap.next}});
    return json_answer({{"at", evidence::to_string(as_of.at)}, {"gaps", std::move(list)}});
}

Response get_isms_due(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const isms::Facts facts = isms_facts(server, request, as_of.at);
    const auto days = static_cast<int>(read_number(request, "days", 30, 0, 3660));
    json list = json::array();
    for (const isms::Due& due : isms::due(read_register(server, as_of), facts, days))
        list.push_back({{"record", due.record},
                        {"title", due.title},
                        {"kind", due.kind},
                        {"owner", due.owner.empty() ? json(nullptr) : json(due.owner)},
                        {"what", due.what},
                        {"date", due.date.empty() ? json(nullptr) : json(due.date)},
                        {"overdue", due.overdue}});
    return json_answer({{"at", evidence::to_string(as_of.at)}, {"due", std::move(list)}});
}

}  // namespace annexa::store
