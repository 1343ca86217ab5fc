// What one run of one collector yielded, as it comes from annexa-collect and waits in the spool.
#pragma once

#include "evidence/instant.hpp"
#include "evidence/reason.hpp"
#include "evidence/statement.hpp"
#include "evidence/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::agent {

/// A file or interface that was read; digest and size only where the source is world-readable.
struct Source {
    std::string path;
    std::optional<std::string> sha256;  // hex
    std::optional<std::int64_t> size_bytes;
    bool operator==(const Source&) const = default;
};

struct Collected {
    std::string collector;
    int version = 1;
    evidence::Status status = evidence::Status::ok;
    std::optional<evidence::Reason> reason;  // exactly where the status is not ok
    std::optional<std::string> message;
    std::int64_t duration_ms = 0;
    evidence::Instant collected_at{};
    std::vector<Source> sources;
    std::vector<evidence::Table> tables;  // by name; sources_COLLECTOR and messages_COLLECTOR among them
    bool operator==(const Collected&) const = default;
};

/// The result of a collector that gave none: status `error` with a reason and a sentence, and its two accompanying
/// tables.
Collected failed_result(std::string_view collector, int version, evidence::Reason reason, std::string_view message,
                        evidence::Instant at);

/// Reads a result as annexa-collect and the spool write it. Throws format_error for anything else.
Collected parse_collected(std::string_view json);

/// The same, written: members as in `annexa-agent collect --format json`, with `collected_at`.
std::string to_json(const Collected& result);

/// A table as {"columns":[["name","type"],...],"rows":[[...],...]}, rows as they are.
std::string table_json(const evidence::Table& table);

}  // namespace annexa::agent
