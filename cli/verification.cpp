#include "cli/verification.hpp"

#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "evidence/table.hpp"

#include <algorithm>

namespace annexa::cli {
namespace {

/// Runs one verification: what() of what it throws becomes a finding that does not hold.
template <typename Function>
void examine(std::vector<Finding>& findings, const std::string& what, Function&& function) {
    try {
        const bool holds = function();
        findings.push_back({holds, what});
    } catch (const evidence::error& problem) {
        findings.push_back({false, what + ": " + problem.what()});
    }
}

bool is_included(const ProvedEntry& entry, const evidence::Checkpoint& checkpoint) {
    return evidence::verify_inclusion(evidence::leaf_hash(evidence::entry(entry.envelope)), entry.index,
                                      checkpoint.head, entry.inclusion_proof);
}

std::string included(const char* what, const ProvedEntry& entry) {
    return std::string{what} + " is entry " + std::to_string(entry.index) + " of the log (inclusion proof of " +
           std::to_string(entry.inclusion_proof.size()) + " hashes)";
}

void examine_statement(Verified& verified, const ProvedEntry& entry, const ProvedEntry& enrolment,
                       const evidence::PublicKey& record_key) {
    examine(verified.findings,
            "the enrolment record is signed by the store's record key " + enrolment.envelope.keyid.hex().substr(0, 16),
            [&] {
                const auto record = evidence::parse_enrolment_record(evidence::open(enrolment.envelope, record_key));
                if (!(record.record_key == record_key)) return false;
                verified.enrolment = record;
                return true;
            });
    if (!verified.enrolment) return;
    const evidence::EnrolmentRecord& record = *verified.enrolment;
    examine(verified.findings,
            "the statement is signed by the evidence key of " + record.host_name + ", " +
                entry.envelope.keyid.hex().substr(0, 16),
            [&] {
                verified.statement = evidence::parse_statement(evidence::open(entry.envelope, record.key));
                return true;
            });
    if (!verified.statement) return;
    examine(verified.findings, "it speaks of that enrolment and of no other host", [&] {
        return verified.statement->host.id == record.host_id &&
               verified.statement->host.enrolment == enrolment.envelope.digest();
    });
}

}  // namespace

bool Verified::all_hold() const {
    return !findings.empty() &&
           std::all_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.holds; });
}

Verified verify_entry(const ProvedEntry& entry, const std::optional<ProvedEntry>& enrolment,
                      const evidence::PublicKey& record_key, const std::string& checkpoint,
                      const evidence::VerifierKey& log) {
    Verified verified;
    examine(verified.findings, "the checkpoint is signed by the log key that the token names, " + log.name, [&] {
        verified.checkpoint = evidence::open_checkpoint(checkpoint, log);
        return true;
    });
    if (!verified.checkpoint) return verified;
    examine(verified.findings, included("it", entry), [&] { return is_included(entry, *verified.checkpoint); });
    if (enrolment) {
        examine(verified.findings, included("the enrolment record", *enrolment),
                [&] { return is_included(*enrolment, *verified.checkpoint); });
        examine_statement(verified, entry, *enrolment, record_key);
    } else {
        examine(verified.findings,
                "the record is signed by the store's record key " + entry.envelope.keyid.hex().substr(0, 16), [&] {
                    return evidence::may_sign(evidence::Signer::record_key,
                                              evidence::predicate_type_of(evidence::open(entry.envelope, record_key)));
                });
    }
    return verified;
}

Finding verify_table(const evidence::TableRef& ref, const std::string& bytes) {
    const std::string what =
        "table " + ref.name + " has the digest that the statement names, " + ref.digest.hex().substr(0, 16);
    if (evidence::sha256(bytes) != ref.digest) return {false, what};
    try {
        static_cast<void>(evidence::parse_table(ref.name, bytes));
    } catch (const evidence::error& problem) {
        return {false, what + ", but is not canonical: " + problem.what()};
    }
    return {true, what};
}

}  // namespace annexa::cli
