// What one run of a collector yields, and its JSON form, in which it travels to the agent.
#pragma once

#include "collectors/collector.hpp"
#include "collectors/machine.hpp"
#include "evidence/instant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annexa::collectors {

enum class Outcome { ok, not_applicable, error };

/// "ok", "not_applicable", "error".
std::string_view outcome_name(Outcome outcome);

struct Collected {
    std::string collector;
    int version = 1;
    Outcome outcome = Outcome::ok;
    std::optional<Reason> reason{};  // of everything that is not ok
    std::string message{};           // printable, empty where there is nothing to say
    evidence::Instant collected_at{};
    std::int64_t duration_ms = 0;
    std::vector<Source> sources{};
    std::vector<Table> tables{};  // of the definition, in its order; none unless ok
};

/// Runs a collector in this process and turns what it throws into an outcome: the only place that catches. It neither
/// limits nor confines it; that is the runner's matter.
Collected collect_here(const Collector& collector, Machine& machine);

/// A result without tables.
Collected failed(const Collector& collector, Reason reason, std::string_view message);

/// What is wrong with tables that claim to be a collector's: another name, column, type or number of cells, a null
/// where the schema knows none. Nothing where all is well.
std::optional<std::string> schema_violation(const Collector& collector, const std::vector<Table>& tables);

/// sources_COLLECTOR, and the way back. The latter throws evidence::error where the table is not of that form.
Table sources_table(const Collected& collected);
std::vector<Source> sources_of(const Table& table);

/// The tables and sources_COLLECTOR and, where there is a message, messages_COLLECTOR.
std::vector<Table> all_tables(const Collected& collected);

/// One object: collector, version, status, reason, message, collected_at, duration_ms, sources, tables.
std::string to_json(const Collected& collected);

}  // namespace annexa::collectors
