#include "server-stub/log/log.hpp"

#include "evidence/checkpoint.hpp"
#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"
#include "evidence/proof.hpp"
#include "evidence/record.hpp"
#include "server-stub/log/tiles.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <span>
#include <thread>

namespace annexa::store {
namespace {

using evidence::coded_error;

// The head was written by this key, or it is not ours to go on behind.
void check_head(const Store& store, const evidence::VerifierKey& key) {
    const LogHead head = store.log_head();
    if (head.checkpoint.empty()) {
        if (head.tree.size != 0)
            throw evidence::error("the log has entries and no checkpoint; run annexa-server check");
        return;
    }
    if (evidence::open_checkpoint(head.checkpoint, key).head != head.tree)
        throw evidence::error("the log's checkpoint is over another tree than the database's; run annexa-server check");
}

/// What one call of append() waits for.
struct Submission {
    std::vector<LogEntry> entries;
    std::promise<std::vector<std::uint64_t>> indexes;
};

bool has_statement(const Submission& submission) {
    for (const LogEntry& entry : submission.entries)
        if (std::holds_alternative<StatementAccepted>(entry.change)) return true;
    return false;
}

}  // namespace

struct Log::Writer {
    Writer(Store& a_store, const std::string& an_origin, evidence::PrivateKey a_log_key,
           evidence::PrivateKey a_record_key, const evidence::Clock& a_clock, LogOptions some_options)
        : store{a_store},
          origin{an_origin},
          log_key{std::move(a_log_key)},
          record_key{std::move(a_record_key)},
          clock{a_clock},
          options{some_options} {}

    Store& store;
    const std::string& origin;
    evidence::PrivateKey log_key;
    evidence::PrivateKey record_key;
    const evidence::Clock& clock;
    LogOptions options;

    std::mutex mutex{};
    std::condition_variable wake{};
    std::deque<Submission> waiting{};
    std::size_t waiting_entries = 0;
    bool stopping = false;
    std::optional<std::string> trouble{};
    std::optional<std::chrono::steady_clock::time_point> settle_at{};  // of the writer's thread alone
    std::thread thread{};

