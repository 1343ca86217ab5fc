// The commands of annexa: what main.cpp fills in from the command line, and one function each. Results go to `out`, messages to
// `err`. Each throws evidence::error for what ends the command.
#pragma once

#include "cli/client.hpp"
#include "evidence/instant.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace annexa::terminal {
class Paint;
}

namespace annexa::cli {

/// How a command ended; main() turns it into an exit code in one place.
enum class Exit { fine, findings };

enum class Format { text, json, csv };

struct Terminal {
    std::ostream& out;
    std::ostream& err;
    const terminal::Paint& paint;
    const evidence::Clock& clock;
};

/// --at and --known-at as they were given.
struct When {
    std::string at, known_at;
    /// Adds them to a request. Throws evidence::error.
    void add_to(Arguments& arguments, const evidence::Clock& clock) const;
};

struct StatusOptions {
    When when;
    std::string from, to;  // either: over a period
    std::string control, host;
    std::vector<std::string> fail_on;
    Format format = Format::text;
};
Exit command_status(const StatusOptions& options, Client& client, const Terminal& terminal);
/// command_status() where from or to is given.
Exit command_period_status(const StatusOptions& options, Client& client, const Terminal& terminal);

struct HostsOptions {
    When when;
    Format format = Format::text;
};
Exit command_hosts(const HostsOptions& options, Client& client, const Terminal& terminal);
Exit command_acknowledge(const std::string& host, Client& client, const Terminal& terminal);

struct ChecksOptions {
    When when;
    std::string host, check;
    Format format = Format::text;
};
Exit command_checks(const ChecksOptions& options, Client& client, const Terminal& terminal);
Exit command_findings(const ChecksOptions& options, Client& client, const Terminal& terminal);

struct EvidenceListOptions {
    std::string host;
    std::string before;
    unsigned limit = 50;
    Format format = Format::text;
};
Exit command_evidence_list(const EvidenceListOptions& options, Client& client, const Terminal& terminal);

struct EvidenceShowOptions {
    std::string index;
    bool tables = true;
    Format format = Format::text;
};
Exit command_evidence_show(const EvidenceShowOptions& options, Client& client, const Terminal& terminal);

Exit command_log_checkpoint(Client& client, const Terminal& terminal);

struct PolicyOptions {
    std::string pack;
    std::vector<std::string> settings;    // PARAMETER=VALUE
    std::vector<std::string> tolerances;  // CHECK=HOSTS
    std::string document;
    Format format = Format::text;
};
Exit command_policy_list(const PolicyOptions& options, Client& client, const Terminal& terminal);
Exit command_policy_show(const PolicyOptions& options, Client& client, const Terminal& terminal);
Exit command_policy_adopt(const PolicyOptions& options, Client& client, const Terminal& terminal);
Exit command_policy_set(const PolicyOptions& options, Client& client, const Terminal& terminal);

struct WaiveOptions {
    std::string check;
    std::vector<std::string> hosts;
    std::string key, reason, until;
    Format format = Format::text;
};
Exit command_waive(const WaiveOptions& options, Client& client, const Terminal& terminal);
struct WaiversOptions {
    When when;
    Format format = Format::text;
};
Exit command_waivers(const WaiversOptions& options, Client& client, const Terminal& terminal);
Exit command_waiver_decision(const std::string& id, const std::string& decision, Client& client, const Terminal& terminal);

/// Needs no token yet: reads one from the file (or - for standard input), tries it, keeps it.
Exit command_login(const std::string& file, const Terminal& terminal);

}  // namespace annexa::cli
