#include "server-stub/storage/bracket.hpp"
#include "server-stub/storage/history_filter.hpp"
#include "server-stub/storage/memory_store_state.hpp"

#include <algorithm>

namespace annexa::store {

using memory::copy_of;
using memory::find_in;

namespace {

auto is_enrolment(const Digest& id) {
    return [&id](const Enrolment& enrolment) { return enrolment.id == id; };
}
auto is_host(std::string_view id) {
    return [id](const Host& host) { return host.id == id; };
}
auto is_holding(std::string_view host, const Digest& digest) {
    return [host, &digest](const Holding& holding) { return holding.host == host && holding.digest == digest; };
}

}  // namespace

MemoryStore::MemoryStore() : state_{std::make_unique<State>()} {}
MemoryStore::~MemoryStore() = default;

// ---------------------------------------------------------------------------------------------- settings

std::optional<std::string> MemoryStore::setting(std::string_view name) const {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->data.settings.find(name);
    return found == state_->data.settings.end() ? std::nullopt : std::optional{found->second};
}

void MemoryStore::set_setting(std::string_view name, std::string_view value) {
    const std::lock_guard lock{state_->mutex};
    state_->data.settings.insert_or_assign(std::string{name}, std::string{value});
}

// ---------------------------------------------------------------------------------------------- the log

LogHead MemoryStore::log_head() const {
    const std::lock_guard lock{state_->mutex};
    return state_->data.head;
}

bool MemoryStore::stage(const Commit& commit) {
    const std::lock_guard lock{state_->mutex};
    if (state_->data.head.tree != commit.expected) return false;
    state_->staged = commit;
    return true;
}

bool MemoryStore::commit(const Commit& commit) {
    const std::lock_guard lock{state_->mutex};
    if (state_->data.head.tree != commit.expected) return false;
    if (!state_->staged || state_->staged->next != commit.next || state_->staged->expected != commit.expected)
        return false;
    State::Data next = state_->data;
    std::uint64_t index = commit.expected.size;
    for (const LogEntry& entry : commit.entries) {
        next.entries.push_back(entry.bytes);
        std::visit([&](const auto& change) { state_->apply(next, change, index, commit.mark); }, entry.change);
        ++index;
    }
    for (const Tile& tile : commit.tiles) next.tiles.insert_or_assign({tile.id.level, tile.id.number}, tile.hashes);
    next.marks.push_back({commit.expected.size, commit.mark});
    next.head = {commit.next, commit.checkpoint, next.marks.back()};
    state_->data = std::move(next);
    state_->staged.reset();
    return true;
}

void MemoryStore::State::apply(Data& to, const StatementAccepted& change, std::uint64_t index, Instant mark) {
    StatementRow row = change.row;
    Enrolment* enrolment = find_in(to.enrolments, is_enrolment(row.enrolment));
    if (enrolment == nullptr || enrolment->state != EnrolmentState::active)
        throw contradiction("the enrolment is not active");
    if (enrolment->head != change.follows) throw contradiction("the head of the chain moved");
    if (row.sequence <= enrolment->head.sequence) throw contradiction("the sequence is taken");
    row.index = index;
    row.logged_at = mark;
    for (StoredResult& result : row.results) {
        if (result.same_as) continue;
        result.written_out = index;
        for (const TableRef& table : result.tables) {
            Holding* holding = find_in(to.holdings, is_holding(row.host, table.digest));
            if (holding == nullptr) throw contradiction("table " + table.digest.hex() + " is not held");
            holding->named = index;
        }
    }
    enrolment->head = {row.sequence, row.digest};
    enrolment->head_index = index;
    enrolment->quota = change.quota;
    enrolment->boots = change.boots;
    if (Host* host = find_in(to.hosts, is_host(row.host)); host != nullptr) {
        host->name = row.host_name;
        host->last_seen = mark;
    }
    to.statements.push_back(std::move(row));
}

void MemoryStore::State::apply(Data& to, const HostEnrolled& change, std::uint64_t index, Instant) {
    Enrolment enrolment = change.enrolment;
    if (find_in(to.enrolments, is_enrolment(enrolment.id)) != nullptr)
        throw contradiction("the enrolment is there already");
    if (find_in(to.enrolments, [&](const Enrolment& other) { return other.key_id == enrolment.key_id; }) != nullptr)
        throw contradiction("the evidence key has an enrolment already");
    Host* host = find_in(to.hosts, is_host(enrolment.host));
    if (host == nullptr) {
        if (enrolment.replaces) throw contradiction("the host whose enrolment it replaces is not there");
        to.hosts.push_back(
            {enrolment.host, change.host_name, {}, enrolment.id, enrolment.made_at, std::nullopt, false});
    } else {
        if (enrolment.replaces != host->enrolment)
            throw contradiction("the enrolment that it replaces is not the host's current one");
        Enrolment* old = find_in(to.enrolments, is_enrolment(host->enrolment));
        if (old == nullptr || change.closes != old->head)
            throw contradiction("the head of the chain that it closes moved");
        if (old->state == EnrolmentState::active) {
            old->state = EnrolmentState::replaced;
            old->closed_at = enrolment.made_at;
        }
        host->enrolment = enrolment.id;
        host->name = change.host_name;
        host->retired = false;
    }
    enrolment.index = index;
    enrolment.head = {0, enrolment.id};
    enrolment.head_index = index;
    to.enrolments.push_back(std::move(enrolment));
}

void MemoryStore::State::apply(Data& to, const EnrolmentClosed& change, std::uint64_t, Instant) {
    Enrolment* enrolment = find_in(to.enrolments, is_enrolment(change.enrolment));
    if (enrolment == nullptr) throw contradiction("there is no such enrolment");
    enrolment->state = change.state;
    enrolment->compromised_since = change.compromised_since;
    enrolment->closed_at = change.at;
    Host* host = find_in(to.hosts, is_host(enrolment->host));
    if (host != nullptr && host->enrolment == enrolment->id && change.state == EnrolmentState::retired)
        host->retired = true;
}

void MemoryStore::State::apply(Data& to, const Decision& change, std::uint64_t index, Instant) {
    if (change.follows) {
        std::uint64_t last = 0;
        for (const Decision& decision : to.decisions)
            if (decision.kind == change.kind && decision.subject == change.subject) last = decision.index;
        if (last != *change.follows) throw contradiction(change.subject + " was decided upon in the meantime");
    }
    to.decisions.push_back(change);
    to.decisions.back().index = index;
    to.decisions.back().follows.reset();
}

std::vector<std::string> MemoryStore::entries(std::uint64_t first, std::uint64_t count) const {
    const std::lock_guard lock{state_->mutex};
    const auto& all = state_->data.entries;
    const std::uint64_t begin = std::min<std::uint64_t>(first, all.size());
    const std::uint64_t end = begin + std::min<std::uint64_t>(count, all.size() - begin);
    return {all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::optional<std::string> MemoryStore::tile(unsigned level, std::uint64_t index, unsigned width) const {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->data.tiles.find({level, index});
    if (found == state_->data.tiles.end() || found->second.size() < std::size_t{32} * width) return std::nullopt;
    return found->second.substr(0, std::size_t{32} * width);
}

std::optional<Mark> MemoryStore::mark_before(std::uint64_t size) const {
    const std::lock_guard lock{state_->mutex};
    std::optional<Mark> last;
    for (const Mark& mark : state_->data.marks)
        if (mark.index < size) last = mark;
    return last;
}

std::optional<Mark> MemoryStore::State::mark_from(std::uint64_t index) const {
    return copy_of(find_in(data.marks, [index](const Mark& mark) { return mark.index >= index; }));
}

std::optional<Mark> MemoryStore::mark_from(std::uint64_t index) const {
    const std::lock_guard lock{state_->mutex};
    return state_->mark_from(index);
}

std::uint64_t MemoryStore::known_at(Instant time) const {
    const std::lock_guard lock{state_->mutex};
    const Mark* later = find_in(state_->data.marks, [time](const Mark& mark) { return mark.time > time; });
    return later == nullptr ? state_->data.head.tree.size : later->index;
}

// ---------------------------------------------------------------------------------------------- hosts

std::optional<Host> MemoryStore::host(std::string_view id) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(find_in(state_->data.hosts, is_host(id)));
}

std::vector<Host> MemoryStore::hosts() const {
    const std::lock_guard lock{state_->mutex};
    std::vector<Host> hosts = state_->data.hosts;
    std::sort(hosts.begin(), hosts.end(),
              [](const Host& a, const Host& b) { return std::tie(a.name, a.id) < std::tie(b.name, b.id); });
    return hosts;
}

std::optional<Enrolment> MemoryStore::enrolment(const Digest& id) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(find_in(state_->data.enrolments, is_enrolment(id)));
}

std::optional<Enrolment> MemoryStore::enrolment_by_key(const Digest& key_id) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(
        find_in(state_->data.enrolments, [&](const Enrolment& enrolment) { return enrolment.key_id == key_id; }));
}

