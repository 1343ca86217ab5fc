// What goes up and what comes back: uploads of envelopes, and the receipt that proves that the log holds them.
#pragma once

#include "evidence/chain.hpp"
#include "evidence/checkpoint.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annexa::evidence {

constexpr std::size_t most_statements_in_upload = 16;
constexpr std::size_t largest_upload_bytes = std::size_t{1} << 20;

/// The body of POST /agent/v1/statements: a canonical JSON array of 1 to 16 envelopes. Throws error beyond that.
std::string encode_upload(std::span<const Envelope> envelopes);
/// The entries, each for parse_entry (which may refuse it alone). Throws coded_error `too_large` or `bad_json`.
std::vector<std::string> decode_upload(std::string_view body);

struct Accepted {
    std::uint64_t index = 0;
    std::vector<Digest> inclusion_proof;
    bool operator==(const Accepted&) const = default;
};

struct Refused {
    std::string code;
    std::string detail;
    std::vector<Digest> tables;     // tables_missing
    std::optional<StoreHead> head;  // chain_conflict
    bool operator==(const Refused&) const = default;
};

struct Receipt {
    std::string checkpoint;                                   // a note
    std::vector<Digest> consistency_proof;                    // from the size that the first statement named
    std::vector<std::variant<Accepted, Refused>> statements;  // in the upload's order
    bool operator==(const Receipt&) const = default;
};

std::string serialise(const Receipt& receipt);
/// Throws coded_error `bad_json` or `schema`: bytes that are no receipt are an unknown answer, never a refusal.
Receipt parse_receipt(std::string_view bytes);

enum class LogVerdict {
    ok,             // signed, consistent with what was known, and every accepted leaf is in it
    behind,         // signed, but smaller than what was known: ask again later, elsewhere first
    forked,         // the same size with another root, or a consistency proof that fails: alarm log_forked
    bad_inclusion,  // an accepted statement's proof fails: alarm bad_receipt
    bad_signature,  // not a note of this log's key: alarm bad_receipt
    other_origin,
    malformed,  // not a checkpoint, or not as many answers as statements were sent
};
std::string_view verdict_name(LogVerdict verdict);

struct LogJudgement {
    LogVerdict verdict = LogVerdict::malformed;
    Checkpoint checkpoint;  // as verified; only with ok and behind and forked
    std::string detail;     // for people
};

/// A checkpoint against the newest tree that the agent has verified. `known` is never of size 0: the enrolment's
/// checkpoint is the first (throws error).
LogJudgement judge_checkpoint(std::string_view note, const VerifierKey& log, const TreeHead& known,
                              std::span<const Digest> consistency_proof);

/// The same for a receipt, with the leaf hashes of the statements sent, in their order. `known` is the tree that the first
/// of them names. A receipt that accepts nothing and proves nothing (the store could not read what it got) is ok for its
/// refusals; its judgement's checkpoint is then `known` still.
LogJudgement verify_receipt(const Receipt& receipt, const VerifierKey& log, const TreeHead& known,
                            std::span<const Digest> leaves);

}  // namespace annexa::evidence
