// A store that fails when a test wants it to: each verb before it did anything, or after all of it was done (the answer
// is lost), or it and everything after it (the process was killed there).
#pragma once

#include "server-stub/storage/store.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace annexa::store::test {

class FaultyStore final : public Store {
  private:
    template <class Verb>
    auto guarded(const char* name, Verb verb) const {
        bool before = false;
        bool after = false;
        {
            const std::lock_guard lock{mutex_};
            calls_.emplace_back(name);
            if (dead_) before = true;
            if (countdown_ > 0 && (only_.empty() || only_ == name) && --countdown_ == 0) {
                failed_ = true;
                after = fault_ == Fault::after;
                before = !after;
                dead_ = fault_ == Fault::dead;
            }
        }
        if (before) throw store_unavailable(std::string{name} + ": made to fail");
        if (!after) return verb();
        verb();
        throw store_unavailable(std::string{name} + ": done, then made to fail");
    }

  public:
    enum class Fault { before, after, dead };

    explicit FaultyStore(Store& store) : store_{store} {}

    /// The nth call from now (from 1) of a verb that `only` names (of any where empty) fails.
    void fail(int nth, Fault fault, std::string only = {}) {
        const std::lock_guard lock{mutex_};
        countdown_ = nth;
        fault_ = fault;
        only_ = std::move(only);
        failed_ = false;
    }
    void heal() {
        const std::lock_guard lock{mutex_};
        countdown_ = 0;
        dead_ = false;
    }
    /// Whether the fault happened.
    [[nodiscard]] bool failed() const { return failed_; }
    /// The verbs that were called, in their order.
    [[nodiscard]] std::vector<std::string> calls() const {
        const std::lock_guard lock{mutex_};
        return calls_;
    }

