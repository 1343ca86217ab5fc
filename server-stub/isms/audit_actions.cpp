#include "evidence/checkpoint.hpp"
#include "evidence/digest.hpp"
#include "evidence/errors.hpp"
#include "server-stub/isms/auditing.hpp"
#include "server-stub/isms/documents.hpp"
#include "server-stub/isms/editing.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/independence.hpp"
#include "server-stub/isms/population.hpp"
#include "server-stub/isms/sampling.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/server/server.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::size_t shortest_nonce = 32;
constexpr std::int64_t most_drawn = 1000;
constexpr std::size_t most_items = 2'000'000;

constexpr std::string_view persons[] = {"person"};
constexpr std::string_view populations[] = {"hosts", "host_days", "records"};
constexpr std::string_view methods[] = {"random", "stratified", "judgemental"};

/// Whoever acts for an audit belongs to its team.
void require_auditor(const ActionContext& context) {
    const std::vector<Auditor> team = auditors_of(context.records, *context.record.members);
    if (std::none_of(team.begin(), team.end(),
                     [&](const Auditor& each) { return each.account == context.by.session.account; }))
        throw coded_error("forbidden", "you are not an auditor of " + context.record.id);
}

std::uint64_t next_version(const ActionContext& context) { return context.record.last().version + 1; }

void put_signature(json& group, const ActionContext& context) {
    group["at"] = evidence::to_string(context.facts.now);
    group["by"] = context.by.session.account;
}

/// For reading: what is not there is empty, and stays so.
const json& list_in(const json& members, const char* name) {
    static const json none = json::array();
    const auto found = members.find(name);
    return found == members.end() ? none : *found;
}

json& list_of(json& members, const char* name) {
    if (!members.contains(name)) members[name] = json::array();
    return members[name];
}

json* find_population(json& members, const std::string& name) {
    if (const auto list = members.find("populations"); list != members.end())
        for (json& each : *list)
            if (text_in(each, "name") == name) return &each;
    return nullptr;
}

constexpr Field override_input[] = {
    {"person", FieldType::record, "The auditor who is not independent", flag::required, persons},
    {"reason", FieldType::text, "Why the person audits all the same", flag::required},
};

json override_independence(const ActionContext& context, const json& input) {
    json members = *context.record.members;
    const Record* person = context.records.find(text_in(input, "person"));
    if (person == nullptr || person->deleted() || person->kind != "person")
        throw coded_error("schema", "person: there is no person " + text_in(input, "person"));
    if (context.facts.holders(Permission::approve) < 2)
        throw coded_error("forbidden",
                          "overriding independence takes a third person: you are the only one who may approve");
    Auditor auditor{person->id, text_in(*person->members, "account")};
    std::vector<std::string> parties{auditor.account};
    for (const Auditor& each : auditors_of(context.records, members)) {
        parties.push_back(each.account);
        if (each.person == auditor.person) auditor = each;
    }
    for (const Version& version : context.record.versions) parties.push_back(version.account);
    for (const json& earlier : list_in(members, "independence_overrides"))
        std::erase(parties, text_in(earlier, "by"));  // wrote nothing but that
    if (std::find(parties.begin(), parties.end(), context.by.session.account) != parties.end())
        throw coded_error("forbidden",
                          "a third person overrides independence: neither an auditor nor who wrote the audit");
    const std::vector<std::string> standing =
        standing_conflicts(context.records, context.facts, context.record.id, members, auditor);
    if (standing.empty()) throw coded_error("conflict", "nothing stands against the independence of " + person->id);
    json entry{{"person", person->id}, {"conflicts", standing}, {"reason", text_in(input, "reason")}};
    put_signature(entry, context);
    list_of(members, "independence_overrides").push_back(std::move(entry));
    return members;
}

constexpr Field commit_input[] = {
    {"nonce_hash", FieldType::digest, "SHA-256 of a text of at least 32 characters that only you know", flag::required},
};

json commit_nonce(const ActionContext& context, const json& input) {
    require_auditor(context);
    json members = *context.record.members;
    for (const json& each : list_in(members, "populations"))
        if (each.at("nonce_hash") == input.at("nonce_hash"))
            throw coded_error("conflict", "this nonce was used: take another");
    members["nonce_hash"] = input.at("nonce_hash");
    return members;
}

constexpr Field freeze_input[] = {
    {"name", FieldType::line, "What to call the population; absent: what it is of"},
    {"of", FieldType::choice, "What it consists of", flag::required, populations},
    {"kinds", FieldType::line, "Of records: of which kinds", flag::many},
};

