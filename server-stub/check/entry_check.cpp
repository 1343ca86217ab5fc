#include "evidence/chain.hpp"
#include "evidence/errors.hpp"
#include "evidence/record.hpp"
#include "evidence/statement.hpp"
#include "server-stub/check/checks.hpp"

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

EntryCheck::EntryCheck(const Store& store, const evidence::PublicKey& record_key, std::string origin,
                       Problems& problems)
    : store_{store}, record_key_{record_key}, origin_{std::move(origin)}, problems_{problems} {
    problems_.guard("decisions", [&] {
        for (const char* kind : {"adoption", "waiver", "acknowledgement", "account", "record", "approval", "deletion"})
            for (Decision& decision : store_.all_decisions(kind))
                decisions_.emplace(decision.index, std::move(decision));
    });
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
    if (!evidence::verify(envelope, record_key_))
        return problems_.add(entry_name(index), "the record key did not sign it");
    if (!evidence::may_sign(evidence::Signer::record_key, type))
        return problems_.add(entry_name(index), "the record key may not sign " + type);
    if (type == evidence::predicate::mark) return mark(index, envelope.payload);
    if (type == evidence::predicate::enrolment) return enrolment(index, envelope);
    if (type == evidence::predicate::revocation)
        return closed(index, evidence::parse_revocation_record(envelope.payload).enrolment, EnrolmentState::revoked);
    if (type == evidence::predicate::retirement)
        return closed(index, evidence::parse_retirement_record(envelope.payload).enrolment, EnrolmentState::retired);
    if (type == evidence::predicate::policy) {
        const evidence::PolicyRecord record = evidence::parse_policy_record(envelope.payload);
        return decision(index, "adoption", record.name, "adopted", record.pack, record.actor.account, record.made_at);
    }
    if (evidence::is_decision(type)) {
        const evidence::DecisionRecord record = evidence::parse_decision_record(envelope.payload);
        return decision(index, record.kind, record.id, record.decision, record.document, record.actor.account,
                        record.made_at);
    }
}

void EntryCheck::mark(std::uint64_t index, const std::string& payload) {
    const evidence::MarkRecord record = evidence::parse_mark_record(payload);
    if (record.origin != origin_) problems_.add(entry_name(index), "the mark is of the log " + record.origin);
    if (record.made_at < last_mark_) problems_.add(entry_name(index), "the mark is earlier than the one before it");
    last_mark_ = record.made_at;
    if (store_.mark_from(index) != Mark{index, record.made_at})
        problems_.add("mark row " + std::to_string(index),
                      "the mark in the log says " + evidence::to_string(record.made_at));
}

void EntryCheck::enrolment(std::uint64_t index, const evidence::Envelope& envelope) {
    const evidence::EnrolmentRecord record = evidence::parse_enrolment_record(envelope.payload);
    const Digest id = envelope.digest();
    chains_.emplace(id, Chain{record.key, record.host_id, {0, id}, index});
    by_key_.insert_or_assign(record.key.id(), id);
    const std::string place = "enrolment " + id.hex();
    problems_.guard(place, [&] {
        const std::optional<Enrolment> row = store_.enrolment(id);
        if (!row) return problems_.add(place, "entry " + std::to_string(index) + " made it, its row is gone");
        std::optional<Digest> replaces;
        if (record.replaces) replaces = record.replaces->enrolment;
        if (row->index != index || row->host != record.host_id || row->evidence_key != record.key.spki() ||
            row->key_id != record.key.id() || row->machine != record.machine || row->replaces != replaces ||
            row->made_at != record.made_at)
            problems_.add(place, "its row says something else than its record, entry " + std::to_string(index));
    });
    if (!record.replaces) return;
    const auto old = chains_.find(record.replaces->enrolment);
    if (old == chains_.end() ||
        old->second.head != evidence::ChainHead{record.replaces->sequence, record.replaces->head})
        problems_.add(entry_name(index), "it closes a chain at another head than that chain has");
}

