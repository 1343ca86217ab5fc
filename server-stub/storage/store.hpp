// The central store's database behind one narrow interface of domain verbs. SQLite speaks it, memory speaks it, and the
// next member (a database that several servers share) will; no type of any of them crosses it.
//
// Every verb is blocking and thread-safe. A verb that writes is one transaction: when it returns, what it wrote
// survives power loss; when it throws store_unavailable, nothing was written and it may be called again. Reads see what
// was committed. Times are the caller's: a store has no clock.
//
// The contract is tests/server-stub/store_contract_test.cpp, which every member passes.
#pragma once

#include "evidence/errors.hpp"
#include "server-stub/storage/commit.hpp"

#include <span>
#include <string_view>

namespace annexa::store {

/// The store cannot make durable or cannot read now (disk full, locked, I/O). What it said stands in what().
class store_unavailable : public evidence::error {
  public:
    using evidence::error::error;
};

/// A change does not fit what the database holds. The log tries the rest of a group without it.
class contradiction : public evidence::error {
  public:
    using evidence::error::error;
};

/// Which statements: those of which all of this holds.
struct StatementFilter {
    std::optional<std::string> host = std::nullopt;
    std::uint64_t from_index = 0;
    std::optional<std::uint64_t> before_index = std::nullopt;
    std::size_t limit = 100;
    bool newest_first = true;
};

/// Which stretches of history or findings: those of which all of this holds.
struct HistoryFilter {
    std::optional<std::string> host = std::nullopt;
    std::optional<std::string> check = std::nullopt;
    std::optional<Instant> from = std::nullopt;  // with any time in [from, to]; from == to: as of an instant
    std::optional<Instant> to = std::nullopt;
    std::optional<std::uint64_t> known_at =
        std::nullopt;              // as computed when the log had this size; empty: as believed now
    bool open_only = false;        // `to` (of a finding: `closed`) is empty
    bool with_superseded = false;  // every row that was ever written (check)
};

class Store {
  public:
    virtual ~Store() = default;

    // Settings: "organization", "origin", "restored" (why this store acknowledges nothing), …
    virtual std::optional<std::string> setting(std::string_view name) const = 0;
    virtual void set_setting(std::string_view name, std::string_view value) = 0;

    // The log -----------------------------------------------------------------------------------------------------
    virtual LogHead log_head() const = 0;

    /// Makes entries and tiles of the commit durable without showing them: reads go on as if it had not been called,
    /// and a later stage() takes their place. False: the head is not `expected`, nothing written.
    virtual bool stage(const Commit& commit) = 0;

    /// Makes the staged commit the log's head, with its checkpoint, and applies every entry's change. False: the head
    /// is not `expected`, or what is staged is another's; nothing written. Throws contradiction, nothing written, where
    /// a change does not fit: (enrolment, sequence) is taken, the chain's head is not the one that the statement
    /// follows, a table is named that the host does not hold, an enrolment is there already.
    virtual bool commit(const Commit& commit) = 0;

    /// Entries [first, first + count), fewer at the end of the log.
    virtual std::vector<std::string> entries(std::uint64_t first, std::uint64_t count) const = 0;

    /// The first `width` hashes (1 to 256) of a hash tile; nothing where the log does not reach so far.
    virtual std::optional<std::string> tile(unsigned level, std::uint64_t index, unsigned width) const = 0;

    /// The last mark with an index below `size`, and the first with an index of at least `index`.
    virtual std::optional<Mark> mark_before(std::uint64_t size) const = 0;
    virtual std::optional<Mark> mark_from(std::uint64_t index) const = 0;
    /// The size of the tree before the first mark later than `time`: what was known then.
    virtual std::uint64_t known_at(Instant time) const = 0;

    // Hosts and enrolments ------------------------------------------------------------------------------------------
    virtual std::optional<Host> host(std::string_view id) const = 0;
    virtual std::vector<Host> hosts() const = 0;  // by name, then id
    virtual std::optional<Enrolment> enrolment(const Digest& id) const = 0;
    virtual std::optional<Enrolment> enrolment_by_key(
        const Digest& key_id) const = 0;                                         // the newest with that evidence key
    virtual std::vector<Enrolment> enrolments(std::string_view host) const = 0;  // oldest first
    /// The enrolment speaks from two machines: not active from `at` on. An enrolment that is not active stays as it is.
    virtual void mark_two_machines(const Digest& enrolment, Instant at) = 0;
    /// What a person says of a host, beside what it says itself. Throws contradiction where there is no such host.
    virtual void set_tags(std::string_view host, const std::map<std::string, std::string>& tags) = 0;

    // Statements ----------------------------------------------------------------------------------------------------
    virtual std::optional<StatementRow> statement(const Digest& enrolment, std::uint64_t sequence) const = 0;
    virtual std::optional<StatementRow> statement_at(std::uint64_t index) const = 0;
    virtual std::vector<StatementRow> statements(const StatementFilter& filter) const = 0;

