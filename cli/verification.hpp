// An entry of the log against what proves it: checkpoint, inclusion, signature, the digests of its tables. Pure.
#pragma once

#include "evidence/checkpoint.hpp"
#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "evidence/statement.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annexa::cli {

/// One thing that was verified, or that did not hold.
struct Finding {
    bool holds = false;
    std::string what;  // "The entry is in the log: inclusion proof of 5 hashes"
};

/// An entry with the proof that the store gave for it.
struct ProvedEntry {
    std::uint64_t index = 0;
    evidence::Envelope envelope;
    std::vector<evidence::Digest> inclusion_proof;
};

struct Verified {
    std::vector<Finding> findings;
    std::optional<evidence::Checkpoint> checkpoint;      // where its signature holds
    std::optional<evidence::Statement> statement;        // where the entry is one and its signature holds
    std::optional<evidence::EnrolmentRecord> enrolment;  // of the host that made it
    [[nodiscard]] bool all_hold() const;
};

/// `enrolment` is the record that names the key which signed a statement; a record is verified with the store's record
/// key, which the enrolment record names too.
Verified verify_entry(const ProvedEntry& entry, const std::optional<ProvedEntry>& enrolment,
                      const evidence::PublicKey& record_key, const std::string& checkpoint,
                      const evidence::VerifierKey& log);

/// That bytes are the table which a digest names, in canonical form.
Finding verify_table(const evidence::TableRef& ref, const std::string& bytes);

}  // namespace annexa::cli