void EntryCheck::statement(std::uint64_t index, const evidence::Envelope& envelope, const StatementRow* row) {
    ++statements_;
    const std::string place = entry_name(index);
    const auto by_key = by_key_.find(envelope.keyid);
    if (by_key == by_key_.end()) return problems_.add(place, "no enrolment before it has its key");
    Chain& chain = chains_.at(by_key->second);
    if (!evidence::verify(envelope, chain.key)) return problems_.add(place, "its host's evidence key did not sign it");
    const evidence::Statement said = evidence::parse_statement(envelope.payload);
    if (said.host.id != chain.host || said.host.enrolment != by_key->second)
        return problems_.add(place, "it names another enrolment than its key's");
    if (!evidence::advances(evidence::chain_step(chain.head, std::nullopt, said, envelope.digest())))
        problems_.add(place, "it does not follow statement " + std::to_string(chain.head.sequence) + " of its chain");
    chain.head = {said.sequence, envelope.digest()};
    chain.head_index = index;
    const std::string row_place = "statement row " + std::to_string(index);
    if (row == nullptr) return problems_.add(row_place, "it is gone");
    const std::optional<Mark> before = store_.mark_before(said.log.head.size);
    const std::optional<Mark> own = store_.mark_before(index);
    if (row->host != said.host.id || row->enrolment != said.host.enrolment || row->sequence != said.sequence ||
        row->digest != envelope.digest() || row->previous != said.previous || row->made_at != said.made_at ||
        row->log_size != said.log.head.size || row->host_name != said.host.name ||
        row->agent_version != said.agent.version || row->clock_synchronized != said.clock_synchronized ||
        row->due != said.due || (before && row->not_before != before->time) || (own && row->logged_at != own->time))
        problems_.add(row_place, "it says something else than its statement, " + place);
    if (!same_results(*row, said)) problems_.add(row_place, "its results are others than its statement's, " + place);
    for (const StoredResult& result : row->results) {
        if (result.same_as) continue;
        for (const TableRef& table : result.tables)
            if (!store_.holding(row->host, table.digest))
                problems_.add("table " + table.digest.hex(), place + " names it, and it is not held");
    }
}

void EntryCheck::decision(std::uint64_t index, const std::string& kind, const std::string& subject,
                          const std::string& word, const Digest& document, const std::string& account, Instant at) {
    const auto row = decisions_.find(index);
    const std::string place = "decision row " + std::to_string(index);
    if (row == decisions_.end()) return problems_.add(place, "it is gone");
    if (row->second != Decision{kind, subject, word, document, account, at, index})
        problems_.add(place, "it says something else than its record");
    decisions_.erase(row);
}

void EntryCheck::closed(std::uint64_t, const Digest& enrolment, EnrolmentState state) {
    closed_.insert_or_assign(enrolment, state);
}

void EntryCheck::finish(std::uint64_t size) {
    for (const auto& [index, decision] : decisions_)
        if (index < size) problems_.add("decision row " + std::to_string(index), "there is no such record in the log");
    std::set<Digest> seen;
    for (const Host& host : store_.hosts()) {
        for (const Enrolment& row : store_.enrolments(host.id)) {
            seen.insert(row.id);
            if (row.index >= size) continue;  // enrolled while this ran
            const std::string place = "enrolment " + row.id.hex();
            const auto chain = chains_.find(row.id);
            if (chain == chains_.end()) {
                problems_.add(place, "there is no such record in the log");
                continue;
            }
            if (row.head_index < size && (row.head != chain->second.head || row.head_index != chain->second.head_index))
                problems_.add(place, "its row's head is statement " + std::to_string(row.head.sequence) +
                                         ", its chain's is " + std::to_string(chain->second.head.sequence));
            const auto closed = closed_.find(row.id);
            if (closed != closed_.end() && row.state != closed->second)
                problems_.add(place, "its row says " + std::string{enrolment_state_name(row.state)} +
                                         ", its last record " + std::string{enrolment_state_name(closed->second)});
            if (closed == closed_.end() &&
                (row.state == EnrolmentState::revoked || row.state == EnrolmentState::retired))
                problems_.add(place,
                              "its row says " + std::string{enrolment_state_name(row.state)} + " and no record does");
        }
    }
    for (const auto& [id, chain] : chains_)
        if (!seen.contains(id)) problems_.add("host " + chain.host, "it was enrolled and its row is gone");
}

}  // namespace annexa::store::check