std::vector<Enrolment> MemoryStore::enrolments(std::string_view host) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<Enrolment> found;
    for (const Enrolment& enrolment : state_->data.enrolments)
        if (enrolment.host == host) found.push_back(enrolment);
    return found;
}

void MemoryStore::mark_two_machines(const Digest& id, Instant at) {
    const std::lock_guard lock{state_->mutex};
    Enrolment* enrolment = find_in(state_->data.enrolments, is_enrolment(id));
    if (enrolment == nullptr || enrolment->state != EnrolmentState::active) return;
    enrolment->state = EnrolmentState::two_machines;
    enrolment->closed_at = at;
}

void MemoryStore::set_tags(std::string_view id, const std::map<std::string, std::string>& tags) {
    const std::lock_guard lock{state_->mutex};
    Host* host = find_in(state_->data.hosts, is_host(id));
    if (host == nullptr) throw contradiction("there is no such host");
    host->tags = tags;
}

// ---------------------------------------------------------------------------------------------- statements

StatementRow MemoryStore::State::resolved(StatementRow row) const {
    if (const auto mark = mark_from(row.index + 1)) row.not_after = mark->time;
    for (StoredResult& result : row.results) {
        if (result.same_as) {
            const StatementRow* writer =
                find_in(data.statements, [&](const StatementRow& other) { return other.index == result.written_out; });
            const StoredResult* written = writer == nullptr ? nullptr : written_out(writer->results, result.collector);
            if (written == nullptr)
                throw evidence::error("the result that statement " + std::to_string(row.index) +
                                      " repeats is not there");
            result.version = written->version;
            result.status = written->status;
            result.reason = written->reason;
            result.tables = written->tables;
        }
        apply_bracket(result, row.not_before, row.not_after);
    }
    return row;
}

