// The commands of annexa: what all share, and one function a subject that adds its commands to the command line
// (command_line.hpp). Results go to `out`, messages to `err`. Each throws evidence::error for what ends the command.
#pragma once

#include "cli/client.hpp"
#include "evidence/instant.hpp"

#include <iosfwd>
#include <string>

namespace annexa::terminal {
class Paint;
}

namespace annexa::cli {

class Command;

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

void add_login(Command& line);     // login, logout
void add_status(Command& line);    // status
void add_hosts(Command& line);     // hosts
void add_checks(Command& line);    // checks, findings
void add_evidence(Command& line);  // evidence, log
void add_policies(Command& line);  // policy
void add_waivers(Command& line);   // waive, waivers
void add_isms(Command& line);      // isms (isms/commands.hpp)
void add_user(Command& line);      // user

/// All of them, in the order of the help.
void add_commands(Command& line);

}  // namespace annexa::cli
