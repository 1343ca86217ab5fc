// GET /api/v1/isms/soa: the Statement of Applicability. GET /api/v1/isms/soa/differences?from=1.0[&to=1.1]: what
// changed between two issues, or since one.
//
// As it stands now (or `at`); with `number=1.0` as that issue froze it. The answer:
//
//   at             when it was true, RFC 3339
//   organization   its name
//   scope          {"record","version","title"} of the approved scope, or null
//   statement      {"record","version","number","issued_at","digest","approval"} of the last issue (of that asked for),
//   or
//                  null where none was issued; approval: proposed, approved, rejected, older
//   in_force       {"record","version","number","digest","approved_by","approved_at","single_person"}, or null
//   undecided      controls of Annex A of which it is not decided whether they apply
//   single_person  something that this rests on was asked for and approved by one person
//   rows           the 93 of Annex A in the catalogue's order, then one's own by id; each with
//
//     control title theme            "A.5.1", its title; organizational, people, physical, technological or own
//     own                            true of one's own control
//     record version                 of the row's record; null where nothing is decided
//     description                    of one's own control, else null
//     applicable                     true, false or null (undecided)
//     ground                         list of risk, obligation, good_practice
//     justification exclusion        texts or null
//     implementation                 not, planned, partly, fully or null
//     how planned_until next_review  text, date, date; or null
//     owner owner_name               id of a person or role and its name, or null
//     based_on                       [{"id","kind","title"}] risks, treatments, obligations
//     links                          [{"id","kind","title","as"}] other records
//     evidence                       [{"id","kind","title","form","produced","period_from","period_to","valid_until",
//                                    "approval"}], the newest first
//     newest_evidence                day when the newest approved piece was produced, or null
//     indication                     {"status","sentence","operation","coverage":{"fresh","late","in_scope"},"records",
//                                    "rule","single_person"}, the three legs; null for one's own control
//     conclusion                     the newest of conclusions, or null
//     conclusions                    [{"id","version","value","reason","date","period_from","period_to","by"}]
//     waivers                        [{"id","check","reason","until","single_person"}] in force
//
// What an issue froze has no reasons of conclusions and waivers: these stand in their own records.
//
// differences: {"from","to","differences":[{"control","member","from","to"}]}; `to` is "now" where it is not given.
#include "server-stub/isms/soa.hpp"