    void work();
    std::vector<Submission> gather(std::unique_lock<std::mutex>& lock);
    void commit_group(std::span<Submission> group);
    bool try_commit(std::span<Submission> group);
    void note(std::optional<std::string> what);
};

void Log::Writer::note(std::optional<std::string> what) {
    const std::lock_guard lock{mutex};
    trouble = std::move(what);
}

/// One attempt upon the head as it is now. False: another server moved it meanwhile.
bool Log::Writer::try_commit(std::span<Submission> group) {
    const LogHead head = store.log_head();
    Commit commit;
    commit.expected = head.tree;
    commit.mark = clock.now();
    if (head.mark && commit.mark < head.mark->time)
        throw coded_error("unavailable", "the store's clock (" + evidence::to_string(commit.mark) +
                                             ") stands before its last mark (" + evidence::to_string(head.mark->time) +
                                             "); nothing is logged until it has passed it");
    const evidence::Envelope mark =
        evidence::seal(evidence::serialise(evidence::MarkRecord{origin, commit.mark}), record_key);
    commit.entries.push_back({evidence::entry(mark), {}});
    for (const Submission& submission : group)
        commit.entries.insert(commit.entries.end(), submission.entries.begin(), submission.entries.end());

    std::vector<Digest> leaves;
    leaves.reserve(commit.entries.size());
    for (const LogEntry& entry : commit.entries) leaves.push_back(evidence::leaf_hash(entry.bytes));
    evidence::Growth growth = evidence::grow(commit.expected.size, tile_fetch(store), leaves);
    commit.next = growth.head;
    commit.tiles = std::move(growth.tiles);

    if (!store.stage(commit)) return false;
    commit.checkpoint = evidence::sign_checkpoint({origin, commit.next, {}}, log_key);
    if (!store.commit(commit)) return false;

    note(std::nullopt);
    std::uint64_t index = commit.expected.size + 1;
    for (Submission& submission : group) {
        std::vector<std::uint64_t> indexes;
        for (std::size_t i = 0; i < submission.entries.size(); ++i) indexes.push_back(index++);
        submission.indexes.set_value(std::move(indexes));
    }
    return true;
}

/// Every submission of the group is answered when this returns.
void Log::Writer::commit_group(std::span<Submission> group) {
    const auto refuse_all = [&](const std::exception_ptr& why) {
        for (Submission& submission : group) submission.indexes.set_exception(why);
    };
    try {
        constexpr int most_attempts = 20;
        for (int attempt = 0; !try_commit(group); ++attempt)
            if (attempt == most_attempts)
                throw coded_error("unavailable", "other servers of this store were faster, time after time");
    } catch (const contradiction&) {
        // Whose change it is that does not fit shows when each is tried alone.
        if (group.size() == 1) return refuse_all(std::current_exception());
        for (std::size_t i = 0; i < group.size(); ++i) commit_group(group.subspan(i, 1));
    } catch (const coded_error& refusal) {
        note(refusal.what());
        refuse_all(std::current_exception());
    } catch (const std::exception& failure) {
        // Nothing was acknowledged. What did become durable is found by its repeat.
        note(failure.what());
        refuse_all(std::make_exception_ptr(
            coded_error("unavailable", std::string{"the store cannot write: "} + failure.what())));
    }
}

/// Waits for company, then takes as much as one group commit holds.
std::vector<Submission> Log::Writer::gather(std::unique_lock<std::mutex>& lock) {
    wake.wait_for(lock, options.gather, [&] { return stopping || waiting_entries >= options.most_entries; });
    std::vector<Submission> group;
    std::size_t entries = 0;
    while (!waiting.empty() && (group.empty() || entries + waiting.front().entries.size() <= options.most_entries)) {
        entries += waiting.front().entries.size();
        group.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    waiting_entries -= entries;
    return group;
}

void Log::Writer::work() {
    std::unique_lock lock{mutex};
    const auto something_to_do = [&] { return stopping || !waiting.empty(); };
    for (;;) {
        if (settle_at)
            wake.wait_until(lock, *settle_at, something_to_do);
        else
            wake.wait(lock, something_to_do);
        if (waiting.empty()) {
            if (settle_at) {
                settle_at.reset();
                lock.unlock();
                commit_group({});
                lock.lock();
                // The store could not write: look again later, so that it is ready as soon as it can.
                if (trouble && !stopping) settle_at = std::chrono::steady_clock::now() + options.settle;
            }
            if (stopping) return;
            continue;
        }
        std::vector<Submission> group = gather(lock);
        lock.unlock();
        bool statements = false;
        for (const Submission& submission : group) statements = statements || has_statement(submission);
        commit_group(group);
        lock.lock();
        if (options.settle.count() > 0 && (statements || trouble))
            settle_at = std::chrono::steady_clock::now() + options.settle;
    }
}

Log::Log(Store& store, evidence::VerifierKey key)
    : key_{std::move(key)}, store_{store}, refusal_{store.setting("restored")} {
    check_head(store_, key_);
    if (!refusal_) refusal_ = "the keys of this store are not here; nothing is logged";
}

Log::Log(Store& store, std::string origin, evidence::PrivateKey log_key, evidence::PrivateKey record_key,
         const evidence::Clock& clock, LogOptions options)
    : key_{std::move(origin), log_key.public_key()}, store_{store}, refusal_{store.setting("restored")} {
    check_head(store_, key_);
    if (refusal_) return;
    writer_ = std::make_unique<Writer>(store, key_.name, std::move(log_key), std::move(record_key), clock, options);
    // A log begins with a mark; and what a killed server logged last gets its bracket closed.
    const LogHead head = store.log_head();
    const bool open_bracket = head.mark && head.mark->index + 1 < head.tree.size && options.settle.count() > 0;
    if (!head.mark || open_bracket) writer_->commit_group({});
    writer_->thread = std::thread{[this] { writer_->work(); }};
}

Log::~Log() {
    if (!writer_) return;
    {
        const std::lock_guard lock{writer_->mutex};
        writer_->stopping = true;
        for (Submission& submission : writer_->waiting)
            submission.indexes.set_exception(
                std::make_exception_ptr(coded_error("unavailable", "the server is stopping")));
        writer_->waiting.clear();
        writer_->waiting_entries = 0;
    }
    writer_->wake.notify_all();
    writer_->thread.join();
}

std::vector<std::uint64_t> Log::append(std::vector<LogEntry> entries) {
    if (entries.empty()) return {};
    if (refusal_) throw coded_error("unavailable", *refusal_);
    for (const LogEntry& entry : entries)
        if (entry.bytes.size() > evidence::largest_entry_bytes)
            throw coded_error("too_large", "an entry of the log has at most " +
                                               std::to_string(evidence::largest_entry_bytes) + " bytes");
    if (entries.size() >= writer_->options.most_entries)
        throw coded_error("too_large", "too many entries for one group");
    std::future<std::vector<std::uint64_t>> indexes;
    {
        const std::lock_guard lock{writer_->mutex};
        if (writer_->stopping) throw coded_error("unavailable", "the server is stopping");
        if (writer_->waiting_entries + entries.size() > writer_->options.most_waiting)
            throw coded_error("busy", "too much waits to be logged");
        writer_->waiting_entries += entries.size();
        writer_->waiting.push_back({std::move(entries), {}});
        indexes = writer_->waiting.back().indexes.get_future();
    }
    writer_->wake.notify_all();
    return indexes.get();
}

LogHead Log::head() const { return store_.log_head(); }

std::vector<Digest> Log::inclusion_proof(std::uint64_t index, std::uint64_t size) const {
    evidence::TileHashes hashes{size, tile_fetch(store_)};
    return evidence::inclusion_proof(index, size, hashes);
}

std::vector<Digest> Log::consistency_proof(std::uint64_t old_size, std::uint64_t new_size) const {
    evidence::TileHashes hashes{new_size, tile_fetch(store_)};
    return evidence::consistency_proof(old_size, new_size, hashes);
}

Digest Log::root_at(std::uint64_t size) const {
    evidence::TileHashes hashes{size, tile_fetch(store_)};
    return evidence::MerkleTree{size, hashes}.root();
}

std::optional<std::string> Log::trouble() const {
    if (!writer_) return refusal_;
    const std::lock_guard lock{writer_->mutex};
    return writer_->trouble;
}

}  // namespace annexa::store
