#include "agent/worker.hpp"

#include "agent/local_collection.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/checkpoint.hpp"

#include <algorithm>

namespace annexa::agent {
namespace {

using evidence::Instant;
using std::chrono::hours;
using std::chrono::minutes;

// What an attempt may bring; each is taken back by the next attempt that gets through.
constexpr std::string_view of_sending[] = {
    "store_unreachable", "store_unavailable", "store_answer_unknown", "refused",     "not_our_chain",
    "store_lost",        "log_behind",        "certificate_expired",  "unknown_key", "foreign_host",
    "retired",           "revoked",           "two_machines",         "other_origin"};

}  // namespace

Worker::Worker(Parts parts)
    : parts_{std::move(parts)},
      spool_{parts_.folder.file("spool.db"), parts_.configuration.spool_bytes, parts_.clock},
      shipper_{parts_.folder.path(), parts_.identity, spool_, parts_.transport, parts_.clock, parts_.log},
      last_runs_{spool_.last_runs()} {
    machine_.tags = parts_.configuration.tags;
    if (const auto trouble = spool_.take_trouble()) raise(*trouble);
    if (shipper_.chain().alarm) raise(shipper_.chain().alarm->code, shipper_.chain().alarm->detail);
}

void Worker::raise(std::string_view code, const std::string& detail) {
    const Condition* condition = find_condition(code);
    if (!conditions_.raise(code, parts_.clock.now(), detail)) return;
    const std::string words =
        std::string{code} + ": " + std::string{condition->sentence} + (detail.empty() ? "" : " (" + detail + ")");
    parts_.log.write(condition->severity == Severity::error ? LogLevel::error : LogLevel::warning, words,
                     {{"ANNEXA_CONDITION", code}});
}

void Worker::clear(std::string_view code) {
    if (conditions_.clear(code))
        parts_.log.write(LogLevel::info, std::string{code} + " is over", {{"ANNEXA_CONDITION", code}});
}

/// What SQLite and the file system do to us is a condition, never the end of the service.
void Worker::guarded(const std::function<void()>& work) {
    try {
        work();
    } catch (const database_error& problem) {
        switch (problem.kind()) {
            case database_error::Kind::corrupt:
                spool_.set_aside();
                return raise("spool_corrupt", problem.what());
            case database_error::Kind::full:
                return raise("disk_full", problem.what());
            case database_error::Kind::other:
                return raise("state_unwritable", problem.what());
        }
    }
}

void Worker::learn(const Machine& machine) {
    machine_.boot_id = machine.boot_id;
    machine_.clock_synchronized = machine.clock_synchronized;
    machine_.fingerprint.reset();
    if (machine.fingerprint) machine_.fingerprint = evidence::Digest::from_hex(*machine.fingerprint);
    if (is_cloned(parts_.identity.enrolment, machine_.fingerprint))
        throw evidence::error("cloned: enrol again (this identity was made on another machine)");
    if (machine.clock_synchronized == false)
        raise("clock_unsynchronized");
    else
        clear("clock_unsynchronized");
}

void Worker::keep(const Collected& result) {
    guarded([&] { spool_.add(evidence_of(result, parts_.identity.keys.salt)); });
    if (const auto trouble = spool_.take_trouble()) raise(*trouble);
    CollectorStatus& status = results_[result.collector];
    status.status = evidence::status_name(result.status);
    status.reason = result.reason ? evidence::reason_code(*result.reason) : "";
    if (result.status == evidence::Status::error && result.reason != evidence::Reason::disabled)
        parts_.log.write(LogLevel::debug,
                         result.collector + ": " + status.reason + (result.message ? ": " + *result.message : ""),
                         {{"ANNEXA_COLLECTOR", result.collector}, {"ANNEXA_REASON", status.reason}});
}

/// Those of `which` that may run; of the others it is said that they rest.
std::vector<std::size_t> Worker::without_paused(const std::vector<std::size_t>& which) {
    const Instant now = parts_.clock.now();
    std::vector<std::size_t> rest;
    for (const std::size_t i : which) {
        const ExpectedCollector& collector = parts_.collectors[i];
        if (!pauses_.until(collector.name, now)) {
            rest.push_back(i);
            continue;
        }
        keep(pauses_.result(collector.name, collector.version, now));
        last_runs_[collector.name] = now;
        guarded([&] { spool_.note_runs(std::span{&collector.name, 1}, now); });
    }
    return rest;
}

void Worker::run(const std::vector<std::size_t>& which) {
    if (which.empty()) return;
    const Instant begin = parts_.clock.now();
    CollectRequest request;
    std::vector<std::string> names;
    for (const std::size_t i : which) {
        request.collectors.push_back(parts_.collectors[i]);
        names.push_back(parts_.collectors[i].name);
    }
    if (!collect_again_) guarded([&] { spool_.mark_due(names); });  // once, not at each attempt
    request.timeout = parts_.configuration.timeout;
    // What is deep reads every file at idle priority; those of one run are all of one kind.
    if (parts_.schedule[which.front()].deep)
        request.timeout = std::max<std::chrono::milliseconds>(request.timeout, deep_timeout);
    request.memory_bytes = parts_.configuration.memory_bytes;
    request.disabled = parts_.configuration.disabled;
    request.fingerprint_for = parts_.identity.enrolment.origin();
    Collection collection;
    try {
        collection = collect(
            parts_.peer, request, parts_.clock, [&](const Collected& result) { keep(result); }, parts_.stop);
    } catch (const evidence::error& problem) {
        collect_again_ = begin + minutes{1};
        return raise("collector_unavailable", problem.what());
    }
    collect_again_.reset();
    clear("collector_unavailable");
    if (collection.problem) parts_.log.warning(*collection.problem);
    names.clear();
    for (const Collected& result : collection.results) {
        last_runs_[result.collector] = begin;
        names.push_back(result.collector);
        // Where annexa-collect itself broke off, what it did not answer is no collector's fault.
        if (!collection.problem) pauses_.note(result, parts_.clock.now());
    }
    if (const std::string resting = pauses_.names(parts_.clock.now()); !resting.empty())
        raise("collector_paused", resting);
    else
        clear("collector_paused");
    guarded([&] { spool_.note_runs(names, begin); });
    if (collection.machine) learn(*collection.machine);
    parts_.log.info("collected " + std::to_string(collection.results.size()) + " results");
}

std::vector<std::size_t> Worker::due(bool deep) const {
    const Instant now = parts_.clock.now();
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < parts_.schedule.size(); ++i) {
        const auto last = last_runs_.find(parts_.schedule[i].name);
        if (parts_.schedule[i].deep == deep &&
            is_due(times_of(parts_.schedule[i], parts_.configuration, parts_.identity.enrolment.host_id),
                   last == last_runs_.end() ? std::nullopt : std::optional{last->second}, now))
            found.push_back(i);
    }
    return found;
}

