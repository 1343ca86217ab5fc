// The hosts that agents report, held against a list that somebody else keeps: what nobody enrolled shows only there.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/standing.hpp"
#include "server-stub/isms/values.hpp"

#include "evidence/digest.hpp"
#include "evidence/instant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::chrono::days confirmed_for{90};

constexpr std::string_view persons[] = {"person"};
constexpr Field explanation_fields[] = {
    {"host", FieldType::line, "Name as it stands in the differences", flag::required},
    {"explanation", FieldType::text, "Why it stands in one of both only", flag::required},
};
constexpr Field fields[] = {
    {"source", FieldType::line, "Where the independent list comes from", flag::required},
    {"performed_by", FieldType::record, "Who compared", 0, persons},
    {"hosts", FieldType::line, "The names on the independent list", flag::many},
    {"explanations", FieldType::group, "Why the differences are there", flag::many, {}, explanation_fields},
    {"compared_at", FieldType::instant, "When the lists were compared", flag::computed},
    {"list_digest", FieldType::digest, "SHA-256 of the list's names in lower case, sorted, a line each",
     flag::computed},
    {"listed", FieldType::integer, "Hosts on the list", flag::computed},
    {"only_in_list", FieldType::line, "On the list, and not in scope here", flag::many | flag::computed},
    {"only_in_scope", FieldType::line, "In scope here, and not on the list", flag::many | flag::computed},
};

std::string lower(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
    return name;
}

/// Names compare without their case. A list is compared once, when it is written: what is edited later beside it
/// confirms nothing anew.
void compare(json& members, const Record* before, const Register&, const Facts& facts) {
    if (before != nullptr && before->members &&
        before->members->value("hosts", json{}) == members.value("hosts", json{}))
        return;
    for (const char* member : {"compared_at", "list_digest", "listed", "only_in_list", "only_in_scope"})
        members.erase(member);
    if (!has(members, "hosts") || !facts.hosts_in_scope) return;
    std::map<std::string, std::string> listed, here;  // by the name in lower case
    for (const std::string& name : texts_in(members, "hosts")) listed.emplace(lower(name), name);
    for (const std::string& name : facts.hosts_in_scope()) here.emplace(lower(name), name);
    json only_in_list = json::array();
    json only_in_scope = json::array();
    std::string lines;
    for (const auto& [key, name] : listed) {
        lines += key + "\n";
        if (!here.contains(key)) only_in_list.push_back(name);
    }
    for (const auto& [key, name] : here)
        if (!listed.contains(key)) only_in_scope.push_back(name);
    members["compared_at"] = evidence::to_string(facts.now);
    members["list_digest"] = evidence::sha256(lines).hex();
    members["listed"] = listed.size();
    if (!only_in_list.empty()) members["only_in_list"] = std::move(only_in_list);
    if (!only_in_scope.empty()) members["only_in_scope"] = std::move(only_in_scope);
}

std::set<std::string> unexplained(const json& members) {
    std::set<std::string> names;
    for (const char* list : {"only_in_list", "only_in_scope"})
        for (const std::string& name : texts_in(members, list)) names.insert(name);
    if (const auto explained = members.find("explanations"); explained != members.end())
        for (const json& one : *explained) names.erase(text_in(one, "host"));
    return names;
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const Record* newest = nullptr;
    std::string compared_at;
    for (const Record* each : records.of_kind("reconciliation")) {
        const std::string at = text_in(*each->members, "compared_at");
        if (at.empty()) {
            gaps.push_back({1, "4.3", each->id, text_in(*each->members, "title") + " was never compared with a list.",
                            "annexa isms set " + each->id + " hosts=…"});
        } else if (newest == nullptr || evidence::parse_instant(at) > evidence::parse_instant(compared_at)) {
            newest = each;
            compared_at = at;
        }
    }
    if (newest == nullptr) {
        if (!records.of_kind("scope").empty())
            gaps.push_back({1, "4.3", "", "The scope is unconfirmed: no independent inventory was compared with it.",
                            "annexa isms set reconciliation title=… source=… hosts=…"});
        return;
    }
    if (facts.now - evidence::parse_instant(compared_at) > confirmed_for)
        gaps.push_back({1, "4.3", newest->id,
                        "The scope is unconfirmed: it was last compared with an inventory on " +
                            compared_at.substr(0, 10) + ", more than 90 days ago.",
                        "annexa isms set reconciliation title=… source=… hosts=…"});
    if (const std::set<std::string> names = unexplained(*newest->members); !names.empty())
        gaps.push_back({1, "4.3", newest->id,
                        std::to_string(names.size()) + " differences from the inventory are not explained, such as " +
                            *names.begin() + ".",
                        "annexa isms set " + newest->id + " explanations=…"});
}

/// The inventory of A.5.9: assets that are owned, and hosts that somebody held against an independent list. It is as
/// old as the oldest of what it rests on, and unconfirmed 90 days after the lists were compared.
void inform(const Register& records, Instant, policies::StatusInputs& inputs) {
    const auto owned = [](const json& members) { return has(members, "owner"); };
    auto fact = fact_of_all(records.of_kind("asset"), "A.5.9", "assets with their owners", owned);
    if (!fact) return;
    const Record* newest = nullptr;
    Instant compared_at{};
    for (const Record* each : records.of_kind("reconciliation")) {
        const json& members = each->approved_members ? *each->approved_members : *each->members;
        if (!has(members, "compared_at")) continue;
        const Instant at = evidence::parse_instant(text_in(members, "compared_at"));
        if (newest == nullptr || at > compared_at) {
            newest = each;
            compared_at = at;
        }
    }
    if (newest == nullptr || !newest->approved_members || !unexplained(*newest->approved_members).empty()) {
        fact->review = policies::Review::none;
        fact->what += ", not reconciled with an independent list";
    } else {
        fact->what += ", and hosts reconciled with " + text_in(*newest->approved_members, "source");
        fact->reference += ", " + newest->id + " version " + std::to_string(newest->approved()->version);
        fact->single_person = fact->single_person || newest->approved()->single_person;
    }
    if (newest != nullptr) {
        fact->produced_at = std::min(*fact->produced_at, compared_at);
        const Instant until = compared_at + confirmed_for;
        fact->valid_until = fact->valid_until ? std::min(*fact->valid_until, until) : until;
    }
    inputs.facts.push_back(std::move(*fact));
}

}  // namespace

extern const Kind reconciliation{.name = "reconciliation",
                                 .plural = "reconciliations",
                                 .title = "Reconciliation with an inventory",
                                 .step = 1,
                                 .clauses = "4.3, A.5.9",
                                 .fields = fields,
                                 .key = "",
                                 .compute = compare,
                                 .gaps = gaps,
                                 .inform = inform};

}  // namespace annexa::store::isms
