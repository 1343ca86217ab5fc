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

struct UserOptions {
    std::string login, name, role;
    Format format = Format::text;
};
Exit command_user_list(Format format, Client& client, const Terminal& terminal);
Exit command_user_add(const UserOptions& options, Client& client, const Terminal& terminal);
Exit command_user_reset(const UserOptions& options, Client& client, const Terminal& terminal);
Exit command_user_role(const UserOptions& options, Client& client, const Terminal& terminal);
Exit command_user_state(const UserOptions& options, bool disabled, Client& client, const Terminal& terminal);

/// Files whose first line is a secret; "-" is a line of standard input, empty asks on the terminal.
struct SecretOptions {
    std::string invitation_file, password_file, new_password_file;
    std::string code;  // empty: asked for
};
/// Needs no token: the invitation is one.
Exit command_user_accept(const SecretOptions& options, const Terminal& terminal);
Exit command_user_password(const SecretOptions& options, Client& client, const Terminal& terminal);
Exit command_user_totp(const SecretOptions& options, Client& client, const Terminal& terminal);

struct UserTokenOptions {
    std::string id, name, role, ttl, account;
    std::vector<std::string> paths;
    Format format = Format::text;
};
Exit command_user_token_list(const UserTokenOptions& options, Client& client, const Terminal& terminal);
Exit command_user_token_make(const UserTokenOptions& options, Client& client, const Terminal& terminal);
Exit command_user_token_revoke(const UserTokenOptions& options, Client& client, const Terminal& terminal);

struct LoginOptions {
    std::string token_file;  // - for standard input; empty: ANNEXA_TOKEN
    std::string user;        // signs in by password and code; the token then says where
    std::string password_file, code;
};
/// Needs no token yet: tries what is given, and keeps what it opens.
Exit command_login(const LoginOptions& options, const Terminal& terminal);
Exit command_logout(Client& client, const Terminal& terminal);

}  // namespace annexa::cli
