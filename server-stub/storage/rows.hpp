// What a store keeps, as plain values. No type of a database, of HTTP or of JSON stands here.
//
// Three kinds of thing, by how they come in:
//   logged     changed only together with the entry of the log that says so, in one transaction (Change in commit.hpp)
//   derived    computed from what is logged and computable again (history, findings)
//   unlogged   the store's own housekeeping (settings, sessions, holdings of tables)
#pragma once

#include "evidence/chain.hpp"
#include "evidence/tile.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annexa::store {

using evidence::Digest;
using evidence::Instant;
using evidence::TableRef;
using evidence::Tile;
using evidence::TreeHead;

/// A mark record: the store's time at that index. A statement between two marks was logged between their times.
struct Mark {
    std::uint64_t index = 0;
    Instant time;
    bool operator==(const Mark&) const = default;
};

/// What the log is now: nothing of it is given to anyone before it is durable here.
struct LogHead {
    TreeHead tree{0, evidence::empty_tree_root()};
    std::string checkpoint;    // signed note over tree; empty before the first commit
    std::optional<Mark> mark;  // the last
    bool operator==(const LogHead&) const = default;
};

/// Tokens of a bucket that refills with time: statements that a host may still send.
struct Quota {
    double left = 0;
    Instant at;  // when `left` was true
    bool operator==(const Quota&) const = default;
};

// ---------------------------------------------------------------------------------------------- hosts

struct Host {
    std::string id;    // UUID; outlives enrolments
    std::string name;  // as the host last said
    std::map<std::string, std::string> tags;
    Digest enrolment;                  // the current one
    Instant first_seen;                // enrolled
    std::optional<Instant> last_seen;  // last accepted statement, by the store's mark
    bool retired = false;
    bool operator==(const Host&) const = default;
};

/// What tells machines apart (evidence::Boot), as a statement said it.
struct StoredBoot {
    std::optional<Digest> machine;
    std::optional<std::string> boot_id;
    bool rollback = false;
    bool operator==(const StoredBoot&) const = default;
};

enum class EnrolmentState {
    active,
    replaced,      // a later enrolment of the host closed this chain
    retired,       // the host is out of service
    revoked,       // its key is not to be believed; results from compromised_since on count as error
    two_machines,  // one key on two machines: refused until enrolled anew
};

/// One enrolment: one evidence key, one chain. Its id is the digest of the enrolment record's payload.
struct Enrolment {
    Digest id;
    std::string host;
    std::uint64_t index = 0;        // of the enrolment record in the log
    std::string evidence_key;       // DER SubjectPublicKeyInfo
    Digest key_id;                  // SHA-256 of evidence_key
    std::string tls_key_id;         // SHA-256 of the client certificate's SPKI, hex
    std::string certificate;        // PEM chain as first issued: a repeat of the request gets it again
    std::string token;              // id of the token that was used
    std::optional<Digest> machine;  // fingerprint
    std::optional<Digest> replaces;
    Instant made_at;
    EnrolmentState state = EnrolmentState::active;
    std::optional<std::uint64_t> compromised_since;
    std::optional<Instant> closed_at;  // when it ceased to be active
    evidence::ChainHead head;
    std::uint64_t head_index = 0;   // of the head's entry in the log
    std::vector<StoredBoot> boots;  // the last few that differed from the one before, oldest first
    Quota quota;
    bool operator==(const Enrolment&) const = default;
};

// ---------------------------------------------------------------------------------------------- statements

/// One result of one statement, `same_as` resolved: status, reason, version and tables are those of the result that
/// was written out.
struct StoredResult {
    std::string collector;
    int version = 0;
    evidence::Status status = evidence::Status::ok;
    std::optional<evidence::Reason> reason;  // exactly where status is not ok
    Instant collected_at;                    // as the host says
    Instant at;                              // as the bracket of marks allows: the time that counts (bracket.hpp)
    bool clock = false;                      // the two differ
    std::optional<std::uint64_t> same_as;    // sequence of the statement that wrote it out
    std::uint64_t written_out = 0;           // index of the entry that wrote it out
    std::vector<TableRef> tables;
    bool operator==(const StoredResult&) const = default;
};

/// An accepted statement, as far as the store asks for it; the whole of it is the entry at `index`.
struct StatementRow {
    std::uint64_t index = 0;
    std::string host;
    Digest enrolment;
    std::uint64_t sequence = 0;
    Digest digest;  // SHA-256 of the payload
    Digest previous;
    Instant made_at;
    std::uint64_t log_size = 0;        // of the tree that it names
    Instant not_before;                // last mark in that tree: made after it
    Instant logged_at;                 // mark of its own group commit
    std::optional<Instant> not_after;  // next mark: logged before it. Empty until there is one
    std::string host_name;
    std::string agent_version;
    std::optional<bool> clock_synchronized;
    std::vector<std::string> due;
    std::set<std::string> remarks;  // which of "dropped", "rollback", "lost_by_store", "alarm" it carries
    std::vector<StoredResult> results;
    bool operator==(const StatementRow&) const = default;
};

/// A result with the statement that carried it.
struct ResultAt {
    std::uint64_t index = 0;  // entry of the carrying statement
    std::string host;
    Digest enrolment;
    std::uint64_t sequence = 0;
    Instant not_before;                // the bracket: made after this mark …
    std::optional<Instant> not_after;  // … and logged before this one; empty until the next mark is logged
    StoredResult result;
    bool operator==(const ResultAt&) const = default;
};

