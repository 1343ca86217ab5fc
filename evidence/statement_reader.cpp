#include "evidence/statement_reader.hpp"

#include "evidence/errors.hpp"
#include "evidence/in_toto.hpp"
#include "evidence/members.hpp"
#include "evidence/record.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace annexa::evidence {
namespace {

using nlohmann::json;

/// The tables that the subjects name, by the names that results use: NAME, NAME#2, NAME#3, …
class SubjectTables {
  public:
    explicit SubjectTables(const std::vector<Subject>& subjects) {
        std::set<TableRef> seen;
        std::map<std::string, unsigned> versions;
        for (std::size_t i = 1; i < subjects.size(); ++i) {
            const std::string path = "subject[" + std::to_string(i) + "].name";
            std::string_view name = subjects[i].name;
            if (!name.starts_with("table:")) refuse_member(path, "table:NAME");
            name.remove_prefix(6);
            const std::string base{name.substr(0, name.find('#'))};
            if (!is_identifier(base)) refuse_member(path, "table:NAME");
            const unsigned version = ++versions[base];
            const std::string expected = version == 1 ? base : base + "#" + std::to_string(version);
            if (name != expected) refuse_member(path, "table:" + expected);
            TableRef table{base, subjects[i].digest};
            if (!seen.insert(table).second) refuse_member(path, "each version of a table once");
            tables_.emplace(expected, std::move(table));
        }
    }

    const TableRef& find(const json& name, const std::string& path) {
        const auto found = name.is_string() ? tables_.find(name.get_ref<const std::string&>()) : tables_.end();
        if (found == tables_.end()) refuse_member(path, "the name of a table among the subjects");
        named_.insert(found->first);
        return found->second;
    }

    void demand_all_named() const {
        for (const auto& [name, table] : tables_)
            if (!named_.contains(name))
                refuse_member("subject", "only tables that a result names, found table:" + name);
    }