    std::optional<std::string> setting(std::string_view name) const override {
        return guarded("setting", [&] { return store_.setting(name); });
    }
    void set_setting(std::string_view name, std::string_view value) override {
        return guarded("set_setting", [&] { return store_.set_setting(name, value); });
    }
    LogHead log_head() const override {
        return guarded("log_head", [&] { return store_.log_head(); });
    }
    bool stage(const Commit& commit) override {
        return guarded("stage", [&] { return store_.stage(commit); });
    }
    bool commit(const Commit& commit) override {
        return guarded("commit", [&] { return store_.commit(commit); });
    }
    std::vector<std::string> entries(std::uint64_t first, std::uint64_t count) const override {
        return guarded("entries", [&] { return store_.entries(first, count); });
    }
    std::optional<std::string> tile(unsigned level, std::uint64_t index, unsigned width) const override {
        return guarded("tile", [&] { return store_.tile(level, index, width); });
    }
    std::optional<Mark> mark_before(std::uint64_t size) const override {
        return guarded("mark_before", [&] { return store_.mark_before(size); });
    }
    std::optional<Mark> mark_from(std::uint64_t index) const override {
        return guarded("mark_from", [&] { return store_.mark_from(index); });
    }
    std::uint64_t known_at(Instant time) const override {
        return guarded("known_at", [&] { return store_.known_at(time); });
    }
    std::optional<Host> host(std::string_view id) const override {
        return guarded("host", [&] { return store_.host(id); });
    }
    std::vector<Host> hosts() const override {
        return guarded("hosts", [&] { return store_.hosts(); });
    }
    std::optional<Enrolment> enrolment(const Digest& id) const override {
        return guarded("enrolment", [&] { return store_.enrolment(id); });
    }
    std::optional<Enrolment> enrolment_by_key(const Digest& key_id) const override {
        return guarded("enrolment_by_key", [&] { return store_.enrolment_by_key(key_id); });
    }
    std::vector<Enrolment> enrolments(std::string_view host) const override {
        return guarded("enrolments", [&] { return store_.enrolments(host); });
    }
    void mark_two_machines(const Digest& enrolment, Instant at) override {
        return guarded("mark_two_machines", [&] { return store_.mark_two_machines(enrolment, at); });
    }
    void set_tags(std::string_view host, const std::map<std::string, std::string>& tags) override {
        return guarded("set_tags", [&] { return store_.set_tags(host, tags); });
    }
    std::optional<StatementRow> statement(const Digest& enrolment, std::uint64_t sequence) const override {
        return guarded("statement", [&] { return store_.statement(enrolment, sequence); });
    }
    std::optional<StatementRow> statement_at(std::uint64_t index) const override {
        return guarded("statement_at", [&] { return store_.statement_at(index); });
    }
    std::vector<StatementRow> statements(const StatementFilter& filter) const override {
        return guarded("statements", [&] { return store_.statements(filter); });
    }
    std::vector<ResultAt> last_results(std::string_view host, std::optional<Instant> at,
                                       std::optional<std::uint64_t> known_at) const override {
        return guarded("last_results", [&] { return store_.last_results(host, at, known_at); });
    }
    std::vector<ResultAt> results_between(std::string_view host, std::string_view collector, Instant from,
                                          Instant to) const override {
        return guarded("results_between", [&] { return store_.results_between(host, collector, from, to); });
    }
    bool hold(const Holding& holding) override {
        return guarded("hold", [&] { return store_.hold(holding); });
    }
    std::optional<Holding> holding(std::string_view host, const Digest& digest) const override {
        return guarded("holding", [&] { return store_.holding(host, digest); });
    }
    std::vector<Holding> holdings(std::string_view host, std::span<const Digest> digests) const override {
        return guarded("holdings", [&] { return store_.holdings(host, digests); });
    }
    std::uint64_t unnamed_bytes(std::string_view host) const override {
        return guarded("unnamed_bytes", [&] { return store_.unnamed_bytes(host); });
    }
    std::uint64_t bytes_put_since(std::string_view host, Instant since) const override {
        return guarded("bytes_put_since", [&] { return store_.bytes_put_since(host, since); });
    }
    std::vector<Digest> drop_unnamed(Instant put_before) override {
        return guarded("drop_unnamed", [&] { return store_.drop_unnamed(put_before); });
    }
    std::map<Digest, std::uint64_t> held() const override {
        return guarded("held", [&] { return store_.held(); });
    }
    std::vector<Decision> decisions(std::string_view kind, std::optional<Instant> at,
                                    std::optional<std::uint64_t> known_at) const override {
        return guarded("decisions", [&] { return store_.decisions(kind, at, known_at); });
    }
    std::vector<Decision> all_decisions(std::string_view kind) const override {
        return guarded("all_decisions", [&] { return store_.all_decisions(kind); });
    }
    std::uint64_t evaluated() const override {
        return guarded("evaluated", [&] { return store_.evaluated(); });
    }
    void record(const HistoryChange& change) override {
        return guarded("record", [&] { return store_.record(change); });
    }
    std::vector<HistoryRow> history(const HistoryFilter& filter) const override {
        return guarded("history", [&] { return store_.history(filter); });
    }
    std::vector<FindingRow> findings(const HistoryFilter& filter) const override {
        return guarded("findings", [&] { return store_.findings(filter); });
    }
    void add_token(const Token& token) override {
        return guarded("add_token", [&] { return store_.add_token(token); });
    }
    std::optional<Token> token(const Digest& secret) const override {
        return guarded("token", [&] { return store_.token(secret); });
    }
    std::vector<Token> tokens() const override {
        return guarded("tokens", [&] { return store_.tokens(); });
    }
    void revoke_token(std::string_view id) override {
        return guarded("revoke_token", [&] { return store_.revoke_token(id); });
    }
    void touch_token(std::string_view id, Instant at) override {
        return guarded("touch_token", [&] { return store_.touch_token(id, at); });
    }
    bool use_token(const Digest& secret, std::string_view user, Instant now) override {
        return guarded("use_token", [&] { return store_.use_token(secret, user, now); });
    }
    void add_account(const Account& account) override {
        return guarded("add_account", [&] { return store_.add_account(account); });
    }
    std::optional<Account> account(std::string_view id) const override {
        return guarded("account", [&] { return store_.account(id); });
    }
    std::vector<Account> accounts() const override {
        return guarded("accounts", [&] { return store_.accounts(); });
    }
    std::optional<Account> account_by_login(std::string_view login) const override {
        return guarded("account_by_login", [&] { return store_.account_by_login(login); });
    }
    std::optional<Credential> credential(std::string_view account) const override {
        return guarded("credential", [&] { return store_.credential(account); });
    }
    bool use_code(std::string_view account, std::uint64_t step) override {
        return guarded("use_code", [&] { return store_.use_code(account, step); });
    }
    std::map<std::string, std::string> settings() const override {
        return guarded("settings", [&] { return store_.settings(); });
    }
    std::vector<Enrolment> all_enrolments() const override {
        return guarded("all_enrolments", [&] { return store_.all_enrolments(); });
    }
    std::vector<CollectorSpan> collector_spans() const override {
        return guarded("collector_spans", [&] { return store_.collector_spans(); });
    }
    std::vector<Holding> holdings_after(std::string_view host, const Digest& digest, std::size_t limit) const override {
        return guarded("holdings_after", [&] { return store_.holdings_after(host, digest, limit); });
    }
    RowsWritten rows_written() const override {
        return guarded("rows_written", [&] { return store_.rows_written(); });
    }
    std::vector<std::string> verify() const override {
        return guarded("verify", [&] { return store_.verify(); });
    }

  private:
    Store& store_;
    mutable std::mutex mutex_;
    mutable std::vector<std::string> calls_;
    mutable int countdown_ = 0;
    mutable bool dead_ = false;
    Fault fault_ = Fault::before;
    std::string only_;
    mutable std::atomic<bool> failed_ = false;
};

}  // namespace annexa::store::test