// ---------------------------------------------------------------------------------------------- decisions

/// What a person decided. One mechanism: a record in the log (PolicyRecord, DecisionRecord) that names a document by
/// its digest; the document itself is a blob, and may hold what the law requires to be erased. A later decision on the
/// same kind and subject takes the earlier one's place.
struct Decision {
    std::string kind;      // "adoption", or a kind of evidence::DecisionRecord
    std::string subject;   // adoption: name of the pack; else the id of the thing
    std::string decision;  // adopted, or a word of evidence::DecisionRecord
    Digest document;       // adoption: the pack; else canonical JSON, a blob
    std::string account;   // id, never a name
    Instant at;
    std::uint64_t index = 0;  // of the record in the log; filled in by the store
    /// Not kept, but held against what is there when it is committed: the index of the last decision of this kind on
    /// the subject, 0 where it must be the first. Nothing: whatever there is.
    std::optional<std::uint64_t> follows = std::nullopt;
    bool operator==(const Decision&) const = default;
};

// ---------------------------------------------------------------------------------------------- history (derived)

/// A stretch of time in which a check had one state on one host. Never deleted: a late piece of evidence that changes
/// the past sets `superseded` and adds what is true instead, so that "known at" can be answered.
struct HistoryRow {
    std::uint64_t id = 0;  // given by the store
    std::string host;
    std::string check;
    std::string state;
    Instant from;                             // evidence time (StoredResult::at)
    std::optional<Instant> to;                // empty: still so
    std::uint64_t from_index = 0;             // entry whose evidence began it
    std::optional<std::uint64_t> to_index;    // entry whose evidence ended it
    std::uint64_t known = 0;                  // computed when the log had this size …
    std::optional<std::uint64_t> superseded;  // … and believed until it had this one
    std::string detail;                       // canonical JSON: pack, version, parameters, population, reason, …
    Digest integrity;                         // history_digest() of all the above
    bool operator==(const HistoryRow&) const = default;
};

/// A finding: a row of a check's `violations` by its key, from the first evidence that shows it to the first that does
/// not.
struct FindingRow {
    std::uint64_t id = 0;  // given by the store
    std::string host;
    std::string check;
    std::string key;  // canonical JSON of the key columns
    Instant opened;
    std::optional<Instant> closed;
    std::uint64_t opened_index = 0;
    std::optional<std::uint64_t> closed_index;
    std::uint64_t known = 0;
    std::optional<std::uint64_t> superseded;
    std::string detail;  // canonical JSON of the whole row: found, wanted, source
    Digest integrity;    // finding_digest() of all the above
    bool operator==(const FindingRow&) const = default;
};

// ---------------------------------------------------------------------------------------------- unlogged

/// A table's bytes are a blob under its digest; a holding says which host may name it, and which already did.
struct Holding {
    std::string host;
    Digest digest;
    std::string name;
    std::uint64_t bytes = 0;  // of the canonical form
    Instant put_at;
    std::optional<std::uint64_t> named;  // index of the last statement that named it
    bool operator==(const Holding&) const = default;
};

/// Where a collector of a host spoke first and last: entries of statements.
struct CollectorSpan {
    std::string host;
    std::string collector;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const CollectorSpan&) const = default;
};

/// How many rows of each were ever written: their ids are 1 to that, and none is ever deleted.
struct RowsWritten {
    std::uint64_t history = 0;
    std::uint64_t findings = 0;
    bool operator==(const RowsWritten&) const = default;
};

struct Token {
    std::string id;    // UUID, for people
    Digest secret;     // SHA-256 of the secret; the secret itself is not kept
    std::string role;  // roles_text(): agent, reader, auditor, editor, approver, admin, "admin,approver"
    std::string name;
    std::string account;              // whose decisions these are; empty for role agent
    std::optional<std::string> host;  // role agent: the host whose enrolment this one replaces
    std::uint64_t uses_allowed = 0;   // 0: without limit
    std::uint64_t uses = 0;
    Instant made_at;
    std::optional<Instant> expires;
    bool revoked = false;
    std::string kind = "token";           // token; session (somebody signed in); invitation (sets a password, once)
    std::vector<std::string> paths = {};  // opens what is below these alone; empty: all that its role opens
    std::string begun_by = {};            // a session's: id of the token that it began with, and ends with
    std::optional<std::chrono::milliseconds> idle = std::nullopt;  // ends after so long without a request
    std::optional<Instant> used_at = std::nullopt;                 // by touch_token()
    bool operator==(const Token&) const = default;
};

/// Logged together with the record that says so, but for init's own. Names are in no record.
struct Account {
    std::string id;    // UUID
    std::string name;  // for people's eyes
    std::string role;  // roles_text()
    Instant made_at;
    std::optional<std::string> login = std::nullopt;  // unique; empty: acts by tokens alone
    bool disabled = false;
    bool operator==(const Account&) const = default;
};

/// What an account signs in with.
struct Credential {
    std::string account;
    std::string password;         // PHC string (people/password.hpp)
    std::string code_key;         // the one-time codes' secret, sealed (people/sign_in_guard.hpp)
    std::uint64_t code_step = 0;  // time step of the last code that was taken: none of it or before is taken again, so
                                  // that a change never sets it back
    bool operator==(const Credential&) const = default;
};

}  // namespace annexa::store