    /// For each collector the host's last result: highest in the chain, the newest enrolment first, among those logged
    /// below `known_at` (all where empty) and collected by `at` (StoredResult::at; all where empty).
    virtual std::vector<ResultAt> last_results(std::string_view host, std::optional<Instant> at,
                                               std::optional<std::uint64_t> known_at) const = 0;
    /// Every result of a collector (of all where empty) with StoredResult::at in [from, to], in the chain's order.
    virtual std::vector<ResultAt> results_between(std::string_view host, std::string_view collector, Instant from,
                                                  Instant to) const = 0;

    // Tables --------------------------------------------------------------------------------------------------------
    /// The host has uploaded the table, its bytes are a durable blob. Said again it renews put_at. False: was held.
    virtual bool hold(const Holding& holding) = 0;
    virtual std::optional<Holding> holding(std::string_view host, const Digest& digest) const = 0;
    /// Those of the digests that the host holds, in the order given.
    virtual std::vector<Holding> holdings(std::string_view host, std::span<const Digest> digests) const = 0;
    /// Bytes that the host holds and no statement has named; bytes that it put since a time.
    virtual std::uint64_t unnamed_bytes(std::string_view host) const = 0;
    virtual std::uint64_t bytes_put_since(std::string_view host, Instant since) const = 0;
    /// Drops holdings that nothing named and that were put before; returns the digests that no host holds any more.
    virtual std::vector<Digest> drop_unnamed(Instant put_before) = 0;
    /// Every digest that is held, with its size.
    virtual std::map<Digest, std::uint64_t> held() const = 0;

    // Decisions -----------------------------------------------------------------------------------------------------
    /// The last decision of a kind on each subject, of those made by `at` and logged below `known_at`; by subject.
    virtual std::vector<Decision> decisions(std::string_view kind, std::optional<Instant> at,
                                            std::optional<std::uint64_t> known_at) const = 0;
    /// Every decision of a kind, oldest first.
    virtual std::vector<Decision> all_decisions(std::string_view kind) const = 0;

    // History -------------------------------------------------------------------------------------------------------
    /// Size of the tree up to which everything has been evaluated. Throws error where what was kept of it is damaged.
    virtual std::uint64_t evaluated() const = 0;
    virtual void record(const HistoryChange& change) = 0;
    virtual std::vector<HistoryRow> history(const HistoryFilter& filter) const = 0;   // by host, check, from, id
    virtual std::vector<FindingRow> findings(const HistoryFilter& filter) const = 0;  // by host, check, opened, id

    // Tokens and accounts -------------------------------------------------------------------------------------------
    virtual void add_token(const Token& token) = 0;
    virtual std::optional<Token> token(const Digest& secret) const = 0;
    virtual std::vector<Token> tokens() const = 0;  // oldest first
    /// And the sessions that began with it.
    virtual void revoke_token(std::string_view id) = 0;
    /// A request showed it then: for sessions that end when nobody uses them.
    virtual void touch_token(std::string_view id, Instant at) = 0;
    /// Counts a use by `user` (a key id); the same user counts once. False: expired, revoked, used up or unknown.
    virtual bool use_token(const Digest& secret, std::string_view user, Instant now) = 0;
    /// Throws contradiction where its id or login is taken, as AccountChanged does.
    virtual void add_account(const Account& account) = 0;
    virtual std::optional<Account> account(std::string_view id) const = 0;
    virtual std::optional<Account> account_by_login(std::string_view login) const = 0;
    virtual std::vector<Account> accounts() const = 0;  // oldest first
    virtual std::optional<Credential> credential(std::string_view account) const = 0;
    /// Takes a one-time code's time step: true once for each, and for none before one that was taken.
    virtual bool use_code(std::string_view account, std::uint64_t step) = 0;

    // The whole -----------------------------------------------------------------------------------------------------
    // Every row of a kind, for check: what no entry of the log speaks of is found only so.
    virtual std::map<std::string, std::string> settings() const = 0;
    virtual std::vector<Enrolment> all_enrolments() const = 0;       // by index
    virtual std::vector<CollectorSpan> collector_spans() const = 0;  // by host, collector
    /// Holdings by host and digest, at most `limit` of those behind this one.
    virtual std::vector<Holding> holdings_after(std::string_view host, const Digest& digest,
                                                std::size_t limit) const = 0;
    virtual RowsWritten rows_written() const = 0;
    /// What the database itself finds wrong with its files; empty where nothing is.
    virtual std::vector<std::string> verify() const = 0;
};

/// What `integrity` must be: SHA-256 over the canonical JSON of every other member, id included.
Digest history_digest(const HistoryRow& row);
Digest finding_digest(const FindingRow& row);

/// "active", "replaced", …
std::string_view enrolment_state_name(EnrolmentState state);
std::optional<EnrolmentState> parse_enrolment_state(std::string_view name);

}  // namespace annexa::store
