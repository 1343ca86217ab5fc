// The store in memory: for tests of what stands above it, and the plain statement of what a Store does. Every verb is a
// walk over vectors.
#pragma once

#include "server-stub/storage/store.hpp"

#include <memory>

namespace annexa::store {

class MemoryStore final : public Store {
  public:
    MemoryStore();
    ~MemoryStore() override;

    std::optional<std::string> setting(std::string_view name) const override;
    void set_setting(std::string_view name, std::string_view value) override;
    LogHead log_head() const override;
    bool stage(const Commit& commit) override;
    bool commit(const Commit& commit) override;
    std::vector<std::string> entries(std::uint64_t first, std::uint64_t count) const override;
    std::optional<std::string> tile(unsigned level, std::uint64_t index, unsigned width) const override;
    std::optional<Mark> mark_before(std::uint64_t size) const override;
    std::optional<Mark> mark_from(std::uint64_t index) const override;
    std::uint64_t known_at(Instant time) const override;
    std::optional<Host> host(std::string_view id) const override;
    std::vector<Host> hosts() const override;
    std::optional<Enrolment> enrolment(const Digest& id) const override;
    std::optional<Enrolment> enrolment_by_key(const Digest& key_id) const override;
    std::vector<Enrolment> enrolments(std::string_view host) const override;
    void mark_two_machines(const Digest& enrolment, Instant at) override;
    void set_tags(std::string_view host, const std::map<std::string, std::string>& tags) override;
    std::optional<StatementRow> statement(const Digest& enrolment, std::uint64_t sequence) const override;
    std::optional<StatementRow> statement_at(std::uint64_t index) const override;
    std::vector<StatementRow> statements(const StatementFilter& filter) const override;
    std::vector<ResultAt> last_results(std::string_view host, std::optional<Instant> at,
                                       std::optional<std::uint64_t> known_at) const override;
    std::vector<ResultAt> results_between(std::string_view host, std::string_view collector, Instant from,
                                          Instant to) const override;
    bool hold(const Holding& holding) override;
    std::optional<Holding> holding(std::string_view host, const Digest& digest) const override;
    std::vector<Holding> holdings(std::string_view host, std::span<const Digest> digests) const override;
    std::uint64_t unnamed_bytes(std::string_view host) const override;
    std::uint64_t bytes_put_since(std::string_view host, Instant since) const override;
    std::vector<Digest> drop_unnamed(Instant put_before) override;
    std::map<Digest, std::uint64_t> held() const override;
    std::vector<Decision> decisions(std::string_view kind, std::optional<Instant> at,
                                    std::optional<std::uint64_t> known_at) const override;
    std::vector<Decision> all_decisions(std::string_view kind) const override;
    std::uint64_t evaluated() const override;
    void record(const HistoryChange& change) override;
    std::vector<HistoryRow> history(const HistoryFilter& filter) const override;
    std::vector<FindingRow> findings(const HistoryFilter& filter) const override;
    void add_token(const Token& token) override;
    std::optional<Token> token(const Digest& secret) const override;
    std::vector<Token> tokens() const override;
    void revoke_token(std::string_view id) override;
    void touch_token(std::string_view id, Instant at) override;
    bool use_token(const Digest& secret, std::string_view user, Instant now) override;
    void add_account(const Account& account) override;
    std::optional<Account> account(std::string_view id) const override;
    std::optional<Account> account_by_login(std::string_view login) const override;
    std::vector<Account> accounts() const override;
    std::optional<Credential> credential(std::string_view account) const override;
    bool use_code(std::string_view account, std::uint64_t step) override;
    std::map<std::string, std::string> settings() const override;
    std::vector<Enrolment> all_enrolments() const override;
    std::vector<CollectorSpan> collector_spans() const override;
    std::vector<Holding> holdings_after(std::string_view host, const Digest& digest, std::size_t limit) const override;
    RowsWritten rows_written() const override;
    std::vector<std::string> verify() const override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace annexa::store