json freeze(const ActionContext& context, const json& input) {
    require_auditor(context);
    json members = *context.record.members;
    const std::string of = text_in(input, "of");
    const std::string name = has(input, "name") ? text_in(input, "name") : of;
    if (find_population(members, name) != nullptr)
        throw coded_error("conflict", "the population " + name + " is frozen already; another takes another name");
    if (!has(members, "nonce_hash"))
        throw coded_error("conflict", "the hash of your nonce comes first (action commit_nonce)");
    json population = population_of(context.server.store, context.server.blobs, members, of, texts_in(input, "kinds"),
                                    context.facts.now);
    population["audit"] = context.record.id;
    population["name"] = name;
    const std::size_t items = population_items(population).size();
    if (items > most_items)
        throw coded_error("too_large", std::to_string(items) + " items; audit a shorter period or fewer hosts");
    json entry{{"name", name},
               {"of", of},
               {"from", population.at("from")},
               {"to", population.at("to")},
               {"items", items},
               {"nonce_hash", members.at("nonce_hash")},
               {"frozen_version", next_version(context)},
               {"frozen_at", evidence::to_string(context.facts.now)},
               {"frozen_by", context.by.session.account}};
    entry["digest"] = context.documents.put_salted(std::move(population)).hex();
    list_of(members, "populations").push_back(std::move(entry));
    return members;
}

/// The first checkpoint that holds the freeze: a group of entries begins with a mark, so it ends where the next does.
evidence::Checkpoint checkpoint_after(const ActionContext& context, const json& population) {
    const auto version = population.at("frozen_version").get<std::size_t>();
    const std::uint64_t frozen = context.record.versions.at(version - 1).index;
    const std::optional<Mark> next = context.server.store.mark_from(frozen + 1);
    const std::uint64_t size = next ? next->index : context.server.store.log_head().tree.size;
    return {context.server.log.origin(), {size, context.server.log.root_at(size)}, {}};
}

std::string nonce_of(json& population, const json& input) {
    std::string nonce = text_in(population, "nonce");
    if (has(input, "nonce")) {
        const std::string given = text_in(input, "nonce");
        if (given.size() < shortest_nonce) throw coded_error("schema", "nonce: expected at least 32 characters");
        if (evidence::sha256(given).hex() != text_in(population, "nonce_hash"))
            throw coded_error("schema", "nonce: its hash is not the one that was logged before the freeze");
        nonce = given;
    }
    if (nonce.empty()) throw coded_error("schema", "nonce: is missing: the text whose hash was logged");
    population["nonce"] = nonce;
    return nonce;
}

constexpr Field draw_input[] = {
    {"population", FieldType::line, "From which population", flag::required},
    {"method", FieldType::choice, "How", flag::required, methods},
    {"size", FieldType::integer, "How many, of each stratum where there are any"},
    {"by_tag", FieldType::line, "stratified: the tag of hosts whose values make the strata"},
    {"items", FieldType::line, "judgemental: which", flag::many},
    {"reason", FieldType::text, "Why these, or why again"},
    {"nonce", FieldType::line, "Your nonce, at the first draw"},
};

json judgemental(const std::vector<PopulationItem>& items, const json& input) {
    const std::vector<std::string> wanted = texts_in(input, "items");
    if (wanted.empty()) throw coded_error("schema", "items: is missing: say which");
    if (!has(input, "reason")) throw coded_error("schema", "reason: is missing: say why these");
    std::set<std::string> there;
    for (const PopulationItem& each : items) there.insert(each.item);
    for (const std::string& each : wanted)
        if (!there.contains(each)) throw coded_error("schema", "items: the population holds no " + each);
    return wanted;
}

json draw(const ActionContext& context, const json& input) {
    require_auditor(context);
    json members = *context.record.members;
    json* population = find_population(members, text_in(input, "population"));
    if (population == nullptr)
        throw coded_error("not_found", "no population " + text_in(input, "population") + " is frozen in this audit");
    std::uint64_t earlier = 0;
    for (const json& sample : list_in(members, "samples"))
        if (text_in(sample, "population") == text_in(input, "population")) ++earlier;
    if (earlier > 0 && !has(input, "reason"))
        throw coded_error("schema", "reason: is missing: say why it is drawn again");
    const std::string method = text_in(input, "method");
    if ((method == "stratified") != has(input, "by_tag"))
        throw coded_error("schema", "by_tag: goes with stratified and with it alone");
    const std::optional<std::string> frozen =
        context.server.blobs.get(Digest::from_hex(text_in(*population, "digest")));
    if (!frozen) throw evidence::error("the frozen population is gone; run annexa-server check");
    const std::vector<PopulationItem> items = population_items(json::parse(*frozen), text_in(input, "by_tag"));
    json sample{{"population", text_in(input, "population")}, {"draw", earlier + 1}, {"method", method}};
    if (method == "judgemental") {
        sample["items"] = judgemental(items, input);
    } else {
        const std::int64_t size = input.value("size", std::int64_t{0});
        if (size < 1 || size > most_drawn) throw coded_error("schema", "size: expected a number from 1 to 1,000");
        const evidence::Checkpoint checkpoint = checkpoint_after(context, *population);
        const std::string nonce = nonce_of(*population, input);
        const evidence::Digest seed = sample_seed(nonce, checkpoint);
        sample["size"] = size;
        sample["seed"] = seed.hex();
        sample["checkpoint_size"] = checkpoint.head.size;
        sample["checkpoint_root"] = checkpoint.head.root.hex();
        sample["items"] = draw_sample(items, static_cast<std::size_t>(size), seed, earlier + 1);
        if (has(input, "by_tag")) sample["by_tag"] = input.at("by_tag");
        // What is known is no nonce any more: the next population takes a new one.
        if (members.value("nonce_hash", "") == population->at("nonce_hash")) members.erase("nonce_hash");
    }
    if (has(input, "reason")) sample["reason"] = input.at("reason");
    put_signature(sample, context);
    list_of(members, "samples").push_back(std::move(sample));
    return members;
}

