#include "agent/local_collection.hpp"

#include "agent/daily_results.hpp"
#include "policies/schema.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>

namespace annexa::agent {

Configuration local_configuration(const std::optional<std::filesystem::path>& file,
                                  const std::optional<std::filesystem::path>& root) {
    KnownNames known;
    for (const auto& [name, unused] : policies::built_in_schemas().collectors) known.collectors.insert(name);
    Configuration configuration = load_configuration(file, known);
    if (root) {
        configuration.disabled.clear();
        configuration.waivers.clear();
    }
    return configuration;
}

bool is_deep(const std::string& collector) {
    const auto& known = policies::built_in_schemas().collectors;
    const auto found = known.find(collector);
    return found != known.end() && found->second.cost == "deep";
}

std::vector<std::string> all_collector_names() {
    std::vector<std::string> names;
    for (const auto& [name, unused] : policies::built_in_schemas().collectors) names.push_back(name);
    return names;
}

std::vector<std::string> collectors_of(const std::set<std::string>& tables) {
    std::set<std::string> names;
    for (const std::string& table : tables)
        if (const policies::TableSchema* schema = policies::built_in_schemas().find(table))
            names.insert(schema->collector);
    return {names.begin(), names.end()};
}

std::vector<ExpectedCollector> expected_collectors(const std::vector<std::string>& names) {
    const auto& collectors = policies::built_in_schemas().collectors;
    std::vector<ExpectedCollector> expected;
    for (const std::string& name : names) {
        const auto found = collectors.find(name);
        if (found == collectors.end()) {
            std::string all;
            for (const auto& [other, unused] : collectors) all += (all.empty() ? "" : ", ") + other;
            throw evidence::error("there is no collector \"" + name + "\"; there are " + all);
        }
        expected.push_back({name, found->second.version, found->second.tables});
    }
    return expected;
}

CollectorPeer configured_peer(const Configuration& configuration, const std::optional<std::filesystem::path>& root) {
    // Whom the socket does not let in starts the program with his own rights, and sees what he may.
    const auto closed = [](const std::filesystem::path& socket) {
        return access(socket.c_str(), W_OK) != 0 && errno == EACCES;
    };
    if (configuration.collector_socket && !root && !closed(*configuration.collector_socket))
        return CollectorSocket{*configuration.collector_socket};
    return find_collector_program();
}

Collection collect_now(const Configuration& configuration, const std::vector<std::string>& names,
                       const std::optional<std::filesystem::path>& root) {
    CollectRequest request;
    if (root) {
        std::error_code problem;
        request.root = std::filesystem::canonical(*root, problem);
        if (problem) throw evidence::error("cannot use the root " + root->string() + ": " + problem.message());
        if (!std::filesystem::is_directory(*request.root))
            throw evidence::error("the root " + root->string() + " is no folder");
    }
    request.memory_bytes = configuration.memory_bytes;
    for (const std::string& name : names)
        if (configuration.disabled.contains(name)) request.disabled.insert(name);
    // What libapt-pkg made of this machine's indexes is kept there by annexa-collect.
    if (const auto cache = root ? std::nullopt : cache_folder()) ::setenv("CACHE_DIRECTORY", cache->c_str(), 1);
    const CollectorPeer peer = configured_peer(configuration, root);
    Collection collection;
    for (const bool deep : {false, true}) {
        request.collectors.clear();
        for (ExpectedCollector& each : expected_collectors(names))
            if (is_deep(each.name) == deep) request.collectors.push_back(std::move(each));
        if (request.collectors.empty()) continue;
        request.timeout = configuration.timeout;
        if (deep) request.timeout = std::max<std::chrono::milliseconds>(request.timeout, deep_timeout);
        Collection part = collect(peer, request, evidence::SystemClock{});
        std::move(part.results.begin(), part.results.end(), std::back_inserter(collection.results));
        if (!collection.machine) collection.machine = std::move(part.machine);
        if (!collection.problem) collection.problem = std::move(part.problem);
    }
    return collection;
}

policies::HostEvidence host_evidence(const Collection& collection) {
    constexpr policies::CollectorStatus statuses[] = {
        policies::CollectorStatus::ok, policies::CollectorStatus::not_applicable, policies::CollectorStatus::error};
    policies::HostEvidence host;
    for (const Collected& result : collection.results) {
        policies::CollectorEvidence& collector = host.collectors[result.collector];
        collector.version = result.version;
        collector.status = statuses[static_cast<std::size_t>(result.status)];
        if (result.reason) collector.reason = evidence::reason_code(*result.reason);
        collector.message = result.message.value_or("");
        collector.collected_at = result.collected_at;
        for (const evidence::Table& table : result.tables)
            if (const policies::TableSchema* schema = policies::built_in_schemas().find(table.name))
                host.tables[table.name] =
                    std::make_shared<const evidence::Table>(policies::evidence_form(table, *schema));
    }
    return host;
}

}  // namespace annexa::agent
