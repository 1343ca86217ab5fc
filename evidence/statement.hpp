// The statement of an agent: an in-toto Statement v1 of predicateType evidence/v1, one upload.
//
// docs/evidence-format.md has every member. serialise() writes canonical JSON; parse_statement() accepts only canonical
// JSON under our profile, keeps members of the predicate and of results that it does not know in `rest`, and names the
// member that is not as it should be.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/key.hpp"
#include "evidence/reason.hpp"
#include "evidence/tree_head.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::evidence {

struct HostRef {
    std::string id;    // UUID
    std::string name;  // hostname
    Digest enrolment;  // of the enrolment record's payload
    bool operator==(const HostRef&) const = default;
};

struct AgentRef {
    std::string version;
    KeyId key_id;
    bool operator==(const AgentRef&) const = default;
};

struct LogRef {
    std::string origin;
    TreeHead head;  // the newest that this agent has verified; size at least 1
    bool operator==(const LogRef&) const = default;
};

enum class Status { ok, not_applicable, error };
std::string_view status_name(Status status);
std::optional<Status> parse_status(std::string_view name);

/// A table by its digest. The table's name only: "#2" is a matter of serialise() and parse_statement().
struct TableRef {
    std::string name;
    Digest digest;
    auto operator<=>(const TableRef&) const = default;
};

/// One run of one collector. With `same_as` only collector and collected_at count.
struct Result {
    std::string collector;
    Instant collected_at;
    std::optional<std::uint64_t> same_as;  // sequence of the statement that wrote the equal result out
    int version = 1;
    Status status = Status::ok;
    std::optional<Reason> reason;  // exactly where status is not ok
    std::uint64_t duration_ms = 0;
    std::vector<TableRef> tables;  // in this order; each name once
    std::string rest = "{}";       // canonical JSON of unknown members
    bool operator==(const Result&) const = default;
};

/// True where the second may be written as same_as the first: collector, version, status, reason and tables are equal.
bool same_outcome(const Result& a, const Result& b);

/// What was lost before it could be sent. collector "*" and no count: a spool that could not be read.
struct Dropped {
    std::string collector;
    std::optional<std::uint64_t> count;
    std::optional<Instant> from;  // collected_at of the first and the last
    std::optional<Instant> to;
    std::string reason;  // spool_full, disk_full, spool_corrupt, refused
    bool operator==(const Dropped&) const = default;
};

/// Where the agent had been before it went on behind the store's head.
struct Rollback {
    std::uint64_t sequence = 0;
    Digest digest;
    bool operator==(const Rollback&) const = default;
};

/// Acknowledged statements that the store no longer has, and the proof that it had the last of them.
struct LostByStore {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::string checkpoint;  // note, as it was received
    std::uint64_t index = 0;
    Digest leaf;
    std::vector<Digest> inclusion_proof;
    bool operator==(const LostByStore&) const = default;
};

/// A receipt or checkpoint that failed: carried in every later statement.
struct Alarm {
    std::string code;      // log_forked, log_rolled_back, bad_receipt
    Instant at;            // when the agent saw it
    std::string known;     // note of the checkpoint that the agent had verified
    std::string received;  // note that failed, as it was received (cut off where it would not fit)
    std::string detail;
    bool operator==(const Alarm&) const = default;
};

struct Statement {
    HostRef host;
    AgentRef agent;
    std::uint64_t sequence = 0;  // from 1
    Digest previous;
    LogRef log;
    Instant made_at;
    std::optional<std::string> boot_id;
    std::optional<bool> clock_synchronized;
    std::optional<Digest> machine;
    std::vector<Result> results;
    std::vector<std::string> due;
    std::optional<Digest> policy;
    std::vector<Dropped> dropped;
    std::optional<Rollback> rollback;
    std::optional<LostByStore> lost_by_store;
    std::optional<Alarm> alarm;
    std::string rest = "{}";  // canonical JSON of unknown members of the predicate
    bool operator==(const Statement&) const = default;
};

/// The payload: canonical JSON. Compare its size with largest_payload_bytes. Throws error where a value cannot stand in
/// a statement (an unknown member that is a known one, a result whose reason does not fit its status, …).
std::string serialise(const Statement& statement);

/// Throws coded_error: `too_large`, `bad_json` (not canonical JSON of our profile), `wrong_type` (another
/// predicateType) or `schema` (names the member).
Statement parse_statement(std::string_view payload);

/// The distinct tables that a statement's own results name.
std::vector<TableRef> named_tables(const Statement& statement);

}  // namespace annexa::evidence
