// Whether a statement is accepted: the rules of the evidence protocol, in their order, each refusal with its code.
//
//   too_large       more than an entry of the log holds
//   bad_json        the envelope, or the payload, is not canonical JSON of our profile
//   unknown_key     no enrolment has this evidence key, or not the one that the statement names
//   foreign_host    the key, or the statement, is of another host than the TLS client
//   revoked, retired, two_machines      the key's enrolment is not active
//   bad_signature   the key did not sign this payload
//   wrong_type      an evidence key signs evidence/v1, and nothing else comes this way
//   schema          a member is not as it should be; a same_as names nothing; a table was uploaded under another name
//   other_origin    the statement names another log
//   unavailable     it names a tree that this store has not got yet
//   busy            more statements than the host's quota
//   tables_missing  tables that the host has not uploaded
//   chain_conflict  it does not follow the head of its chain, which the refusal names
//
// A repeat of an accepted statement is no refusal and costs no quota.
#pragma once

#include "evidence/receipt.hpp"
#include "evidence/signed_note.hpp"
#include "server-stub/ingest/limits.hpp"
#include "server-stub/storage/store.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace annexa::store {

struct AcceptanceRules {
    evidence::VerifierKey log;  // its name is the origin
    IngestLimits limits;
};

struct Repeat {
    Digest enrolment;
    std::uint64_t sequence = 0;
};

struct Acceptance {
    /// accepted: what the log is to append. Repeat: the receipt of what was accepted before.
    std::variant<evidence::Refused, Repeat, LogEntry> outcome;
    /// The enrolment has just been found to speak from two machines and is to be marked.
    std::optional<Digest> two_machines;
    /// The tree that the statement names, where it could be read at all: what the receipt's proof begins at.
    std::optional<evidence::TreeHead> named_tree;
};

/// Judges one entry of an upload. Changes nothing but `enrolment`, which carries what the statements before it in the
/// same upload did to the chain: begin an upload with nothing in it. Reads the store; throws what its reads throw.
Acceptance accept(const Store& store, const AcceptanceRules& rules, std::string_view host, std::string_view entry,
                  std::optional<Enrolment>& enrolment, Instant now);

/// The head of a chain as a chain_conflict names it, with its envelope from the log.
evidence::StoreHead store_head(const Store& store, const Enrolment& enrolment);

/// What an accepted statement makes of its enrolment's boots, and what its row remarks ("dropped", "rollback",
/// "lost_by_store", "alarm"; "other_root": the tree that it names is not this log's). Check computes both again.
std::vector<StoredBoot> with_boot(std::vector<StoredBoot> boots, const evidence::Statement& statement);
std::set<std::string> remarks_of(const Store& store, const evidence::Statement& statement);

}  // namespace annexa::store