std::optional<StatementRow> MemoryStore::statement(const Digest& enrolment, std::uint64_t sequence) const {
    const std::lock_guard lock{state_->mutex};
    const auto stands_there = [&](const StatementRow& row) {
        return row.enrolment == enrolment && row.sequence == sequence;
    };
    const StatementRow* found = find_in(state_->data.statements, stands_there);
    return found == nullptr ? std::nullopt : std::optional{state_->resolved(*found)};
}

std::optional<StatementRow> MemoryStore::statement_at(std::uint64_t index) const {
    const std::lock_guard lock{state_->mutex};
    const StatementRow* found =
        find_in(state_->data.statements, [&](const StatementRow& row) { return row.index == index; });
    return found == nullptr ? std::nullopt : std::optional{state_->resolved(*found)};
}

std::vector<StatementRow> MemoryStore::statements(const StatementFilter& filter) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<StatementRow> found;
    for (const StatementRow& row : state_->data.statements)
        if ((!filter.host || row.host == *filter.host) && row.index >= filter.from_index &&
            (!filter.before_index || row.index < *filter.before_index))
            found.push_back(row);
    if (filter.newest_first) std::reverse(found.begin(), found.end());
    if (found.size() > filter.limit) found.resize(filter.limit);
    for (StatementRow& row : found) row = state_->resolved(std::move(row));
    return found;
}

