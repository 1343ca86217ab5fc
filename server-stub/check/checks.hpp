// The parts of check_store(), each of which looks at one kind of thing. For the files of this folder.
#pragma once

#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "evidence/signed_note.hpp"
#include "evidence/statement.hpp"
#include "server-stub/check/store_check.hpp"

#include <map>
#include <set>

namespace annexa::store::check {

class Problems {
  public:
    explicit Problems(std::vector<StoreProblem>& found) : found_{found} {}
    void add(std::string place, std::string what) { found_.push_back({std::move(place), std::move(what)}); }
    [[nodiscard]] std::size_t count() const { return found_.size(); }

    /// Runs a part; what it throws is a problem of that place.
    template <class Part>
    void guard(const std::string& place, Part part) {
        try {
            part();
        } catch (const std::exception& failure) {
            add(place, failure.what());
        }
    }

  private:
    std::vector<StoreProblem>& found_;
};

/// Entries against tiles against tree against checkpoint.
void check_log(const Store& store, const LogHead& head, const evidence::VerifierKey& key, Problems& problems);

/// The keys that a log's checkpoints and records are verified with.
struct LogKeys {
    evidence::VerifierKey log;
    evidence::PublicKey record;
    std::optional<evidence::PublicKey> recovery;
};

/// Settings and the files of keys/. Nothing where no keys are left to verify the log with, which is a problem too.
std::optional<LogKeys> check_identity(const Store& store, const LogHead& head, const std::optional<KeyFiles>& keys,
                                      Problems& problems);

/// Tokens and accounts against each other, and against who decided what.
void check_people(const Store& store, const std::vector<Decision>& decisions, Problems& problems);

/// What entries make of hosts, enrolments and collectors, against their rows.
class HostCheck {
  public:
    /// `authority`: PEM of the one that certifies hosts, where that is known.
    HostCheck(const Store& store, const LogKeys& keys, std::optional<std::string> authority, Problems& problems);

    struct Chain {
        Enrolment row;  // as it must be; what no entry says is left empty
        evidence::PublicKey key;
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> written_out;  // collector: sequence, entry; last
    };
    /// The chain of the enrolment with that evidence key, of those before.
    [[nodiscard]] Chain* chain_of_key(const Digest& key_id);
    [[nodiscard]] std::size_t enrolments() const { return chains_.size(); }
    /// The entry that wrote out what a later one repeats by this sequence.
    [[nodiscard]] std::optional<std::uint64_t> written_out(const Chain& chain, const std::string& collector,
                                                           std::uint64_t sequence) const;

    // Entries, in their order.
    void enrolled(std::uint64_t index, const Digest& id, const evidence::EnrolmentRecord& record);
    void revoked(std::uint64_t index, const evidence::RevocationRecord& record);
    void retired(std::uint64_t index, const evidence::RetirementRecord& record);
    void spoke(std::uint64_t index, Chain& chain, const evidence::Statement& said, const Digest& digest, Instant mark);
    /// After the last one: every row against what came out.
    void finish();

  private:
    Enrolment* close(std::uint64_t index, const Digest& enrolment, EnrolmentState state, Instant at);
    void named(std::uint64_t index, const std::string& host, const std::vector<TableRef>& tables);
    void compare(const Enrolment& row, const Enrolment& log);
    void compare(const Host& row, const Host& log);
    void compare_collectors();

    const Store& store_;
    const LogKeys& keys_;
    std::optional<std::string> authority_;
    Problems& problems_;
    std::map<Digest, Chain> chains_;
    std::map<Digest, Digest> by_key_;  // key id: enrolment
    std::map<std::string, Host> hosts_;
    std::map<std::pair<std::string, std::string>, CollectorSpan> spans_;
    std::set<std::string> tokens_;
};

/// Every entry, against what rows say: marks, statements and their chains, decisions.
class EntryCheck {
  public:
    /// `tiles_hold`: the tree at any size can be told from the tiles.
    EntryCheck(const Store& store, const LogKeys& keys, std::vector<Decision> decisions, HostCheck& hosts,
               bool tiles_hold, Problems& problems);
    /// Every entry, in order.
    void entry(std::uint64_t index, const std::string& bytes, const std::map<std::uint64_t, StatementRow>& rows);
    /// After the last one: what rows say that no entry says.
    void finish(std::uint64_t size);
    [[nodiscard]] std::uint64_t statements() const { return statements_; }

  private:
    void record(std::uint64_t index, const evidence::Envelope& envelope, const std::string& predicate_type);
    void mark(std::uint64_t index, const std::string& payload);
    void statement(std::uint64_t index, const evidence::Envelope& envelope, const StatementRow* row);
    void compare(const StatementRow& row, const evidence::Statement& said, const Digest& digest,
                 const HostCheck::Chain& chain);
    void decision(const Decision& logged);

    const Store& store_;
    const LogKeys& keys_;
    HostCheck& hosts_;
    bool tiles_hold_;
    Problems& problems_;
    std::map<std::uint64_t, Decision> decisions_;  // as rows say
    std::optional<Mark> last_mark_;
    std::uint64_t statements_ = 0;
};

/// Bytes of tables and documents against their digests, and what holdings say of them; documents that decisions name.
std::uint64_t check_blobs(const Store& store, const Blobs& blobs, const std::vector<Decision>& decisions,
                          Problems& problems);

/// Accounts against what their last record says they are: who may do what is in the log, not in a row alone.
void check_accounts(const Store& store, const Blobs& blobs, Problems& problems);

/// History and findings against their own digests, and that none is gone.
std::uint64_t check_history(const Store& store, Problems& problems);

}  // namespace annexa::store::check
