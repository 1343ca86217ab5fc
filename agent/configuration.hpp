// The agent's configuration: /etc/annexa/agent.yaml and its drop-ins agent.d/*.yaml, every key with a default.
//
// Files are read in the order main file, then drop-ins sorted by name. A later file's value replaces an earlier one's;
// tags and the schedule of collectors are merged by key; `collectors.disable` and `waivers` add up.
#pragma once

#include "evidence/errors.hpp"
#include "evidence/instant.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::agent {

/// What is wrong in a configuration file; what() is "FILE:LINE:COLUMN: ..." with what was expected.
class configuration_error : public evidence::error {
  public:
    configuration_error(const std::string& file, int line, int column, const std::string& problem)
        : error(file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + problem) {}
};

struct Cadence {
    std::optional<std::chrono::seconds> every;
    std::optional<std::chrono::seconds> splay;
};

/// An exception that local `check` honours; the store has its own. `until` is the last day (UTC) on which it holds.
struct ConfiguredWaiver {
    std::string check;
    std::optional<std::string> key;  // as it stands in a finding; nothing: every finding of the check
    std::string reason;
    evidence::Instant until;  // the end of that day
};

enum class LogLevel { error, warning, info, debug };

struct Configuration {
    std::map<std::string, std::string> tags;
    Cadence schedule{std::chrono::hours{1}, std::chrono::minutes{10}};
    std::map<std::string, Cadence> collector_schedule;
    std::int64_t spool_bytes = std::int64_t{256} << 20;
    std::chrono::seconds timeout{60};                     // of one collector
    std::int64_t memory_bytes = std::int64_t{256} << 20;  // of one collector
    std::set<std::string> disabled;
    std::vector<ConfiguredWaiver> waivers;
    std::filesystem::path state = "/var/lib/annexa-agent";
    std::filesystem::path socket = "/run/annexa-agent/socket";
    std::optional<std::filesystem::path>
        collector_socket;  // of the socket-activated annexa-collect; else it is started
    LogLevel log_level = LogLevel::info;
};

inline constexpr std::string_view default_configuration_file = "/etc/annexa/agent.yaml";

/// Names that a configuration may use. An empty set is not held against anything.
struct KnownNames {
    std::set<std::string> collectors;
    std::set<std::string> checks;
};

/// Reads a file and its drop-ins (STEM.d/*.yaml beside it). Without a file the default one is read, and may be missing.
/// Throws configuration_error for what a file says wrongly, error where a file cannot be read.
Configuration load_configuration(const std::optional<std::filesystem::path>& file, const KnownNames& known = {});

/// Applies one file's text on top of a configuration. `name` stands in messages.
void apply_configuration(Configuration& onto, const std::string& name, const std::string& text,
                         const KnownNames& known);

/// "90s", "15m", "1h", "7d" and the like: digits and one unit. Nothing where it is anything else.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "4096", "64KiB", "256MiB", "2GiB". Nothing where it is anything else.
std::optional<std::int64_t> parse_size(std::string_view text);

}  // namespace annexa::agent
