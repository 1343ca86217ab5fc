// What is known of each collector of a host as of a time: its last result, and the last that was ok.
#pragma once

#include "policies/host_evidence.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace annexa::store {

struct CollectorState {
    ResultAt last;
    std::optional<ResultAt> last_ok;  // equals `last` where that is ok
    bool owed = false;                // a later statement names it in `due` and holds no result of it
};

/// By collector. A collector that is owed and never had a result is in `owed` alone.
struct HostCollectors {
    std::map<std::string, CollectorState, std::less<>> states;
    std::set<std::string, std::less<>> owed_without_result;
};

/// Reads it from the store: evidence collected by `at` and logged below `known_at` (all where empty).
HostCollectors read_collectors(const Store& store, std::string_view host, std::optional<Instant> at,
                               std::optional<std::uint64_t> known_at);

/// Reads tables of blobs, keeping the last few: many hosts and many results share one. Not thread-safe.
class TableReader {
  public:
    explicit TableReader(const Blobs& blobs, std::size_t most_bytes = std::size_t{64} << 20);
    ~TableReader();
    /// Nothing where its bytes are gone.
    std::shared_ptr<const evidence::Table> read(const evidence::TableRef& ref);

  private:
    struct Cache;
    const Blobs& blobs_;
    std::unique_ptr<Cache> cache_;
};

/// What policies are evaluated over: only the tables in `needed` are read. `compromised_since` and `two_machines` are
/// those of the enrolments that the results came by (view.cpp adds them when asked as of a time).
policies::HostEvidence host_evidence(const HostCollectors& collectors, const std::set<std::string>& needed, TableReader& tables);

}  // namespace annexa::store
