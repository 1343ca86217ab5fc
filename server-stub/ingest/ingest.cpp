#include "server-stub/ingest/ingest.hpp"

#include "evidence/errors.hpp"
#include "evidence/receipt.hpp"
#include "policies/schema.hpp"
#include "server-stub/ingest/acceptance.hpp"
#include "server-stub/ingest/table_upload.hpp"

#include <array>
#include <mutex>
#include <shared_mutex>

namespace annexa::store {

using evidence::coded_error;

struct Ingest::Parts {
    Parts(Store& a_store, Blobs& some_blobs, Log& a_log, const evidence::Clock& a_clock,
          const policies::Schemas& some_schemas, IngestLimits limits)
        : store{a_store},
          blobs{some_blobs},
          log{a_log},
          clock{a_clock},
          schemas{some_schemas},
          rules{a_log.verifier_key(), limits} {}

    Store& store;
    Blobs& blobs;
    Log& log;
    const evidence::Clock& clock;
    const policies::Schemas& schemas;
    AcceptanceRules rules;
    /// Statements of one host are judged one after the other: each upon the chain as the last left it.
    std::array<std::mutex, 64> hosts;
    /// Held by whatever relies on a holding; alone by whatever drops them.
    std::shared_mutex holdings;

    std::mutex& of_host(std::string_view host) { return hosts[std::hash<std::string_view>{}(host) % hosts.size()]; }
    void demand_acknowledging() const;
    void demand_room(std::string_view host, std::uint64_t bytes) const;
    Put put(std::string_view host, const Digest& digest, std::string_view name, std::string_view body);
    std::string take(std::string_view host, const std::vector<std::string>& entries);
    std::vector<Acceptance> judge(std::string_view host, const std::vector<std::string>& entries);
    bool append(const std::vector<Acceptance>& judged);
    evidence::Receipt receipt(std::string_view host, const std::vector<Acceptance>& judged) const;
};

namespace {

constexpr std::chrono::hours unnamed_table_life{24};

/// Nothing was acknowledged where the store could not read or write: the host repeats it.
template <class Call>
auto or_unavailable(Call call) {
    try {
        return call();
    } catch (const store_unavailable& failure) {
        throw coded_error("unavailable", failure.what());
    }
}

Digest digest_of(std::string_view hex) {
    try {
        return Digest::from_hex(hex);
    } catch (const evidence::format_error&) {
        throw coded_error("bad_request", "expected /agent/v1/tables/ and a SHA-256 in hexadecimal digits");
    }
}

bool refused(const Acceptance& acceptance) { return std::holds_alternative<evidence::Refused>(acceptance.outcome); }

}  // namespace

Ingest::Ingest(Store& store, Blobs& blobs, Log& log, const evidence::Clock& clock, const policies::Schemas& schemas,
               IngestLimits limits)
    : parts_{std::make_unique<Parts>(store, blobs, log, clock, schemas, limits)} {}
Ingest::~Ingest() = default;

// A restored store may be behind what it once acknowledged: it takes nothing, not even a repeat, before it has a
// successor.
void Ingest::Parts::demand_acknowledging() const {
    if (const auto why = store.setting("restored")) throw coded_error("unavailable", *why);
}

void Ingest::check_host(std::string_view id) const {
    const std::optional<Host> host = parts_->store.host(id);
    if (!host) throw coded_error("unknown_key", "this store has no host " + std::string{id});
    const std::optional<Enrolment> enrolment = parts_->store.enrolment(host->enrolment);
    if (!enrolment) throw coded_error("unknown_key", "host " + std::string{id} + " has no enrolment");
    if (host->retired || enrolment->state == EnrolmentState::retired)
        throw coded_error("retired", "the host was retired");
    if (enrolment->state == EnrolmentState::revoked)
        throw coded_error("revoked", "the host's key was revoked; enrol it again");
}

// ---------------------------------------------------------------------------------------------- tables

void Ingest::Parts::demand_room(std::string_view host, std::uint64_t bytes) const {
    if (store.unnamed_bytes(host) + bytes > rules.limits.unnamed_table_bytes)
        throw coded_error("busy", "the host has uploaded too much that no statement has named yet");
    if (store.bytes_put_since(host, clock.now() - std::chrono::hours{24}) + bytes > rules.limits.table_bytes_per_day)
        throw coded_error("busy", "the host has uploaded as many new tables today as it may");
}

Ingest::Put Ingest::put_table(std::string_view host, std::string_view digest_hex, std::string_view name,
                              std::string_view body) {
    return or_unavailable([&] {
        parts_->demand_acknowledging();
        check_host(host);
        return parts_->put(host, digest_of(digest_hex), name, body);
    });
}

Ingest::Put Ingest::Parts::put(std::string_view host, const Digest& digest, std::string_view name,
                               std::string_view body) {
    const std::lock_guard one_at_a_time{of_host(host)};
    const std::shared_lock kept{holdings};
    const std::optional<Holding> held = store.holding(host, digest);
    if (held && held->name == name && held->named) return Put::was_held;
    // Decoded though it may be held: only who has the bytes may name the table.
    const std::string bytes = decode_table(body, digest, name, schemas, rules.limits);
    if (held && held->name != name)
        throw coded_error("schema", "the host has uploaded this table as " + held->name + " before");
    if (!held) {
        demand_room(host, bytes.size());
        blobs.put(digest, bytes);
    }
    return store.hold({std::string{host}, digest, std::string{name}, bytes.size(), clock.now(), std::nullopt})
               ? Put::stored
               : Put::was_held;
}

std::size_t Ingest::sweep() {
    const std::unique_lock alone{parts_->holdings};
    const std::vector<Digest> dropped = parts_->store.drop_unnamed(parts_->clock.now() - unnamed_table_life);
    std::size_t removed = 0;
    for (const Digest& digest : dropped)
        if (parts_->blobs.remove(digest)) ++removed;
    return removed;
}

// ---------------------------------------------------------------------------------------------- statements

std::vector<Acceptance> Ingest::Parts::judge(std::string_view host, const std::vector<std::string>& entries) {
    std::vector<Acceptance> judged;
    std::optional<Enrolment> enrolment;
    for (const std::string& entry : entries) {
        if (!judged.empty() && refused(judged.back())) {
            // What follows a refused statement would look like a conflict and is none.
            Acceptance later;
            later.outcome = evidence::Refused{"unavailable", "a statement before it was refused", {}, {}};
            judged.push_back(std::move(later));
            continue;
        }
        judged.push_back(accept(store, rules, host, entry, enrolment, clock.now()));
        if (judged.back().two_machines) store.mark_two_machines(*judged.back().two_machines, clock.now());
    }
    return judged;
}

/// False: what was judged upon is no longer so (a revocation, another server).
bool Ingest::Parts::append(const std::vector<Acceptance>& judged) {
    std::vector<LogEntry> entries;
    for (const Acceptance& acceptance : judged)
        if (const auto* entry = std::get_if<LogEntry>(&acceptance.outcome)) entries.push_back(*entry);
    try {
        log.append(std::move(entries));
    } catch (const contradiction&) {
        return false;
    }
    return true;
}

/// Made from what is durable: the accepted are looked up like the repeats.
evidence::Receipt Ingest::Parts::receipt(std::string_view host, const std::vector<Acceptance>& judged) const {
    const LogHead head = log.head();
    evidence::Receipt receipt;
    receipt.checkpoint = head.checkpoint;
    if (const auto& known = judged.front().named_tree; known && known->size <= head.tree.size)
        receipt.consistency_proof = log.consistency_proof(known->size, head.tree.size);
    const auto accepted = [&](const Digest& enrolment, std::uint64_t sequence) {
        const std::optional<StatementRow> row = store.statement(enrolment, sequence);
        if (!row)
            throw store_unavailable("statement " + std::to_string(sequence) + " of host " + std::string{host} +
                                    " is not to be found");
        return evidence::Accepted{row->index, log.inclusion_proof(row->index, head.tree.size)};
    };
    for (const Acceptance& acceptance : judged) {
        if (const auto* entry = std::get_if<LogEntry>(&acceptance.outcome)) {
            const StatementRow& row = std::get<StatementAccepted>(entry->change).row;
            receipt.statements.emplace_back(accepted(row.enrolment, row.sequence));
        } else if (const auto* repeat = std::get_if<Repeat>(&acceptance.outcome)) {
            receipt.statements.emplace_back(accepted(repeat->enrolment, repeat->sequence));
        } else {
            evidence::Refused refusal = std::get<evidence::Refused>(acceptance.outcome);
            // The head as it is now, after what this upload itself added.
            if (refusal.head && refusal.head->head.sequence != 0 && !refusal.head->envelope)
                if (const auto last = store.host(host))
                    if (const auto enrolment = store.enrolment(last->enrolment))
                        refusal.head = store_head(store, *enrolment);
            receipt.statements.emplace_back(std::move(refusal));
        }
    }
    return receipt;
}

std::string Ingest::Parts::take(std::string_view host, const std::vector<std::string>& entries) {
    const std::lock_guard one_at_a_time{of_host(host)};
    const std::shared_lock kept{holdings};
    constexpr int most_attempts = 5;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const std::vector<Acceptance> judged = judge(host, entries);
        if (append(judged)) return evidence::serialise(receipt(host, judged));
    }
    throw coded_error("unavailable", "the host's chain moved while its statement was judged; repeat it");
}

std::string Ingest::submit(std::string_view host, std::string_view body) {
    return or_unavailable([&] {
        parts_->demand_acknowledging();
        check_host(host);
        return parts_->take(host, evidence::decode_upload(body));
    });
}

}  // namespace annexa::store
