// The parts of check_store(), each of which looks at one kind of thing. For the files of this folder.
#pragma once

#include "evidence/envelope.hpp"
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

/// Entries against tiles against tree against checkpoint. `good` is left with the indexes' entries that are in the
/// tree.
void check_log(const Store& store, const LogHead& head, const evidence::VerifierKey& key, Problems& problems);

/// What entries say against what rows say: marks, enrolments, statements and their chains, decisions.
class EntryCheck {
  public:
    EntryCheck(const Store& store, const evidence::PublicKey& record_key, std::string origin, Problems& problems);
    /// Every entry, in order.
    void entry(std::uint64_t index, const std::string& bytes, const std::map<std::uint64_t, StatementRow>& rows);
    /// After the last one: what rows say that no entry says.
    void finish(std::uint64_t size);
    [[nodiscard]] std::uint64_t statements() const { return statements_; }
    [[nodiscard]] std::uint64_t enrolments() const { return chains_.size(); }

  private:
    struct Chain {
        evidence::PublicKey key;
        std::string host;
        evidence::ChainHead head;
        std::uint64_t head_index = 0;
    };
    void record(std::uint64_t index, const evidence::Envelope& envelope, const std::string& predicate_type);
    void mark(std::uint64_t index, const std::string& payload);
    void enrolment(std::uint64_t index, const evidence::Envelope& envelope);
    void statement(std::uint64_t index, const evidence::Envelope& envelope, const StatementRow* row);
    void decision(std::uint64_t index, const std::string& kind, const std::string& subject, const std::string& word,
                  const Digest& document, const std::string& account, Instant at);
    void closed(std::uint64_t index, const Digest& enrolment, EnrolmentState state);

    const Store& store_;
    const evidence::PublicKey& record_key_;
    std::string origin_;
    Problems& problems_;
    std::map<Digest, Chain> chains_;
    std::map<Digest, Digest> by_key_;              // key id → enrolment
    std::map<Digest, EnrolmentState> closed_;      // by a record
    std::map<std::uint64_t, Decision> decisions_;  // as rows say
    Instant last_mark_{};
    std::uint64_t statements_ = 0;
};

/// Bytes of tables and documents against their digests.
std::uint64_t check_blobs(const Store& store, const Blobs& blobs, Problems& problems);

/// Accounts against what their last record says they are: who may do what is in the log, not in a row alone.
void check_accounts(const Store& store, const Blobs& blobs, Problems& problems);

/// History and findings against their own digests.
std::uint64_t check_history(const Store& store, Problems& problems);

}  // namespace annexa::store::check
