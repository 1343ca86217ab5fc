#include "server-stub/evaluation/host_collectors.hpp"

#include "evidence/errors.hpp"
#include "policies/schema.hpp"

#include <algorithm>
#include <list>

namespace annexa::store {
namespace {

constexpr std::size_t statements_looked_at_for_due = 64;

/// The newest ok result of a collector by `at` and below `known_at`.
std::optional<ResultAt> newest_ok(const Store& store, std::string_view host, std::string_view collector, Instant until,
                                  std::optional<std::uint64_t> known_at) {
    const auto results = store.results_between(host, collector, Instant{}, until);
    const auto found = std::find_if(results.rbegin(), results.rend(), [&](const ResultAt& result) {
        return result.result.status == evidence::Status::ok && (!known_at || result.index < *known_at);
    });
    return found == results.rend() ? std::nullopt : std::optional{*found};
}

policies::CollectorStatus status_of(evidence::Status status) {
    switch (status) {
        case evidence::Status::ok: return policies::CollectorStatus::ok;
        case evidence::Status::not_applicable: return policies::CollectorStatus::not_applicable;
        case evidence::Status::error: break;
    }
    return policies::CollectorStatus::error;
}

std::string first_message(const ResultAt& result, TableReader& tables) {
    const std::string name = "messages_" + result.result.collector;
    for (const evidence::TableRef& ref : result.result.tables) {
        if (ref.name != name) continue;
        const auto table = tables.read(ref);
        if (table && !table->rows.empty() && !table->rows.front().empty())
            if (const auto* text = std::get_if<std::string>(&table->rows.front().front())) return *text;
    }
    return {};
}

}  // namespace

HostCollectors read_collectors(const Store& store, std::string_view host, std::optional<Instant> at,
                               std::optional<std::uint64_t> known_at) {
    HostCollectors collectors;
    for (ResultAt& result : store.last_results(host, at, known_at)) {
        CollectorState state;
        if (result.result.status == evidence::Status::ok) {
            state.last_ok = result;
        } else {
            state.last_ok = newest_ok(store, host, result.result.collector, result.result.at, known_at);
        }
        std::string name = result.result.collector;
        state.last = std::move(result);
        collectors.states.insert_or_assign(std::move(name), std::move(state));
    }
    StatementFilter filter;
    filter.host = std::string{host};
    filter.before_index = known_at;
    filter.limit = statements_looked_at_for_due;
    for (const StatementRow& statement : store.statements(filter)) {
        if (at && statement.made_at > *at) continue;
        for (const std::string& name : statement.due) {
            const auto found = collectors.states.find(name);
            if (found == collectors.states.end()) {
                collectors.owed_without_result.insert(name);
            } else if (statement.index > found->second.last.index) {
                found->second.owed = true;
            }
        }
    }
    return collectors;
}

struct TableReader::Cache {
    struct Item {
        Digest digest;
        std::shared_ptr<const evidence::Table> table;
        std::size_t bytes;
    };
    std::size_t most_bytes;
    std::size_t bytes = 0;
    std::list<Item> items;  // newest first
    std::map<Digest, std::list<Item>::iterator> by_digest;
};

TableReader::TableReader(const Blobs& blobs, std::size_t most_bytes) : blobs_{blobs}, cache_{std::make_unique<Cache>()} {
    cache_->most_bytes = most_bytes;
}
TableReader::~TableReader() = default;

std::shared_ptr<const evidence::Table> TableReader::read(const evidence::TableRef& ref) {
    Cache& cache = *cache_;
    if (const auto found = cache.by_digest.find(ref.digest); found != cache.by_digest.end()) {
        cache.items.splice(cache.items.begin(), cache.items, found->second);
        // Equal bytes under another name are another table to a query.
        if (found->second->table->name == ref.name) return found->second->table;
    }
    const auto bytes = blobs_.get(ref.digest);
    if (!bytes) return nullptr;
    auto table = std::make_shared<evidence::Table>(evidence::parse_table(ref.name, *bytes).table);
    if (cache.by_digest.contains(ref.digest)) return table;
    cache.items.push_front({ref.digest, table, bytes->size()});
    cache.by_digest.emplace(ref.digest, cache.items.begin());
    cache.bytes += bytes->size();
    while (cache.bytes > cache.most_bytes && cache.items.size() > 1) {
        cache.bytes -= cache.items.back().bytes;
        cache.by_digest.erase(cache.items.back().digest);
        cache.items.pop_back();
    }
    return table;
}

policies::HostEvidence host_evidence(const HostCollectors& collectors, const std::set<std::string>& needed, TableReader& tables) {
    policies::HostEvidence host;
    for (const auto& [name, state] : collectors.states) {
        policies::CollectorEvidence collector;
        collector.version = state.last.result.version;
        collector.status = status_of(state.last.result.status);
        if (state.last.result.reason) collector.reason = evidence::reason_code(*state.last.result.reason);
        if (collector.status != policies::CollectorStatus::ok) collector.message = first_message(state.last, tables);
        collector.collected_at = state.last.result.at;
        collector.owed = state.owed;
        host.collectors.emplace(name, std::move(collector));
        if (!state.last_ok) continue;
        for (const evidence::TableRef& ref : state.last_ok->result.tables) {
            if (!needed.contains(ref.name)) continue;
            if (auto table = tables.read(ref)) {
                host.tables.insert_or_assign(ref.name, std::move(table));
            } else {
                host.deleted.insert(ref.name);
            }
        }
    }
    for (const std::string& name : collectors.owed_without_result) {
        policies::CollectorEvidence collector;
        collector.owed = true;
        host.collectors.emplace(name, std::move(collector));
    }
    return host;
}

}  // namespace annexa::store
