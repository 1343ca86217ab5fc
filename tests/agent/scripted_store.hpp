// A store in memory behind the agent's Transport: a real log, real receipts, and a script that makes it answer
// otherwise.
#pragma once

#include "agent/identity.hpp"
#include "agent/transport.hpp"
#include "evidence/chain.hpp"
#include "evidence/instant.hpp"
#include "evidence/merkle_tree.hpp"
#include "evidence/receipt.hpp"
#include "evidence/statement.hpp"
#include "evidence/token.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annexa::agent::testing {

class ManualClock final : public evidence::Clock {
  public:
    explicit ManualClock(std::string_view at = "2026-11-24T22:00:00Z") : now_{evidence::parse_instant(at)} {}
    [[nodiscard]] evidence::Instant now() const override { return now_; }
    void advance(std::chrono::milliseconds by) { now_ += by; }

  private:
    evidence::Instant now_;
};

class ScriptedStore final : public Transport {
  public:
    explicit ScriptedStore(const evidence::Clock& clock);

    StoreAnswer send(const StoreRequest& request) override;
    void use_certificate(const std::string& pem) override { shown_certificate = pem; }

    /// A token for a new host of this store.
    [[nodiscard]] evidence::Token token() const;

    /// The next answers, before the store does anything itself. An empty function lets one request through.
    using Script = std::function<StoreAnswer(const StoreRequest&)>;
    std::deque<Script> script;
    /// Changes a receipt before it is sent.
    std::function<void(evidence::Receipt&)> change_receipt;
    /// What the store thinks is wrong with a statement; nothing: it is accepted.
    std::function<std::optional<evidence::Refused>(const evidence::Statement&)> refuse;
    /// Renewed certificates are valid for this long; enrolled ones for 90 days.
    std::chrono::hours renewed_life{24 * 90};

    [[nodiscard]] std::vector<evidence::Statement> statements() const;  // accepted, in order
    [[nodiscard]] std::size_t count(const std::string& method_and_path) const;
    void add_entries(int count);  // of others, so that the log grows
    /// Another log with the same key: what a store that rewrites its past would show.
    void rewrite_log();
    void truncate_log(std::uint64_t size);

    std::vector<evidence::Envelope> accepted;
    std::set<std::string> tables;  // hex digests that are held
    std::vector<StoreRequest> requests;
    std::string shown_certificate;
    std::set<std::string> forget_tables;  // answered with tables_missing once more
    evidence::PrivateKey log_key = evidence::PrivateKey::generate();
    evidence::PrivateKey record_key = evidence::PrivateKey::generate();
    evidence::PrivateKey recovery_key = evidence::PrivateKey::generate();
    std::string origin = "annexa/1f6d5c0e-8a3e-4f7a-9b57-0d9c6a5f2e11";
    std::string host_id;

  private:
    StoreAnswer enroll(const StoreRequest& request);
    StoreAnswer renew(const StoreRequest& request);
    StoreAnswer put_table(const StoreRequest& request);
    StoreAnswer statements_in(const StoreRequest& request);
    std::variant<evidence::Accepted, evidence::Refused> take(const evidence::Envelope& envelope);
    std::uint64_t append(const std::string& entry);
    [[nodiscard]] std::string checkpoint();
    [[nodiscard]] evidence::ChainHead head() const;

    const evidence::Clock& clock_;
    std::vector<evidence::Digest> leaves_;
    std::map<std::string, std::uint64_t> indexes_;  // of accepted payload digests
    evidence::Digest enrolment_;
    struct Authority;
    std::shared_ptr<Authority> authority_;
};

StoreAnswer problem_answer(int status, const std::string& code, std::optional<std::chrono::seconds> retry_after = {});

}  // namespace annexa::agent::testing