std::vector<ResultAt> MemoryStore::last_results(std::string_view host, std::optional<Instant> at,
                                                std::optional<std::uint64_t> known_at) const {
    const std::lock_guard lock{state_->mutex};
    std::map<std::string, ResultAt> last;
    for (const StatementRow& stored : state_->data.statements) {
        if (stored.host != host || (known_at && stored.index >= *known_at)) continue;
        const StatementRow row = state_->resolved(stored);
        for (const StoredResult& result : row.results)
            if (!at || result.at <= *at)
                last.insert_or_assign(result.collector, ResultAt{row.index, row.host, row.enrolment, row.sequence,
                                                                 row.not_before, row.not_after, result});
    }
    std::vector<ResultAt> results;
    for (auto& [collector, result] : last) results.push_back(std::move(result));
    return results;
}

std::vector<ResultAt> MemoryStore::results_between(std::string_view host, std::string_view collector, Instant from,
                                                   Instant to) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<ResultAt> results;
    for (const StatementRow& stored : state_->data.statements) {
        if (stored.host != host) continue;
        const StatementRow row = state_->resolved(stored);
        for (const StoredResult& result : row.results)
            if ((collector.empty() || result.collector == collector) && result.at >= from && result.at <= to)
                results.push_back(
                    {row.index, row.host, row.enrolment, row.sequence, row.not_before, row.not_after, result});
    }
    return results;
}

// ---------------------------------------------------------------------------------------------- tables

bool MemoryStore::hold(const Holding& holding) {
    const std::lock_guard lock{state_->mutex};
    Holding* found = find_in(state_->data.holdings, is_holding(holding.host, holding.digest));
    if (found != nullptr) {
        found->put_at = holding.put_at;
        return false;
    }
    state_->data.holdings.push_back(holding);
    return true;
}

std::optional<Holding> MemoryStore::holding(std::string_view host, const Digest& digest) const {
    const std::lock_guard lock{state_->mutex};
    return copy_of(find_in(state_->data.holdings, is_holding(host, digest)));
}

std::vector<Holding> MemoryStore::holdings(std::string_view host, std::span<const Digest> digests) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<Holding> held;
    for (const Digest& digest : digests)
        if (const Holding* found = find_in(state_->data.holdings, is_holding(host, digest)); found != nullptr)
            held.push_back(*found);
    return held;
}

std::uint64_t MemoryStore::unnamed_bytes(std::string_view host) const {
    const std::lock_guard lock{state_->mutex};
    std::uint64_t bytes = 0;
    for (const Holding& holding : state_->data.holdings)
        if (holding.host == host && !holding.named) bytes += holding.bytes;
    return bytes;
}

std::uint64_t MemoryStore::bytes_put_since(std::string_view host, Instant since) const {
    const std::lock_guard lock{state_->mutex};
    std::uint64_t bytes = 0;
    for (const Holding& holding : state_->data.holdings)
        if (holding.host == host && holding.put_at >= since) bytes += holding.bytes;
    return bytes;
}

std::vector<Digest> MemoryStore::drop_unnamed(Instant put_before) {
    const std::lock_guard lock{state_->mutex};
    std::set<Digest> dropped;
    std::erase_if(state_->data.holdings, [&](const Holding& holding) {
        const bool drop = !holding.named && holding.put_at < put_before;
        if (drop) dropped.insert(holding.digest);
        return drop;
    });
    for (const Holding& holding : state_->data.holdings) dropped.erase(holding.digest);
    return {dropped.begin(), dropped.end()};
}

