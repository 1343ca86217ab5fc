#include "server-stub/evaluation/evaluation.hpp"

#include "evidence/errors.hpp"
#include "policies/schema.hpp"
#include "server-stub/evaluation/host_history.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace annexa::store {
namespace {

constexpr std::size_t statements_in_one_transaction = 128;
constexpr std::chrono::seconds between_looks{60};

}  // namespace

struct Evaluation::Worker {
    Worker(Store& with_store, Blobs& with_blobs, const evidence::Clock& with_clock, const policies::Schemas& schemas)
        : store{with_store}, blobs{with_blobs}, clock{with_clock}, books{with_store, with_blobs, schemas}, database{schemas, policies::TableForm::evidence}, tables{with_blobs} {}

    void run() {
        std::unique_lock lock{wake_mutex};
        while (!ending) {
            const bool called = wake_condition.wait_for(lock, between_looks, [&] { return ending || awake; });
            awake = false;
            if (ending) return;
            lock.unlock();
            std::string problem;
            try {
                catch_up();
                if (!called) record_controls(status_report(store, blobs, books, {clock.now(), std::nullopt}));
            } catch (const std::exception& failure) {
                problem = failure.what();  // shown by /readyz; what comes next is tried with the next statement
            }
            lock.lock();
            trouble = problem;
        }
    }

    void catch_up() {
        const std::scoped_lock lock{mutex};
        while (store.evaluated() < store.log_head().tree.size) step();
    }

    /// Evaluates the next part of the log, up to the next adoption or so many statements, in one transaction.
    void step() {
        const std::uint64_t from = store.evaluated();
        std::uint64_t until = store.log_head().tree.size;
        std::optional<Decision> adoption;
        for (const Decision& decision : store.all_decisions("adoption")) {
            if (decision.index < from || decision.index >= until) continue;
            until = decision.index;
            adoption = decision;
        }
        std::map<std::string, HostHistory> hosts;
        HistoryChange change;
        StatementFilter filter;
        filter.from_index = from;
        filter.before_index = until;
        filter.newest_first = false;
        filter.limit = statements_in_one_transaction;
        const std::vector<StatementRow> statements = store.statements(filter);
        change.evaluated = until;
        if (statements.size() == filter.limit) {
            change.evaluated = statements.back().index + 1;
        } else if (adoption && from == adoption->index) {
            change.evaluated = until + 1;
            apply(*adoption, hosts);
        }
        const RuleBook rules = books.at(std::nullopt, from);
        for (const StatementRow& statement : statements)
            hosts.try_emplace(statement.host, store, statement.host, from).first->second.take(statement, rules, database, tables);
        for (auto& [id, host] : hosts) host.collect(change, change.evaluated);
        store.record(change);
    }

    void apply(const Decision& adoption, std::map<std::string, HostHistory>& hosts) {
        const RuleBook rules = books.at(std::nullopt, adoption.index + 1);
        for (const Host& host : store.hosts())
            hosts.try_emplace(host.id, store, host.id, adoption.index).first->second.apply(rules, adoption.at, adoption.index, database, tables);
    }

    void record_controls(const StatusReport& report) {
        const std::scoped_lock lock{mutex};
        HistoryFilter filter;
        filter.host = std::string{};
        filter.open_only = true;
        std::map<std::string, HistoryRow> open;
        for (HistoryRow& row : store.history(filter)) {
            std::string control = row.check;
            open.insert_or_assign(std::move(control), std::move(row));
        }
        HistoryChange change;
        change.evaluated = store.evaluated();
        const std::uint64_t size = store.log_head().tree.size;
        for (const policies::ControlStatus& status : report.controls) {
            const auto found = open.find(status.control->id);
            const std::string state{policies::name(status.status)};
            if (found != open.end()) {
                if (found->second.state == state || found->second.from >= report.as_of.at) continue;
                HistoryRow ended = found->second;
                ended.to = report.as_of.at;
                ended.to_index = size - 1;
                change.updated.push_back(std::move(ended));
            }
            HistoryRow row;
            row.check = status.control->id;
            row.state = state;
            row.from = report.as_of.at;
            row.from_index = size - 1;
            row.known = size;
            row.detail = "{\"operation\":\"" + std::string{policies::name(status.operation)} + "\",\"records\":\"" + std::string{policies::name(status.records)} + "\"}";
            change.added.push_back(std::move(row));
        }
        if (!change.added.empty()) store.record(change);
    }

    Store& store;
    Blobs& blobs;
    const evidence::Clock& clock;
    RuleBooks books;
    policies::EvaluationDatabase database;
    TableReader tables;
    std::mutex mutex;  // one evaluates at a time

    std::mutex wake_mutex;
    std::condition_variable wake_condition;
    bool awake = true;  // what was logged before a crash and not yet evaluated
    bool ending = false;
    std::string trouble;
    std::thread thread;
};

Evaluation::Evaluation(Store& store, Blobs& blobs, const evidence::Clock& clock, const policies::Schemas& schemas)
    : worker_{std::make_unique<Worker>(store, blobs, clock, schemas)} {
    worker_->thread = std::thread{[this] { worker_->run(); }};
}

Evaluation::~Evaluation() {
    {
        const std::scoped_lock lock{worker_->wake_mutex};
        worker_->ending = true;
    }
    worker_->wake_condition.notify_one();
    worker_->thread.join();
}

void Evaluation::wake() {
    {
        const std::scoped_lock lock{worker_->wake_mutex};
        worker_->awake = true;
    }
    worker_->wake_condition.notify_one();
}

StatusReport Evaluation::report(const AsOf& as_of) {
    catch_up();
    return status_report(worker_->store, worker_->blobs, worker_->books, as_of);
}

void Evaluation::catch_up() { worker_->catch_up(); }

void Evaluation::record_controls(const StatusReport& report) { worker_->record_controls(report); }

std::string Evaluation::trouble() const {
    const std::scoped_lock lock{worker_->wake_mutex};
    return worker_->trouble;
}

const RuleBooks& Evaluation::rule_books() const { return worker_->books; }

}  // namespace annexa::store