bool Worker::collect_due() {
    if (collect_again_ && parts_.clock.now() < *collect_again_) return false;
    if (const std::vector<std::size_t> quick = due(false); !quick.empty()) {
        run(without_paused(quick));
        send();  // what is quick does not wait for what is deep
    }
    // One at a time: in between what is quick, and whoever asks, has its turn.
    std::vector<std::size_t> deep = due(true);
    if (deep.empty()) return false;
    const bool more = deep.size() > 1;
    deep.resize(1);
    run(without_paused(deep));
    return more && !collect_again_;
}

void Worker::send() {
    if (!may_send(state_, parts_.clock.now())) return;
    ShipResult result = Delivered{};
    bool attempted = false;
    guarded([&] {
        try {
            result = shipper_.ship(machine_);
            attempted = true;
            clear("state_unwritable");
        } catch (const database_error&) {
            throw;
        } catch (const evidence::error& problem) {
            raise("state_unwritable", problem.what());
        }
    });
    if (!attempted) result = Later{"store_unavailable", "the state folder cannot be used", std::chrono::minutes{1}};
    state_ = after(state_, result, parts_.clock.now(), parts_.chance());
    const auto* later = std::get_if<Later>(&result);
    const auto* stopped = std::get_if<Stopped>(&result);
    const std::string now_wrong = !attempted           ? ""
                                  : later != nullptr   ? later->condition
                                  : stopped != nullptr ? stopped->code
                                                       : "";
    for (const std::string_view code : of_sending)
        if (code != now_wrong) clear(code);
    if (!now_wrong.empty()) raise(now_wrong, later != nullptr ? later->detail : stopped->detail);
    if (shipper_.chain().alarm) raise(shipper_.chain().alarm->code, shipper_.chain().alarm->detail);
    if (later == nullptr && stopped == nullptr && shipper_.chain().acknowledged) last_delivery_ = parts_.clock.now();
    if (later != nullptr) parts_.log.debug("not delivered: " + later->condition + ": " + later->detail);
    if (parts_.progressed) parts_.progressed();
}

