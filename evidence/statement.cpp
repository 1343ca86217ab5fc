#include "evidence/statement.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/in_toto.hpp"
#include "evidence/members.hpp"
#include "evidence/record.hpp"
#include "evidence/statement_reader.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace annexa::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view status_names[] = {"ok", "not_applicable", "error"};

/// Gives each distinct table of a statement the name of its subject: NAME, then NAME#2, NAME#3 for further versions.
class SubjectNames {
  public:
    const std::string& name_of(const TableRef& table) {
        const auto found = names_.find(table);
        if (found != names_.end()) return found->second;
        const unsigned version = ++versions_[table.name];
        std::string name = version == 1 ? table.name : table.name + "#" + std::to_string(version);
        subjects_.push_back({"table:" + name, table.digest});
        return names_.emplace(table, std::move(name)).first->second;
    }
    [[nodiscard]] const std::vector<Subject>& subjects() const { return subjects_; }

  private:
    std::map<TableRef, std::string> names_;
    std::map<std::string, unsigned> versions_;
    std::vector<Subject> subjects_;
};

/// Adds members that an older reader had kept; none may be one that this version writes itself.
void merge_rest(json& object, const std::string& rest, const char* where) {
    const json kept = parse_json(rest);
    if (!kept.is_object()) throw error(std::string{where} + " is not an object");
    for (const auto& [name, value] : kept.items()) {
        if (object.contains(name)) throw error(std::string{where} + ": " + name + " is not an unknown member");
        object[name] = value;
    }
}

json nullable(const std::optional<Digest>& digest) { return digest ? json(digest->hex()) : json(nullptr); }
json nullable(const std::optional<Instant>& instant) { return instant ? json(to_string(*instant)) : json(nullptr); }
template <typename T>
json nullable(const std::optional<T>& value) {
    return value ? json(*value) : json(nullptr);
}

json result_json(const Result& result, SubjectNames& names) {
    json object{{"collector", result.collector}, {"collected_at", to_string(result.collected_at)}};
    if (result.same_as) {
        object["same_as"] = *result.same_as;
    } else {
        object["version"] = result.version;
        object["status"] = status_name(result.status);
        object["reason"] = result.reason ? json(reason_code(*result.reason)) : json(nullptr);
        object["duration_ms"] = result.duration_ms;
        json& tables = object["tables"] = json::array();
        for (const TableRef& table : result.tables) tables.push_back(names.name_of(table));
    }
    merge_rest(object, result.rest, "a result's rest");
    return object;
}

/// What of a statement is written: beside same_as nothing counts but collector and time.
Statement as_written(Statement statement) {
    for (Result& result : statement.results)
        if (result.same_as)
            result = {.collector = result.collector,
                      .collected_at = result.collected_at,
                      .same_as = result.same_as,
                      .reason = std::nullopt,
                      .tables = {},
                      .rest = result.rest};
    return statement;
}

json dropped_json(const std::vector<Dropped>& dropped) {
    json array = json::array();
    for (const Dropped& one : dropped)
        array.push_back({{"collector", one.collector},
                         {"count", nullable(one.count)},
                         {"from", nullable(one.from)},
                         {"to", nullable(one.to)},
                         {"reason", one.reason}});
    return array;
}

void add_what_went_wrong(json& predicate, const Statement& statement) {
    if (!statement.dropped.empty()) predicate["dropped"] = dropped_json(statement.dropped);
    if (const auto& rollback = statement.rollback)
        predicate["rollback"] = {{"sequence", rollback->sequence}, {"digest", rollback->digest.hex()}};
    if (const auto& lost = statement.lost_by_store)
        predicate["lost_by_store"] = {{"from", lost->from},
                                      {"to", lost->to},
                                      {"receipt",
                                       {{"checkpoint", lost->checkpoint},
                                        {"index", lost->index},
                                        {"leaf", lost->leaf.hex()},
                                        {"inclusion_proof", hashes_json(lost->inclusion_proof)}}}};
    if (const auto& alarm = statement.alarm)
        predicate["alarm"] = {{"code", alarm->code},
                              {"at", to_string(alarm->at)},
                              {"known", alarm->known},
                              {"received", alarm->received},
                              {"detail", alarm->detail}};
}

}  // namespace

std::string_view status_name(Status status) { return status_names[static_cast<std::size_t>(status)]; }

std::optional<Status> parse_status(std::string_view name) {
    for (std::size_t i = 0; i < std::size(status_names); ++i)
        if (status_names[i] == name) return static_cast<Status>(i);
    return std::nullopt;
}

bool same_outcome(const Result& a, const Result& b) {
    return a.collector == b.collector && a.version == b.version && a.status == b.status && a.reason == b.reason &&
           a.tables == b.tables && a.rest == b.rest;
}

std::vector<TableRef> named_tables(const Statement& statement) {
    std::vector<TableRef> tables;
    std::set<TableRef> seen;
    for (const Result& result : statement.results)
        for (const TableRef& table : result.tables)
            if (seen.insert(table).second) tables.push_back(table);
    return tables;
}

std::string serialise(const Statement& statement) {
    SubjectNames names;
    json results = json::array();
    for (const Result& result : statement.results) results.push_back(result_json(result, names));
    json predicate{
        {"host",
         {{"id", statement.host.id}, {"name", statement.host.name}, {"enrolment", statement.host.enrolment.hex()}}},
        {"agent", {{"version", statement.agent.version}, {"key_id", statement.agent.key_id.hex()}}},
        {"sequence", statement.sequence},
        {"previous", statement.previous.hex()},
        {"log",
         {{"origin", statement.log.origin},
          {"size", statement.log.head.size},
          {"root", statement.log.head.root.hex()}}},
        {"made_at", to_string(statement.made_at)},
        {"boot_id", nullable(statement.boot_id)},
        {"clock", {{"synchronized", nullable(statement.clock_synchronized)}}},
        {"machine", nullable(statement.machine)},
        {"results", std::move(results)},
        {"due", statement.due}};
    if (statement.policy) predicate["policy"] = statement.policy->hex();
    add_what_went_wrong(predicate, statement);
    merge_rest(predicate, statement.rest, "a statement's rest");

    std::vector<Subject> subjects{{"enrolment:" + statement.host.id, statement.host.enrolment}};
    subjects.insert(subjects.end(), names.subjects().begin(), names.subjects().end());
    std::string payload = write_in_toto(predicate::evidence, subjects, predicate);
    try {
        if (read_statement(parse_json(payload)) != as_written(statement))
            throw error("it does not read back as it was");
    } catch (const error& problem) {
        throw error(std::string{"this statement cannot be made: "} + problem.what());
    }
    return payload;
}

}  // namespace annexa::evidence