#include "evidence/errors.hpp"
#include "server-stub/api/arguments.hpp"
#include "server-stub/api/routes.hpp"
#include "server-stub/isms/treatments.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store {
namespace {

using evidence::coded_error;
using nlohmann::json;

const isms::Record* statement_record(const isms::Register& records) {
    const std::vector<const isms::Record*> found = records.of_kind("statement");
    return found.empty() ? nullptr : found.front();
}

/// The frozen sheet of an issue, by its number. Throws coded_error `not_found`.
json issue_sheet(const Server& server, const isms::Register& records, const std::string& number) {
    const isms::Record* statement = statement_record(records);
    if (statement != nullptr && statement->members->contains("issues"))
        for (const json& issue : statement->members->at("issues"))
            if (isms::text_in(issue, "number") == number) {
                const auto bytes = server.blobs.get(Digest::from_hex(isms::text_in(issue, "digest")));
                if (!bytes) throw coded_error("not_found", "the rows of the issue " + number + " were erased");
                return json::parse(*bytes);
            }
    throw coded_error("not_found", "no Statement of Applicability " + number + " was issued");
}

json scope_json(const isms::Register& records) {
    for (const isms::Record* scope : records.of_kind("scope"))
        if (const isms::Approval* approved = scope->approved())
            return {{"record", scope->id},
                    {"version", approved->version},
                    {"title", isms::text_in(*scope->members, "title")}};
    return nullptr;
}

json in_force_json(const std::optional<isms::StatementInForce>& in_force) {
    if (!in_force) return nullptr;
    return {{"record", in_force->record},
            {"version", in_force->version},
            {"number", in_force->number},
            {"digest", in_force->digest.hex()},
            {"approved_by", in_force->approval.account},
            {"approved_at", evidence::to_string(in_force->approval.at)},
            {"single_person", in_force->approval.single_person}};
}

json last_issue_json(const isms::Record* statement) {
    if (statement == nullptr || !isms::has(*statement->members, "digest")) return nullptr;
    const json& members = *statement->members;
    return {{"record", statement->id},        {"version", statement->last().version},
            {"number", members.at("number")}, {"issued_at", members.at("issued_at")},
            {"digest", members.at("digest")}, {"approval", statement->approval_state()}};
}

bool one_person(const json& rows) {
    return std::any_of(rows.begin(), rows.end(), [](const json& row) {
        const auto alone = [](const json& one) { return one.is_object() && one.value("single_person", false); };
        return alone(row.at("indication")) || std::any_of(row.at("waivers").begin(), row.at("waivers").end(), alone);
    });
}

json sheet_now(Server& server, const isms::Register& records, const AsOf& as_of) {
    json rows = isms::current_rows(server, records, as_of);
    const auto undecided = std::count_if(rows.begin(), rows.end(), [](const json& row) {
        return row.at("applicable").is_null() && !row.at("own").get<bool>();
    });
    return {{"at", evidence::to_string(as_of.at)},
            {"organization", server.store.setting("organization").value_or("")},
            {"scope", scope_json(records)},
            {"statement", last_issue_json(statement_record(records))},
            {"undecided", undecided},
            {"rows", std::move(rows)}};
}

/// An issue as it was frozen, in the same shape.
json sheet_of_issue(const Server& server, const isms::Register& records, const std::string& number) {
    const json frozen = issue_sheet(server, records, number);
    const isms::Record* statement = statement_record(records);
    json scope = nullptr;
    if (frozen.at("scope").is_string()) {
        const std::string id = frozen.at("scope").get<std::string>();
        scope = {{"record", id}, {"version", frozen.at("scope_version")}, {"title", isms::name_of(records, id)}};
    }
    json last = last_issue_json(statement);
    json issue{{"record", statement->id},      {"version", nullptr}, {"number", number},
               {"issued_at", frozen.at("at")}, {"digest", nullptr},  {"approval", "older"}};
    for (const json& one : statement->members->at("issues"))
        if (one.at("number") == number) issue["digest"] = one.at("digest");
    return {{"at", frozen.at("at")},
            {"organization", frozen.at("organization")},
            {"scope", std::move(scope)},
            {"statement", last.is_object() && last.at("number") == number ? std::move(last) : std::move(issue)},
            {"undecided", frozen.at("undecided")},
            {"rows", frozen.at("rows")}};
}

}  // namespace

Response get_soa(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const isms::Register records{server.store, server.blobs, as_of};
    const auto number = read_text(request, "number");
    json answer = number ? sheet_of_issue(server, records, *number) : sheet_now(server, records, as_of);
    const auto in_force = isms::statement_in_force(records);
    isms::name_rows(answer.at("rows"), records);
    answer["single_person"] = one_person(answer.at("rows")) || (in_force && in_force->approval.single_person);
    answer["in_force"] = in_force_json(in_force);
    return json_answer(answer);
}

Response get_soa_differences(Server& server, const Request& request) {
    const AsOf as_of = read_as_of(server, request);
    const isms::Register records{server.store, server.blobs, as_of};
    const auto from = read_text(request, "from");
    const auto to = read_text(request, "to");
    if (!from) throw coded_error("bad_request", "from: say the number of an issue, such as 1.0");
    const json before = issue_sheet(server, records, *from).at("rows");
    const json after = to ? issue_sheet(server, records, *to).at("rows") : isms::sheet_rows(records, {});
    return json_answer({{"from", *from},
                        {"to", to ? json(*to) : json("now")},
                        {"differences", isms::sheet_differences(before, after)}});
}

}  // namespace annexa::store
