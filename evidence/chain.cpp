#include "evidence/chain.hpp"

#include "evidence/errors.hpp"

#include <algorithm>
#include <vector>

namespace annexa::evidence {

ChainStep chain_step(const ChainHead& head, const std::optional<Digest>& at_sequence, const Statement& statement,
                     const Digest& digest) {
    if (at_sequence == digest || (statement.sequence == head.sequence && digest == head.digest))
        return ChainStep::repeat;
    if (statement.sequence <= head.sequence) return ChainStep::fork;
    if (statement.sequence == head.sequence + 1)
        return statement.previous == head.digest ? ChainStep::next : ChainStep::other_previous;
    // The agent says which statements the store has lost: exactly those between the head and this one.
    const auto& lost = statement.lost_by_store;
    if (lost && lost->from == head.sequence + 1 && lost->to + 1 == statement.sequence)
        return ChainStep::next_after_loss;
    return ChainStep::gap;
}

ConflictVerdict judge_conflict(const StoreHead& store, const Digest& enrolment, const PublicKey& own_key,
                               const std::optional<ChainHead>& acknowledged) {
    if (store.head.sequence == 0) {
        if (store.head.digest != enrolment) return ConflictVerdict::not_ours;
    } else {
        if (!store.envelope || store.envelope->digest() != store.head.digest || !verify(*store.envelope, own_key))
            return ConflictVerdict::not_ours;
        try {
            const Statement statement = parse_statement(store.envelope->payload);
            if (statement.host.enrolment != enrolment || statement.sequence != store.head.sequence)
                return ConflictVerdict::not_ours;
        } catch (const error&) {
            return ConflictVerdict::not_ours;
        }
    }
    if (!acknowledged || acknowledged->sequence < store.head.sequence) return ConflictVerdict::go_on_behind;
    if (acknowledged->sequence > store.head.sequence) return ConflictVerdict::store_lost;
    return acknowledged->digest == store.head.digest ? ConflictVerdict::go_on_behind : ConflictVerdict::forked;
}

bool speaks_from_two_machines(std::span<const Boot> boots) {
    const Digest* machine = nullptr;
    std::vector<std::string_view> runs;  // boot ids in the order in which they took over from one another
    bool excused = false;
    unsigned returns = 0;
    for (const Boot& boot : boots) {
        if (boot.machine) {
            if (machine != nullptr && *machine != *boot.machine) return true;
            machine = &*boot.machine;
        }
        if (!boot.boot_id || (!runs.empty() && runs.back() == *boot.boot_id)) continue;
        // A boot id never comes back by itself: the kernel draws a new one at each boot.
        if (std::find(runs.begin(), runs.end(), *boot.boot_id) != runs.end()) {
            if (boot.rollback && !excused) {
                excused = true;
            } else {
                ++returns;
            }
        }
        runs.push_back(*boot.boot_id);
    }
    return returns >= 2;
}

}  // namespace annexa::evidence
