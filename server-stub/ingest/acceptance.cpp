#include "server-stub/ingest/acceptance.hpp"

#include "evidence/chain.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "server-stub/log/tiles.hpp"

#include <algorithm>
#include <map>

namespace annexa::store {
namespace {

using evidence::ChainStep;
using evidence::coded_error;
using evidence::Envelope;
using evidence::Statement;

/// How many changes of machine or boot an enrolment remembers: enough to see A, B, A, B through an excused return.
constexpr std::size_t most_boots = 16;

/// A refusal with more than a code; coded_error serves for the rest.
struct refusal {
    evidence::Refused what;
};

void demand_active(const Enrolment& enrolment) {
    switch (enrolment.state) {
        case EnrolmentState::active:
            return;
        case EnrolmentState::revoked:
            throw coded_error("revoked", "the evidence key was revoked; enrol the host again");
        case EnrolmentState::retired:
            throw coded_error("retired", "the host was retired");
        case EnrolmentState::replaced:
            throw coded_error("retired", "a later enrolment of this host took the place of this one");
        case EnrolmentState::two_machines:
            throw coded_error("two_machines", "two machines speak with this enrolment's key; enrol each of them anew");
    }
}

void demand_signer(const Store& store, const Envelope& envelope, std::string_view host,
                   std::optional<Enrolment>& enrolment) {
    if (!enrolment || enrolment->key_id != envelope.keyid) enrolment = store.enrolment_by_key(envelope.keyid);
    if (!enrolment) throw coded_error("unknown_key", "no enrolment has the evidence key " + envelope.keyid.hex());
    if (enrolment->host != host)
        throw coded_error("foreign_host", "the evidence key is another host's than the connection's certificate");
    demand_active(*enrolment);
    if (!evidence::verify(envelope, evidence::PublicKey::from_spki(enrolment->evidence_key)))
        throw coded_error("bad_signature", "the evidence key did not sign this payload");
}

void demand_place(const Statement& statement, const Envelope& envelope, const Enrolment& enrolment,
                  const AcceptanceRules& rules, std::string_view host, const TreeHead& tree) {
    if (statement.host.id != host) throw coded_error("foreign_host", "the statement is of host " + statement.host.id);
    if (statement.host.enrolment != enrolment.id)
        throw coded_error("unknown_key", "the evidence key is not of the enrolment that the statement names");
    if (statement.agent.key_id != envelope.keyid)
        throw coded_error("schema", "predicate.agent.key_id: expected the key that signed");
    if (statement.log.origin != rules.log.name)
        throw coded_error("other_origin", "this store's log is " + rules.log.name);
    if (statement.log.head.size > tree.size)
        throw coded_error("unavailable", "the statement names a tree of " + std::to_string(statement.log.head.size) +
                                             " entries, this store has " + std::to_string(tree.size) + " so far");
}

// A host may say that the store lost statements only with the proof that the store had them.
void demand_proof_of_loss(const evidence::LostByStore& lost, const AcceptanceRules& rules) {
    try {
        const evidence::Checkpoint checkpoint = evidence::open_checkpoint(lost.checkpoint, rules.log);
        if (evidence::verify_inclusion(lost.leaf, lost.index, checkpoint.head, lost.inclusion_proof)) return;
    } catch (const evidence::error&) {
        // Not a checkpoint of this log: said below.
    }
    throw coded_error("schema", "predicate.lost_by_store.receipt: expected a receipt of this store that verifies");
}

/// The host's bucket as it is now.
Quota refilled(const Quota& quota, const IngestLimits& limits, Instant now) {
    const double hours =
        std::chrono::duration<double, std::ratio<3600>>(std::max(now - quota.at, std::chrono::milliseconds{0})).count();
    return {std::min(limits.statements_burst, quota.left + hours * limits.statements_per_hour),
            std::max(now, quota.at)};
}

void demand_tables(const Store& store, const Statement& statement, std::string_view host) {
    const std::vector<TableRef> tables = evidence::named_tables(statement);
    std::vector<Digest> digests;
    for (const TableRef& table : tables) digests.push_back(table.digest);
    std::map<Digest, std::string> held;
    for (const Holding& holding : store.holdings(host, digests)) held.emplace(holding.digest, holding.name);
    evidence::Refused missing{"tables_missing", "upload these tables, then repeat the statement", {}, {}};
    for (const TableRef& table : tables) {
        const auto found = held.find(table.digest);
        if (found == held.end()) {
            missing.tables.push_back(table.digest);
        } else if (found->second != table.name) {
            // It was checked against the schema of that name, not of this one.
            throw coded_error("schema", "table " + table.digest.hex() + " was uploaded as " + found->second +
                                            ", not as " + table.name);
        }
    }
    if (!missing.tables.empty()) throw refusal{missing};
}

/// Throws where the statement is not the next of its chain; true where it is a repeat.
bool is_repeat(const Store& store, const Statement& statement, const Digest& digest, const Enrolment& enrolment,
               ChainStep& step) {
    std::optional<Digest> at_sequence;
    if (statement.sequence <= enrolment.head.sequence)
        if (const auto row = store.statement(enrolment.id, statement.sequence)) at_sequence = row->digest;
    step = evidence::chain_step(enrolment.head, at_sequence, statement, digest);
    return step == ChainStep::repeat;
}

[[noreturn]] void refuse_step(const Store& store, const Enrolment& enrolment, ChainStep step) {
    std::string detail = "the head of the chain is statement " + std::to_string(enrolment.head.sequence);
    if (step == ChainStep::fork) detail += "; another statement stands at this sequence";
    if (step == ChainStep::gap) detail += "; this one lies beyond the next";
    if (step == ChainStep::other_previous) detail += "; this one follows another";
    throw refusal{{"chain_conflict", detail, {}, store_head(store, enrolment)}};
}

bool two_machines(const Enrolment& enrolment, const std::vector<StoredBoot>& boots) {
    std::vector<evidence::Boot> all;
    all.push_back({enrolment.machine, std::nullopt, false});
    for (const StoredBoot& boot : boots) all.push_back({boot.machine, boot.boot_id, boot.rollback});
    return evidence::speaks_from_two_machines(all);
}

/// The results as they are stored: each same_as with the entry that wrote it out.
std::vector<StoredResult> stored_results(const Store& store, const Statement& statement, const Digest& enrolment) {
    std::map<std::uint64_t, std::optional<StatementRow>> writers;
    std::vector<StoredResult> results;
    for (const evidence::Result& result : statement.results) {
        StoredResult stored;
        stored.collector = result.collector;
        stored.collected_at = result.collected_at;
        stored.same_as = result.same_as;
        if (result.same_as) {
            const auto [writer, first] = writers.try_emplace(*result.same_as);
            if (first) writer->second = store.statement(enrolment, *result.same_as);
            const auto wrote_it_out = [&](const StoredResult& other) {
                return !other.same_as && other.collector == result.collector;
            };
            if (!writer->second ||
                std::none_of(writer->second->results.begin(), writer->second->results.end(), wrote_it_out))
                throw coded_error("schema", "predicate.results: same_as " + std::to_string(*result.same_as) + " of " +
                                                result.collector + " names no result that was written out there");
            stored.written_out = writer->second->index;
        } else {
            stored.version = result.version;
            stored.status = result.status;
            stored.reason = result.reason;
            stored.tables = result.tables;
        }
        results.push_back(std::move(stored));
    }
    return results;
}

StatementAccepted accepted(const Store& store, const Statement& statement, const Digest& digest,
                           const Enrolment& enrolment, std::vector<StoredResult> results) {
    StatementAccepted change;
    change.follows = enrolment.head;
    StatementRow& row = change.row;
    row.host = enrolment.host;
    row.enrolment = enrolment.id;
    row.sequence = statement.sequence;
    row.digest = digest;
    row.previous = statement.previous;
    row.made_at = statement.made_at;
    row.log_size = statement.log.head.size;
    if (const auto mark = store.mark_before(statement.log.head.size)) row.not_before = mark->time;
    row.host_name = statement.host.name;
    row.agent_version = statement.agent.version;
    row.clock_synchronized = statement.clock_synchronized;
    row.due = statement.due;
    row.remarks = remarks_of(store, statement);
    row.results = std::move(results);
    return change;
}

/// The order of the rules is the order of the lines here.
std::variant<evidence::Refused, Repeat, LogEntry> judge(const Store& store, const AcceptanceRules& rules,
                                                        std::string_view host, std::string_view entry,
                                                        std::optional<Enrolment>& enrolment, Instant now,
                                                        Acceptance& acceptance) {
    const Envelope envelope = evidence::parse_entry(entry);  // size, JSON profile
    demand_signer(store, envelope, host, enrolment);
    const Statement statement = evidence::parse_statement(envelope.payload);  // predicateType, members
    acceptance.named_tree = statement.log.head;
    demand_place(statement, envelope, *enrolment, rules, host, store.log_head().tree);
    if (statement.lost_by_store) demand_proof_of_loss(*statement.lost_by_store, rules);

    const Digest digest = envelope.digest();
    ChainStep step{};
    if (is_repeat(store, statement, digest, *enrolment, step)) return Repeat{enrolment->id, statement.sequence};
    const Quota quota = refilled(enrolment->quota, rules.limits, now);
    if (quota.left < 1)
        throw coded_error("busy",
                          "the host has sent more statements than its quota; results may wait in one statement");
    demand_tables(store, statement, host);
    if (!evidence::advances(step)) refuse_step(store, *enrolment, step);
    std::vector<StoredResult> results = stored_results(store, statement, enrolment->id);
    std::vector<StoredBoot> boots = with_boot(enrolment->boots, statement);
    if (two_machines(*enrolment, boots)) {
        acceptance.two_machines = enrolment->id;
        enrolment->state = EnrolmentState::two_machines;
        demand_active(*enrolment);
    }

    StatementAccepted change = accepted(store, statement, digest, *enrolment, std::move(results));
    change.quota = {quota.left - 1, quota.at};
    change.boots = std::move(boots);
    enrolment->head = {statement.sequence, digest};
    enrolment->quota = change.quota;
    enrolment->boots = change.boots;
    return LogEntry{std::string{entry}, std::move(change)};
}

}  // namespace

std::vector<StoredBoot> with_boot(std::vector<StoredBoot> boots, const Statement& statement) {
    const StoredBoot boot{statement.machine, statement.boot_id, statement.rollback.has_value()};
    if (boots.empty() || boots.back().machine != boot.machine || boots.back().boot_id != boot.boot_id)
        boots.push_back(boot);
    if (boots.size() > most_boots) boots.erase(boots.begin());
    return boots;
}

std::set<std::string> remarks_of(const Store& store, const Statement& statement) {
    std::set<std::string> remarks;
    if (!statement.dropped.empty()) remarks.insert("dropped");
    if (statement.rollback) remarks.insert("rollback");
    if (statement.lost_by_store) remarks.insert("lost_by_store");
    if (statement.alarm) remarks.insert("alarm");
    // Another root at that size: the host has seen another log under our name, or lies. Taken, and shown.
    evidence::TileHashes hashes{statement.log.head.size, tile_fetch(store)};
    if (evidence::MerkleTree{statement.log.head.size, hashes}.root() != statement.log.head.root)
        remarks.insert("other_root");
    return remarks;
}

evidence::StoreHead store_head(const Store& store, const Enrolment& enrolment) {
    evidence::StoreHead head{enrolment.head, {}};
    if (enrolment.head.sequence == 0) return head;
    const std::optional<StatementRow> row = store.statement(enrolment.id, enrolment.head.sequence);
    if (!row) return head;
    const std::vector<std::string> entries = store.entries(row->index, 1);
    if (!entries.empty()) head.envelope = evidence::parse_entry(entries.front());
    return head;
}

Acceptance accept(const Store& store, const AcceptanceRules& rules, std::string_view host, std::string_view entry,
                  std::optional<Enrolment>& enrolment, Instant now) {
    Acceptance acceptance;
    try {
        acceptance.outcome = judge(store, rules, host, entry, enrolment, now, acceptance);
    } catch (const refusal& refused) {
        acceptance.outcome = refused.what;
    } catch (const coded_error& refused) {
        acceptance.outcome = evidence::Refused{refused.code(), refused.what(), {}, {}};
    }
    return acceptance;
}

}  // namespace annexa::store
