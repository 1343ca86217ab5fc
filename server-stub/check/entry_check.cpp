#include "evidence/chain.hpp"
#include "evidence/errors.hpp"
#include "evidence/record.hpp"
#include "evidence/statement.hpp"
#include "server-stub/check/checks.hpp"
#include "server-stub/ingest/acceptance.hpp"

#include <limits>

namespace annexa::store::check {
namespace {

std::string entry_name(std::uint64_t index) { return "entry " + std::to_string(index); }

/// Whether a row's result says what the statement's says. A same_as has been resolved, and says where to.
bool same_result(const StoredResult& row, const evidence::Result& said) {
    if (row.collector != said.collector || row.collected_at != said.collected_at || row.same_as != said.same_as)
        return false;
    if (said.same_as) return true;
    return row.version == said.version && row.status == said.status && row.reason == said.reason &&
           row.tables == said.tables;
}

bool same_results(const StatementRow& row, const evidence::Statement& said) {
    if (row.results.size() != said.results.size()) return false;
    for (std::size_t i = 0; i < row.results.size(); ++i)
        if (!same_result(row.results[i], said.results[i])) return false;
    return true;
}

}  // namespace

EntryCheck::EntryCheck(const Store& store, const LogKeys& keys, std::vector<Decision> decisions, HostCheck& hosts,
                       bool tiles_hold, Problems& problems)
    : store_{store}, keys_{keys}, hosts_{hosts}, tiles_hold_{tiles_hold}, problems_{problems} {
    for (Decision& decision : decisions) decisions_.emplace(decision.index, std::move(decision));
}

void EntryCheck::entry(std::uint64_t index, const std::string& bytes,
                       const std::map<std::uint64_t, StatementRow>& rows) {
    const evidence::Envelope envelope = evidence::parse_entry(bytes);
    const std::string type = evidence::predicate_type_of(envelope.payload);
    const auto row = rows.find(index);
    if (type == evidence::predicate::evidence)
        return statement(index, envelope, row == rows.end() ? nullptr : &row->second);
    if (row != rows.end()) problems_.add("statement row " + std::to_string(index), "the entry is no statement");
    record(index, envelope, type);
}

void EntryCheck::record(std::uint64_t index, const evidence::Envelope& envelope, const std::string& type) {
    namespace predicate = evidence::predicate;
    if (!evidence::verify(envelope, keys_.record))
        return problems_.add(entry_name(index), "the record key did not sign it");
    if (!evidence::may_sign(evidence::Signer::record_key, type))
        return problems_.add(entry_name(index), "the record key may not sign " + type);
    const std::string& payload = envelope.payload;
    if (type == predicate::mark) return mark(index, payload);
    if (type == predicate::enrolment)
        return hosts_.enrolled(index, envelope.digest(), evidence::parse_enrolment_record(payload));
    if (type == predicate::revocation) return hosts_.revoked(index, evidence::parse_revocation_record(payload));
    if (type == predicate::retirement) return hosts_.retired(index, evidence::parse_retirement_record(payload));
    if (type == predicate::policy) {
        const evidence::PolicyRecord said = evidence::parse_policy_record(payload);
        return decision({"adoption", said.name, "adopted", said.pack, said.actor.account, said.made_at, index});
    }
    if (evidence::is_decision(type)) {
        const evidence::DecisionRecord said = evidence::parse_decision_record(payload);
        return decision({said.kind, said.id, said.decision, said.document, said.actor.account, said.made_at, index});
    }
}

void EntryCheck::mark(std::uint64_t index, const std::string& payload) {
    const evidence::MarkRecord record = evidence::parse_mark_record(payload);
    const std::string place = "mark row " + std::to_string(index);
    if (record.origin != keys_.log.name) problems_.add(entry_name(index), "the mark is of the log " + record.origin);
    if (last_mark_ && record.made_at < last_mark_->time)
        problems_.add(entry_name(index), "the mark is earlier than the one before it");
    // From the one before it on, so that a row between the two is found as well.
    const std::optional<Mark> row = store_.mark_from(last_mark_ ? last_mark_->index + 1 : 0);
    if (row && row->index < index)
        problems_.add("mark row " + std::to_string(row->index), "there is no such mark in the log");
    if (store_.mark_from(index) != Mark{index, record.made_at})
        problems_.add(place, "the mark in the log says " + evidence::to_string(record.made_at));
    last_mark_ = Mark{index, record.made_at};
}

void EntryCheck::statement(std::uint64_t index, const evidence::Envelope& envelope, const StatementRow* row) {
    ++statements_;
    const std::string place = entry_name(index);
    HostCheck::Chain* chain = hosts_.chain_of_key(envelope.keyid);
    if (chain == nullptr) return problems_.add(place, "no enrolment before it has its key");
    if (!evidence::verify(envelope, chain->key)) return problems_.add(place, "its host's evidence key did not sign it");
    const evidence::Statement said = evidence::parse_statement(envelope.payload);
    if (said.host.id != chain->row.host || said.host.enrolment != chain->row.id)
        problems_.add(place, "it names another enrolment than its key's");
    if (!evidence::advances(evidence::chain_step(chain->row.head, std::nullopt, said, envelope.digest())))
        problems_.add(place,
                      "it does not follow statement " + std::to_string(chain->row.head.sequence) + " of its chain");
    hosts_.spoke(index, *chain, said, envelope.digest(), last_mark_ ? last_mark_->time : Instant{});
    if (row == nullptr) return problems_.add("statement row " + std::to_string(index), "it is gone");
    compare(*row, said, envelope.digest(), *chain);
}

void EntryCheck::compare(const StatementRow& row, const evidence::Statement& said, const Digest& digest,
                         const HostCheck::Chain& chain) {
    const std::string place = "statement row " + std::to_string(row.index);
    const std::string entry = entry_name(row.index);
    const std::optional<Mark> before = store_.mark_before(said.log.head.size);
    if (row.host != said.host.id || row.enrolment != said.host.enrolment || row.sequence != said.sequence ||
        row.digest != digest || row.previous != said.previous || row.made_at != said.made_at ||
        row.log_size != said.log.head.size || row.host_name != said.host.name ||
        row.agent_version != said.agent.version || row.clock_synchronized != said.clock_synchronized ||
        row.due != said.due || (before && row.not_before != before->time) ||
        (last_mark_ && row.logged_at != last_mark_->time))
        problems_.add(place, "it says something else than its statement, " + entry);
    if (!same_results(row, said)) problems_.add(place, "its results are others than its statement's, " + entry);
    for (const StoredResult& result : row.results)
        if (result.written_out !=
            (result.same_as ? hosts_.written_out(chain, result.collector, *result.same_as) : std::optional{row.index}))
            problems_.add(place, "it looks for what " + result.collector + " wrote out at another entry");
    // Where a tile is damaged, which is named, the tree that the statement speaks of cannot be told.
    if (tiles_hold_ && row.remarks != remarks_of(store_, said))
        problems_.add(place, "it remarks something else than its statement, " + entry);
}

void EntryCheck::decision(const Decision& logged) {
    const auto row = decisions_.find(logged.index);
    const std::string place = "decision row " + std::to_string(logged.index);
    if (row == decisions_.end()) return problems_.add(place, "it is gone");
    if (row->second != logged) problems_.add(place, "it says something else than its record");
    decisions_.erase(row);
}

void EntryCheck::finish(std::uint64_t size) {
    for (const auto& [index, decision] : decisions_)
        problems_.add("decision row " + std::to_string(index), "there is no such record in the log");
    for (auto mark = store_.mark_from(last_mark_ ? last_mark_->index + 1 : 0); mark;
         mark = store_.mark_from(mark->index + 1))
        problems_.add("mark row " + std::to_string(mark->index), "there is no such mark in the log");
    StatementFilter beyond;
    beyond.from_index = size;
    beyond.before_index = std::numeric_limits<std::int64_t>::max();  // not the head, which is what it is by default
    for (const StatementRow& row : store_.statements(beyond))
        problems_.add("statement row " + std::to_string(row.index), "there is no such entry in the log");
}

}  // namespace annexa::store::check