Instant Worker::step() {
    const bool more = collect_due();
    send();
    const Instant now = parts_.clock.now();
    if (more) return now;
    if (now - pruned_ > hours{1} || pruned_ > now) {
        guarded([&] { spool_.prune(); });
        for (const char* code : {"spool_full", "disk_full", "spool_corrupt"})  // shown for a day, and until it was said
            if (const auto since = conditions_.since(code);
                since && now - *since >= hours{24} && spool_.figures().dropped == 0)
                clear(code);
        pruned_ = now;
    }
    Instant next = now + minutes{1};
    for (const ScheduledCollector& collector : parts_.schedule)
        next = std::min(next,
                        next_time(times_of(collector, parts_.configuration, parts_.identity.enrolment.host_id), now));
    if (const auto* waiting = std::get_if<BackingOff>(&state_)) next = std::min(next, std::max(waiting->until, now));
    if (collect_again_) next = std::min(next, std::max(*collect_again_, now));
    return next;
}

void Worker::collect_all_now() {
    collect_again_.reset();
    if (std::holds_alternative<BackingOff>(state_)) state_ = Ready{};
    std::vector<std::size_t> quick;
    std::vector<std::size_t> deep;
    for (std::size_t i = 0; i < parts_.schedule.size(); ++i) (parts_.schedule[i].deep ? deep : quick).push_back(i);
    run(quick);
    send();
    for (const std::size_t each : deep) {
        run({each});
        send();
    }
}

void Worker::use(const Configuration& configuration, CollectorPeer peer) {
    parts_.configuration = configuration;
    parts_.peer = std::move(peer);
    machine_.tags = configuration.tags;
    guarded([&] { spool_.bound(configuration.spool_bytes); });
}

AgentStatus Worker::status() {
    AgentStatus status;
    status.running = true;
    status.state = state_name(state_);
    status.enrolment = parts_.identity.enrolment;
    status.chain = shipper_.chain();
    status.log_size = evidence::open_checkpoint(shipper_.chain().checkpoint, parts_.identity.enrolment.log).head.size;
    status.certificate_until = certificate_life(parts_.identity.certificate_pem).until;
    status.last_delivery = last_delivery_;
    if (const auto* waiting = std::get_if<BackingOff>(&state_)) {
        status.next_attempt = waiting->until;
        status.trouble = waiting->condition + (waiting->detail.empty() ? "" : ": " + waiting->detail);
    }
    guarded([&] { status.spool = spool_.figures(); });
    const Instant now = parts_.clock.now();
    for (const ScheduledCollector& collector : parts_.schedule) {
        CollectorStatus& one = status.collectors[collector.name] = results_[collector.name];
        if (const auto last = last_runs_.find(collector.name); last != last_runs_.end()) one.last_run = last->second;
        one.next_run = next_time(times_of(collector, parts_.configuration, parts_.identity.enrolment.host_id), now);
    }
    status.conditions = conditions_.shown(now);
    return status;
}

}  // namespace annexa::agent
