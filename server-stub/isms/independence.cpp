#include "server-stub/isms/independence.hpp"

#include "server-stub/isms/coverage.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/storage/store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::chrono::days looked_back{365};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char each) { return each < 0x80 ? static_cast<char>(std::tolower(each)) : each; });
    return text;
}

/// The person and the roles that the person holds: owner of a record is one of these.
std::set<std::string> hats_of(const Register& records, const std::string& person) {
    std::set<std::string> hats{person};
    for (const Record* role : records.of_kind("role"))
        if (text_in(*role->members, "holder") == person) hats.insert(role->id);
    return hats;
}

/// Records that are about people or about auditing itself: owning one of these is no conflict.
bool is_aside(const Record& record) {
    constexpr std::string_view aside[] = {"person", "role", "audit", "audit_programme", "nonconformity"};
    return std::find(std::begin(aside), std::end(aside), record.kind) != std::end(aside);
}

/// The audited things that a record names, in its own order.
std::vector<std::string> audited_in(const Record& record, const std::set<std::string>& requirements,
                                    const std::set<std::string>& hosts, bool every_host) {
    std::vector<std::string> found;
    const Kind* kind = find_kind(record.kind);
    if (kind == nullptr) return found;
    const auto requirement = [&](const std::string& named) {
        const std::string one[] = {named};
        for (const std::string& each : requirements_named(one))
            if (requirements.contains(each)) return found.push_back(named);
    };
    each_value(*record.members, all_fields(*kind), [&](const Field& field, const json& value, const std::string&) {
        if (!value.is_string()) return;
        const std::string text = value.get<std::string>();
        if (field.type == FieldType::control || field.type == FieldType::requirement ||
            (field.name == "control" && is_control_id(text)))
            requirement(text);
        else if (field.type == FieldType::host && (every_host || hosts.contains(text)))
            found.push_back("host " + text);
    });
    return found;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// What a person is called, by any of the names that a host's tag may use.
std::set<std::string> names_of(const Register& records, const std::set<std::string>& hats) {
    std::set<std::string> names;
    for (const std::string& id : hats) {
        const Record* record = records.find(id);
        if (record == nullptr || record->erased) continue;
        for (const char* member : {"title", "email"})
            if (const std::string name = text_in(*record->members, member); !name.empty()) names.insert(lower(name));
        for (const std::string& name : texts_in(*record->members, "login_names")) names.insert(lower(name));
    }
    return names;
}

}  // namespace

std::vector<Auditor> auditors_of(const Register& records, const json& audit) {
    std::vector<Auditor> team;
    if (const auto list = audit.find("auditors"); list != audit.end())
        for (const json& each : *list) {
            Auditor auditor{text_in(each, "person"), text_in(each, "account")};
            const Record* person = records.find(auditor.person);
            if (auditor.account.empty() && person != nullptr && !person->erased)
                auditor.account = text_in(*person->members, "account");
            team.push_back(std::move(auditor));
        }
    return team;
}

std::vector<std::string> conflicts(const Register& records, const Facts& facts, const std::string& audit_id,
                                   const json& audit, const Auditor& auditor) {
    std::vector<std::string> found;
    const std::set<std::string> requirements = requirements_audited(audit);
    const std::vector<std::string> named_hosts = texts_in(audit, "hosts");
    const std::set<std::string> hosts{named_hosts.begin(), named_hosts.end()};
    const bool every_host =
        hosts.empty() && std::any_of(requirements.begin(), requirements.end(),
                                     [](const std::string& each) { return each.starts_with("A."); });
    const std::set<std::string> hats = hats_of(records, auditor.person);
    for (const auto& [id, record] : records.all()) {
        if (record.deleted() || id == audit_id) continue;
        const bool held = record.kind == "role" && hats.contains(id);
        if (!held && (is_aside(record) || !hats.contains(text_in(*record.members, "owner")))) continue;
        const std::vector<std::string> audited = audited_in(record, requirements, hosts, every_host);
        if (audited.empty()) continue;
        found.push_back((held ? "holds " : "owns ") + id + " (" + record.kind + "), which has to do with " +
                        joined(audited));
    }
    if (facts.host_owners) {
        const std::set<std::string> names = names_of(records, hats);
        for (const auto& [host, owner] : facts.host_owners())
            if ((every_host || hosts.contains(host)) && names.contains(lower(owner)))
                found.push_back("owns the host " + host + " by its tag owner");
    }
    if (facts.deeds && !auditor.account.empty())
        for (std::string& deed : facts.deeds(auditor.account, facts.now - looked_back))
            found.push_back(std::move(deed));
    return found;
}

std::vector<std::string> standing_conflicts(const Register& records, const Facts& facts, const std::string& audit_id,
                                            const json& audit, const Auditor& auditor) {
    std::vector<std::string> standing = conflicts(records, facts, audit_id, audit, auditor);
    if (const auto overrides = audit.find("independence_overrides"); overrides != audit.end())
        for (const json& each : *overrides) {
            if (text_in(each, "person") != auditor.person) continue;
            const std::vector<std::string> overridden = texts_in(each, "conflicts");
            std::erase_if(standing, [&](const std::string& conflict) {
                return std::find(overridden.begin(), overridden.end(), conflict) != overridden.end();
            });
        }
    return standing;
}

std::vector<std::string> deeds_of(const Store& store, const Blobs& blobs, const std::string& account, Instant since,
                                  Instant now) {
    std::vector<std::string> deeds;
    if (const auto found = store.account(account)) {
        const auto roles = parse_roles(found->role);
        if (roles && may(*roles, Permission::administer)) deeds.emplace_back("administers the store");
    }
    // A pack that is in force is somebody's work however long ago it was adopted.
    std::set<std::string> packs;
    for (const Decision& decision : store.decisions("adoption", now, std::nullopt))
        if (decision.account == account) packs.insert(decision.subject);
    for (const Decision& decision : store.all_decisions("adoption"))
        if (decision.account == account && decision.at >= since) packs.insert(decision.subject);
    for (const std::string& pack : packs) deeds.push_back("adopted the pack " + pack);
    std::set<std::string> approved;
    for (const Decision& decision : store.all_decisions("waiver"))
        if (decision.account == account && decision.decision == "approved" && decision.at >= since)
            approved.insert("approved the waiver " + decision.subject);
    deeds.insert(deeds.end(), approved.begin(), approved.end());
    const Register records{store, blobs, {now, std::nullopt}};
    for (const Record* record : records.of_kind("evidence"))
        for (const Approval& approval : record->approvals)
            if (approval.account == account && approval.at >= since) {
                deeds.push_back("reviewed the evidence " + record->id);
                break;
            }
    return deeds;
}

}  // namespace annexa::store::isms