constexpr Field verify_input[] = {
    {"evidence", FieldType::integer, "Entries of the log, by index", flag::required | flag::many},
};

json verify_evidence(const ActionContext& context, const json& input) {
    require_auditor(context);
    json members = *context.record.members;
    json& verified = list_of(members, "evidence_verified");
    for (const json& each : input.at("evidence")) {
        if (each < 0) throw coded_error("schema", "evidence: expected the number of an entry");
        const auto index = each.get<std::uint64_t>();
        const ProvedEntry proved = context.facts.prove_entry(index);
        if (!proved.problem.empty())
            throw coded_error("conflict", "entry " + std::to_string(index) + " does not hold: " + proved.problem);
        json entry{{"index", index},
                   {"digest", proved.digest.hex()},
                   {"type", proved.type},
                   {"checkpoint_size", proved.tree_size},
                   {"checkpoint_root", context.server.log.root_at(proved.tree_size).hex()}};
        if (!proved.host.empty()) entry["host"] = proved.host;
        put_signature(entry, context);
        std::erase_if(verified.get_ref<json::array_t&>(),
                      [&](const json& earlier) { return earlier.at("index") == index; });
        verified.push_back(std::move(entry));
    }
    return members;
}

constexpr Field report_input[] = {
    {"summary", FieldType::text, "What was found, for those who read nothing else", flag::required},
    {"conclusion", FieldType::text, "How far the criteria are met", flag::required},
    {"good_practices", FieldType::text, "What is done well"},
    {"obstacles", FieldType::text, "What stood in the way of the audit"},
    {"differing_opinions", FieldType::text, "Where auditors and audited could not agree"},
    {"follow_up", FieldType::text, "What was agreed to be done next"},
    {"distribution", FieldType::record, "Persons and roles who get it", flag::many},
    {"confidentiality", FieldType::line, "Who may read it"},
};

json report(const ActionContext& context, const json& input) {
    require_auditor(context);
    json members = *context.record.members;
    if (members.contains("report"))
        throw coded_error("conflict", "the report is made; the action reopen takes it back");
    std::vector<Problem> lacks = report_lacks(context.record, context.facts);
    if (!lacks.empty()) throw refused_changes("schema", std::move(lacks));
    json entry{{"version", next_version(context)}};
    entry["digest"] = context.documents.put_salted(audit_report(context, input)).hex();
    put_signature(entry, context);
    members["report"] = std::move(entry);
    return members;
}

constexpr Field reopen_input[] = {
    {"reason", FieldType::text, "Why the report is taken back", flag::required},
};

json reopen(const ActionContext& context, const json& input) {
    require_auditor(context);
    json members = *context.record.members;
    if (!members.contains("report")) throw coded_error("conflict", "there is no report to take back");
    if (signed_off(context.record, "report")) throw coded_error("conflict", "the audit is signed off");
    json entry{{"reason", input.at("reason")}, {"digest", members.at("report").at("digest")}};
    put_signature(entry, context);
    list_of(members, "reports_taken_back").push_back(std::move(entry));
    members.erase("report");
    return members;
}

constexpr Action actions[] = {
    {"override_independence", "Lets a person audit who is not independent, as a third person and with a reason",
     Permission::approve, override_input, override_independence},
    {"commit_nonce", "Logs the hash of your nonce, before the population is frozen", Permission::audit, commit_input,
     commit_nonce},
    {"freeze", "Freezes what samples are drawn from, as it was in the audit's period", Permission::audit, freeze_input,
     freeze},
    {"draw", "Draws a sample that anybody can draw again", Permission::audit, draw_input, draw},
    {"verify_evidence", "Verifies entries of the log on the spot: there, signed, included", Permission::audit,
     verify_input, verify_evidence},
    {"report", "Makes the report of a finished audit and freezes it", Permission::audit, report_input, report},
    {"reopen", "Takes a report back that is not signed off", Permission::audit, reopen_input, reopen},
};

}  // namespace

std::span<const Action> audit_actions() { return actions; }

}  // namespace annexa::store::isms
