#include "server-stub/isms/proved_entry.hpp"

#include "evidence/checkpoint.hpp"
#include "evidence/envelope.hpp"
#include "evidence/merkle_tree.hpp"
#include "evidence/proof.hpp"
#include "evidence/record.hpp"
#include "evidence/statement.hpp"
#include "server-stub/log/log.hpp"

namespace annexa::store::isms {
namespace {

/// Throws evidence::error with what does not hold.
void verify_signature(const Store& store, const evidence::Envelope& envelope, const evidence::PublicKey& record_key,
                      std::uint64_t index, ProvedEntry& proved) {
    if (evidence::may_sign(evidence::Signer::record_key, proved.type)) {
        evidence::open(envelope, record_key);
        return;
    }
    const evidence::Statement statement = evidence::parse_statement(envelope.payload);
    const std::optional<Enrolment> enrolment = store.enrolment(statement.host.enrolment);
    if (!enrolment || enrolment->index >= index || enrolment->host != statement.host.id)
        throw evidence::error("its host was not enrolled before it");
    evidence::open(envelope, evidence::PublicKey::from_spki(enrolment->evidence_key));
    if (enrolment->compromised_since && index >= *enrolment->compromised_since)
        throw evidence::error("its key was compromised by then");
    proved.host = statement.host.id;
    proved.made_at = statement.made_at;
}

}  // namespace

ProvedEntry prove_entry(const Store& store, const Log& log, const evidence::PublicKey& record_key,
                        std::uint64_t index) {
    ProvedEntry proved;
    try {
        const LogHead head = store.log_head();
        proved.tree_size = head.tree.size;
        const std::vector<std::string> entries =
            index < head.tree.size ? store.entries(index, 1) : std::vector<std::string>{};
        if (entries.empty())
            throw evidence::error("the log has no entry " + std::to_string(index) + "; it has " +
                                  std::to_string(head.tree.size));
        const evidence::Checkpoint checkpoint = evidence::open_checkpoint(head.checkpoint, log.verifier_key());
        proved.tree_size = checkpoint.head.size;
        const std::vector<Digest> proof = log.inclusion_proof(index, checkpoint.head.size);
        if (!evidence::verify_inclusion(evidence::leaf_hash(entries.front()), index, checkpoint.head, proof))
            throw evidence::error("it is not in the tree of the checkpoint");
        const evidence::Envelope envelope = evidence::parse_entry(entries.front());
        proved.digest = envelope.digest();
        proved.type = evidence::predicate_type_of(envelope.payload);
        verify_signature(store, envelope, record_key, index, proved);
    } catch (const store_unavailable&) {
        throw;
    } catch (const evidence::error& problem) {
        proved.problem = problem.what();
    }
    return proved;
}

}  // namespace annexa::store::isms
