// The commands of annexa-agent: what main.cpp fills in from the command line, and one function each. Results go to
// `out`, messages to `err`; nothing is printed elsewhere. Each throws evidence::error for what ends the command.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace annexa::agent {

/// How a command ended. main() turns it into an exit code in one place.
enum class Exit {
    fine,
    findings,    // check: something fails; policy test, policy check: something does not hold
    incomplete,  // something could not be checked
};

enum class Format { text, json, csv };

struct CollectOptions {
    std::optional<std::filesystem::path> configuration, root;
    std::vector<std::string> collectors;  // none: all
    bool as_sent = false;
    Format format = Format::json;
};
Exit command_collect(const CollectOptions& options, std::ostream& out, std::ostream& err);

struct CheckOptions {
    std::optional<std::filesystem::path> configuration, root;
    std::vector<std::filesystem::path> policies;  // none: the built-in pack
    std::vector<std::string> settings;            // PARAMETER=VALUE
    std::vector<std::string> only;                // none: all in force
    bool fresh = false;                           // collect anew what is otherwise collected once a day
    Format format = Format::text;
};
Exit command_check(const CheckOptions& options, std::ostream& out, std::ostream& err);

struct QueryOptions {
    std::optional<std::filesystem::path> configuration, root;
    std::string sql;
    Format format = Format::text;
};
Exit command_query(const QueryOptions& options, std::ostream& out, std::ostream& err);

struct TablesOptions {
    std::optional<std::string> table;
    Format format = Format::text;
};
Exit command_tables(const TablesOptions& options, std::ostream& out, std::ostream& err);

struct PolicyOptions {
    std::filesystem::path pack;
    std::optional<std::filesystem::path> hosts;
    Format format = Format::text;
};
Exit command_policy_test(const PolicyOptions& options, std::ostream& out, std::ostream& err);
Exit command_policy_check(const PolicyOptions& options, std::ostream& out, std::ostream& err);
Exit command_policy_list(const PolicyOptions& options, std::ostream& out, std::ostream& err);

// Commands of the service and about it; `configuration` is its file, else the default one.

struct EnrollOptions {
    std::optional<std::filesystem::path> configuration;
    std::optional<std::string> token_file;  // "-": standard input; nothing: ANNEXA_TOKEN
};
Exit command_enroll(const EnrollOptions& options, std::ostream& out, std::ostream& err);

struct ServiceOptions {
    std::optional<std::filesystem::path> configuration;
    Format format = Format::text;
    bool yes = false;
};
Exit command_run(const ServiceOptions& options, std::ostream& out, std::ostream& err);
Exit command_status(const ServiceOptions& options, std::ostream& out, std::ostream& err);
Exit command_collect_now(const ServiceOptions& options, std::ostream& out, std::ostream& err);
Exit command_doctor(const ServiceOptions& options, std::ostream& out, std::ostream& err);
Exit command_forget(const ServiceOptions& options, std::ostream& out, std::ostream& err);

}  // namespace annexa::agent