std::map<Digest, std::uint64_t> MemoryStore::held() const {
    const std::lock_guard lock{state_->mutex};
    std::map<Digest, std::uint64_t> held;
    for (const Holding& holding : state_->data.holdings) held.insert_or_assign(holding.digest, holding.bytes);
    return held;
}

// ---------------------------------------------------------------------------------------------- decisions, history

std::vector<Decision> MemoryStore::decisions(std::string_view kind, std::optional<Instant> at,
                                             std::optional<std::uint64_t> known_at) const {
    const std::lock_guard lock{state_->mutex};
    std::map<std::string, Decision> last;
    for (const Decision& decision : state_->data.decisions)
        if (decision.kind == kind && (!at || decision.at <= *at) && (!known_at || decision.index < *known_at))
            last.insert_or_assign(decision.subject, decision);
    std::vector<Decision> found;
    for (auto& [subject, decision] : last) found.push_back(std::move(decision));
    return found;
}

std::vector<Decision> MemoryStore::all_decisions(std::string_view kind) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<Decision> found;
    for (const Decision& decision : state_->data.decisions)
        if (decision.kind == kind) found.push_back(decision);
    return found;
}

std::uint64_t MemoryStore::evaluated() const {
    const std::lock_guard lock{state_->mutex};
    return state_->data.evaluated;
}

void MemoryStore::record(const HistoryChange& change) {
    const std::lock_guard lock{state_->mutex};
    State::Data next = state_->data;
    for (const HistoryRow& updated : change.updated) {
        HistoryRow* row = find_in(next.history, [&](const HistoryRow& other) { return other.id == updated.id; });
        if (row == nullptr) throw contradiction("there is no history row " + std::to_string(updated.id));
        row->to = updated.to;
        row->to_index = updated.to_index;
        row->superseded = updated.superseded;
        row->integrity = history_digest(*row);
    }
    for (const HistoryRow& added : change.added) {
        next.history.push_back(added);
        next.history.back().id = next.history.size();
        next.history.back().integrity = history_digest(next.history.back());
    }
    for (const FindingRow& updated : change.findings_updated) {
        FindingRow* row = find_in(next.findings, [&](const FindingRow& other) { return other.id == updated.id; });
        if (row == nullptr) throw contradiction("there is no finding " + std::to_string(updated.id));
        row->closed = updated.closed;
        row->closed_index = updated.closed_index;
        row->superseded = updated.superseded;
        row->detail = updated.detail;
        row->integrity = finding_digest(*row);
    }
    for (const FindingRow& opened : change.opened) {
        next.findings.push_back(opened);
        next.findings.back().id = next.findings.size();
        next.findings.back().integrity = finding_digest(next.findings.back());
    }
    next.evaluated = change.evaluated;
    state_->data = std::move(next);
}

std::vector<HistoryRow> MemoryStore::history(const HistoryFilter& filter) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<HistoryRow> found = filtered(state_->data.history, filter);
    std::sort(found.begin(), found.end(), [](const HistoryRow& a, const HistoryRow& b) {
        return std::tie(a.host, a.check, a.from, a.id) < std::tie(b.host, b.check, b.from, b.id);
    });
    return found;
}

std::vector<FindingRow> MemoryStore::findings(const HistoryFilter& filter) const {
    const std::lock_guard lock{state_->mutex};
    std::vector<FindingRow> found = filtered(state_->data.findings, filter);
    std::sort(found.begin(), found.end(), [](const FindingRow& a, const FindingRow& b) {
        return std::tie(a.host, a.check, a.opened, a.id) < std::tie(b.host, b.check, b.opened, b.id);
    });
    return found;
}

}  // namespace annexa::store
