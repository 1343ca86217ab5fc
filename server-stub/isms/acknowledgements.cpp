#include "server-stub/isms/acknowledgements.hpp"

#include "evidence/errors.hpp"
#include "server-stub/isms/editing.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

bool is_here(const json& person, const std::string& today) {
    return (!has(person, "left") || text_in(person, "left") >= today) &&
           (!has(person, "joined") || text_in(person, "joined") <= today);
}

bool is_within(std::string unit, const std::string& whole, const Register& records) {
    for (std::set<std::string> seen; !unit.empty() && seen.insert(unit).second;) {
        if (unit == whole) return true;
        const Record* record = records.find(unit);
        unit = record != nullptr && record->members ? text_in(*record->members, "part_of") : "";
    }
    return false;
}

bool binds(const json& document, const Record& person, const Register& records) {
    if (document.contains("binds_everybody") && document.at("binds_everybody").get<bool>()) return true;
    for (const std::string& id : texts_in(document, "audience")) {
        const Record* bound = records.find(id);
        if (bound == nullptr || bound->deleted()) continue;
        if (bound->id == person.id) return true;
        if (bound->kind == "role" && text_in(*bound->members, "holder") == person.id) return true;
        if (bound->kind == "unit" && is_within(text_in(*person.members, "unit"), bound->id, records)) return true;
    }
    return false;
}

/// The person whom the account is of, who is still here.
const Record& person_of(const std::string& account, const Register& records, const std::string& today) {
    for (const Record* person : records.of_kind("person"))
        if (text_in(*person->members, "account") == account && is_here(*person->members, today)) return *person;
    throw evidence::coded_error("conflict",
                                "your account is of no person in the records: ask an administrator for `annexa "
                                "isms set R-… account=" +
                                    account + "`");
}

}  // namespace

bool is_written(const json& members) { return has(members, "text") || has(members, "file_digest"); }

Acknowledgements acknowledgements(const Record& document, const Register& records, const std::string& today) {
    Acknowledgements found;
    if (!document.approved_members) return found;
    std::set<std::string> persons;
    for (const Record* each : records.of_kind("acknowledgement"))
        if (text_in(*each->members, "document") == document.id &&
            each->members->at("version").get<std::uint64_t>() == document.approved()->version &&
            text_in(*each->members, "document_digest") == document.approved()->digest.hex())
            persons.insert(text_in(*each->members, "person"));
    for (const Record* person : records.of_kind("person"))
        if (is_here(*person->members, today) && binds(*document.approved_members, *person, records))
            (persons.contains(person->id) ? found.given : found.lacking).push_back(person->id);
    return found;
}

json acknowledge(const ActionContext& context, const json& input) {
    const std::string today = day_of(context.facts.now);
    const Record& person = person_of(context.facts.account, context.records, today);
    const Approval* approved = context.record.approved();
    if (approved == nullptr)
        throw evidence::coded_error("conflict",
                                    context.record.id + " is not approved: there is nothing to acknowledge yet");
    if (text_in(input, "digest") != approved->digest.hex())
        throw evidence::coded_error("stale", "the digest is not that of the approved version, " +
                                                 std::to_string(approved->version) + "; read it and say so again");
    const json said{{"title", context.record.members->at("title")},
                    {"document", context.record.id},
                    {"version", approved->version},
                    {"document_digest", approved->digest.hex()},
                    {"person", person.id},
                    {"way", "own_account"},
                    {"date", today}};
    context.also.push_back(
        {"acknowledgement", "acknowledgement", std::nullopt, false, std::make_shared<const json>(said)});
    return *context.record.members;
}

}  // namespace annexa::store::isms
