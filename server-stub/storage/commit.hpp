// What one group commit writes: entries, tiles, checkpoint, and with each entry what it changes.
#pragma once

#include "server-stub/storage/rows.hpp"

#include <variant>

namespace annexa::store {

/// A further statement of a chain: adds the row, moves the chain's head, names its tables' holdings, sets the host's
/// name and last_seen, the enrolment's boots and quota.
struct StatementAccepted {
    StatementRow row;             // index, logged_at, a result's at and clock are filled in by the store
    evidence::ChainHead follows;  // the head that it was accepted behind
    Quota quota;
    std::vector<StoredBoot> boots;
    bool operator==(const StatementAccepted&) const = default;
};

/// A new enrolment. Makes the host where it is new; else `replaces` is the host's current enrolment, whose chain it
/// closes at the head that the record names.
struct HostEnrolled {
    Enrolment enrolment;  // index, head and head_index are filled in by the store
    std::string host_name;
    std::optional<evidence::ChainHead> closes;
    bool operator==(const HostEnrolled&) const = default;
};

/// The enrolment ceased to be active: retired, or revoked (with the index from which its results count as error).
/// Retiring an enrolment that is its host's current one retires the host.
struct EnrolmentClosed {
    Digest enrolment;
    EnrolmentState state = EnrolmentState::revoked;
    std::optional<std::uint64_t> compromised_since;
    Instant at;
    bool operator==(const EnrolmentClosed&) const = default;
};

/// What an account is, holds or opens changed; `decision` is of the kind "account", its subject the account.
struct AccountChanged {
    Decision decision;
    bool ends_access = false;                             // first, every token, session and invitation of it is revoked
    std::optional<Account> account = std::nullopt;        // as it is from now on; added where there is none of its id
    std::optional<Credential> credential = std::nullopt;  // as it is from now on; without a password it goes
    std::vector<std::string> revoked = {};                // tokens by id, and what began with them
    std::optional<Token> token = std::nullopt;            // a new one
    bool operator==(const AccountChanged&) const = default;
};

/// What an entry changes beside the log; monostate for a mark and for whatever has no row of its own.
using Change = std::variant<std::monostate, StatementAccepted, HostEnrolled, EnrolmentClosed, Decision, AccountChanged>;

struct LogEntry {
    std::string bytes;  // the leaf: canonical JSON of the envelope
    Change change;
    bool operator==(const LogEntry&) const = default;
};

/// One group commit. Its first entry is the mark.
struct Commit {
    TreeHead expected;  // the head that it was built upon
    TreeHead next;
    Instant mark;
    std::vector<LogEntry> entries;  // at expected.size, expected.size + 1, …
    std::vector<Tile> tiles;        // each tile that grew, whole
    std::string checkpoint;         // empty while staging: it is signed only when entries and tiles are durable
};

/// What was computed from evidence since the last time, in one transaction.
struct HistoryChange {
    std::uint64_t evaluated = 0;      // size of the tree up to which everything has been evaluated
    std::vector<HistoryRow> added;    // id 0: given by the store; integrity filled in by the store
    std::vector<HistoryRow> updated;  // by id: `to`, `to_index` and `superseded` may differ, nothing else
    std::vector<FindingRow> opened;
    std::vector<FindingRow> findings_updated;  // by id: `closed`, `closed_index`, `superseded`, `detail`
};

}  // namespace annexa::store