  private:
    std::map<std::string, TableRef> tables_;
    std::set<std::string> named_;
};

template <typename Read>
auto nullable(Members& members, std::string_view name, Read read) -> std::optional<decltype(read())> {
    if (members.is_null(name)) return std::nullopt;
    return read();
}

Result read_result(const json& value, const std::string& path, SubjectTables& subjects, std::uint64_t sequence) {
    Members members{value, path};
    Result result;
    result.collector = members.identifier("collector");
    result.collected_at = members.instant("collected_at");
    if (members.has("same_as")) {
        if (sequence == 1) refuse_member(members.path_of("same_as"), "no same_as in a first statement");
        result.same_as = members.number("same_as", 1, sequence - 1);
        for (const char* name : {"version", "status", "reason", "duration_ms", "tables"})
            if (members.has(name)) refuse_member(members.path_of(name), "no such member beside same_as");
        result.rest = members.rest();
        return result;
    }
    result.version = static_cast<int>(members.number("version", 1, std::numeric_limits<int>::max()));
    const auto status = parse_status(members.text("status", 64));
    if (!status) refuse_member(members.path_of("status"), "ok, not_applicable or error");
    result.status = *status;
    if (!members.is_null("reason")) {
        result.reason = parse_reason(members.text("reason", 64));
        if (!result.reason) refuse_member(members.path_of("reason"), "a reason that this version knows");
    }
    if (result.reason.has_value() != (result.status != Status::ok))
        refuse_member(members.path_of("reason"), "a reason where the status is not ok, null where it is");
    result.duration_ms = members.number("duration_ms");
    std::set<std::string> names;
    for (const json& name : members.array("tables")) {
        const std::string at = members.path_of("tables") + "[" + std::to_string(result.tables.size()) + "]";
        const TableRef& table = subjects.find(name, at);
        if (!names.insert(table.name).second) refuse_member(at, "each table once in a result");
        result.tables.push_back(table);
    }
    result.rest = members.rest();
    return result;
}

std::vector<Dropped> read_dropped(const json& array) {
    std::vector<Dropped> dropped;
    for (const json& element : array) {
        Members members{element, "predicate.dropped[" + std::to_string(dropped.size()) + "]"};
        Dropped one;
        one.collector = members.text("collector", 128, 1);
        if (one.collector != "*" && !is_identifier(one.collector))
            refuse_member(members.path_of("collector"), "a collector's name, or * where it is not known");
        one.count = nullable(members, "count", [&] { return members.number("count", 1); });
        one.from = nullable(members, "from", [&] { return members.instant("from"); });
        one.to = nullable(members, "to", [&] { return members.instant("to"); });
        one.reason = members.identifier("reason");
        dropped.push_back(std::move(one));
    }
    if (dropped.empty()) refuse_member("predicate.dropped", "no such member where nothing was dropped");
    return dropped;
}

LostByStore read_lost(Members members, std::uint64_t sequence) {
    LostByStore lost;
    lost.from = members.number("from", 1);
    lost.to = members.number("to", lost.from);
    if (lost.to >= sequence) refuse_member(members.path_of("to"), "a sequence before this statement's");
    Members receipt = members.object("receipt");
    lost.checkpoint = receipt.text("checkpoint", 16384, 1);
    lost.index = receipt.number("index");
    lost.leaf = receipt.digest("leaf");
    lost.inclusion_proof = receipt.hashes("inclusion_proof");
    return lost;
}

Alarm read_alarm(Members members) {
    return {members.identifier("code"), members.instant("at"), members.text("known", 16384),
            members.text("received", 16384), members.text("detail", 1024)};
}

void read_what_went_wrong(Statement& into, Members& predicate) {
    if (predicate.has("policy")) into.policy = predicate.digest("policy");
    if (predicate.has("dropped")) into.dropped = read_dropped(predicate.array("dropped"));
    if (predicate.has("rollback")) {
        Members rollback = predicate.object("rollback");
        into.rollback = Rollback{rollback.number("sequence"), rollback.digest("digest")};
    }
    if (predicate.has("lost_by_store"))
        into.lost_by_store = read_lost(predicate.object("lost_by_store"), into.sequence);
    if (predicate.has("alarm")) into.alarm = read_alarm(predicate.object("alarm"));
}

void read_results(Statement& into, Members& predicate, const std::vector<Subject>& subjects) {
    SubjectTables tables{subjects};
    for (const json& element : predicate.array("results"))
        into.results.push_back(read_result(element, "predicate.results[" + std::to_string(into.results.size()) + "]",
                                           tables, into.sequence));
    tables.demand_all_named();
    std::set<std::string> due;
    for (const json& element : predicate.array("due")) {
        const std::string path = "predicate.due[" + std::to_string(into.due.size()) + "]";
        if (!element.is_string() || !is_identifier(element.get_ref<const std::string&>()))
            refuse_member(path, "a collector's name");
        if (!due.insert(element.get<std::string>()).second) refuse_member(path, "each collector once");
        into.due.push_back(element.get<std::string>());
    }
}

}  // namespace

Statement read_statement(const json& statement) {
    const std::vector<Subject> subjects = subjects_of(statement);
    Members predicate{statement["predicate"], "predicate"};
    Statement result;
    Members host = predicate.object("host");
    result.host = {host.uuid("id"), host.label("name"), host.digest("enrolment")};
    if (subjects.front().name != "enrolment:" + result.host.id)
        refuse_member("subject[0].name", "enrolment:" + result.host.id + ", as predicate.host.id says");
    if (subjects.front().digest != result.host.enrolment)
        refuse_member("subject[0].digest", "the digest that predicate.host.enrolment names");
    Members agent = predicate.object("agent");
    result.agent = {agent.label("version"), agent.digest("key_id")};
    result.sequence = predicate.number("sequence", 1);
    result.previous = predicate.digest("previous");
    Members log = predicate.object("log");
    result.log = {log.label("origin"), {log.number("size", 1), log.digest("root")}};
    result.made_at = predicate.instant("made_at");
    result.boot_id = nullable(predicate, "boot_id", [&] { return predicate.label("boot_id"); });
    Members clock = predicate.object("clock");
    result.clock_synchronized = nullable(clock, "synchronized", [&] { return clock.boolean("synchronized"); });
    result.machine = nullable(predicate, "machine", [&] { return predicate.digest("machine"); });
    read_what_went_wrong(result, predicate);
    read_results(result, predicate, subjects);
    result.rest = predicate.rest();
    return result;
}

Statement parse_statement(std::string_view payload) {
    return read_statement(read_in_toto(payload, predicate::evidence));
}

}  // namespace annexa::evidence
