// The chain of an enrolment: what may follow what. Pure rules, the same for store, agent and verifier.
//
// Sequence 0 is the enrolment record; statement n names the digest of n-1 as `previous`.
#pragma once

#include "evidence/envelope.hpp"
#include "evidence/statement.hpp"

#include <optional>
#include <span>
#include <string>

namespace annexa::evidence {

struct ChainHead {
    std::uint64_t sequence = 0;
    Digest digest;  // of the payload; for sequence 0 of the enrolment record's
    bool operator==(const ChainHead&) const = default;
};

enum class ChainStep {
    next,             // it follows the head
    next_after_loss,  // it follows a gap that the store itself left (lost_by_store): accept, and alarm against the
                      // store
    repeat,           // it is accepted already: its receipt again
    fork,             // another statement stands at its sequence
    gap,              // its sequence lies beyond the head's successor
    other_previous,   // its sequence is right, what it follows is not the head
};

/// True for next and next_after_loss; false and not repeat: `chain_conflict`.
constexpr bool advances(ChainStep step) { return step == ChainStep::next || step == ChainStep::next_after_loss; }

/// Where a statement with this payload digest stands against the head of its chain. `at_sequence`: digest of the
/// accepted statement of that sequence, where there is one (the store looks it up when sequence <= head.sequence).
ChainStep chain_step(const ChainHead& head, const std::optional<Digest>& at_sequence, const Statement& statement,
                     const Digest& digest);

/// What a store answers to a chain_conflict: its head; no envelope where that is the enrolment record.
struct StoreHead {
    ChainHead head;
    std::optional<Envelope> envelope;
    bool operator==(const StoreHead&) const = default;
};

enum class ConflictVerdict {
    go_on_behind,  // our own key signed that head: a restored snapshot. Go on behind it and say `rollback`
    store_lost,    // we hold a receipt for a later statement: the store was restored. Send again, say `lost_by_store`
    forked,        // we hold a receipt for another statement of that sequence: alarm
    not_ours,      // nothing that our key signed for this enrolment: counts as `unavailable`, and is said
};

/// `acknowledged`: the highest statement that the agent holds a verified receipt for.
ConflictVerdict judge_conflict(const StoreHead& store, const Digest& enrolment, const PublicKey& own_key,
                               const std::optional<ChainHead>& acknowledged);

/// What of a statement tells machines apart.
struct Boot {
    std::optional<Digest> machine;
    std::optional<std::string> boot_id;
    bool rollback = false;
};

/// True where an enrolment speaks from two machines: the fingerprint changed, or two boot ids alternate. One return to
/// an earlier boot id in a statement that carries `rollback` is a restored snapshot. Oldest first.
bool speaks_from_two_machines(std::span<const Boot> boots);

}  // namespace annexa::evidence
