// Services as their unit files describe them, without asking a running systemd: systemd.unit(5), systemd.service(5),
// systemd.exec(5). Masked units are left out; whether a unit is enabled is not asked, for sockets, timers and people
// start those that are not.
#pragma once

#include "collectors/host.hpp"
#include "collectors/support/systemd_config.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct ServiceUnit {
    std::string name;                      // ssh.service, ssh@.service
    std::vector<SystemdSetting> settings;  // of the unit's file, then of its drop-ins in their order
};

/// Every service unit below the folders of systemd.unit(5), aliases under their unit's own name, sorted by name.
std::vector<ServiceUnit> service_units(Files& files);

/// One command of ExecStart=.
struct ServiceCommand {
    std::string program;                 // as written, without the characters before it
    std::vector<std::string> arguments;  // quotes and escapes resolved, variables not yet
    bool expands = true;                 // false where the line begins with a colon: variables stay as they are
    std::string source;
};

/// All commands since the last empty ExecStart=.
std::vector<ServiceCommand> service_commands(const ServiceUnit& unit);

struct ServiceVariable {
    std::string value, source;
};
using ServiceEnvironment = std::map<std::string, ServiceVariable, std::less<>>;

/// The lines of a file for EnvironmentFile=.
ServiceEnvironment parse_environment_file(const File& file);

/// DefaultEnvironment= of system.conf, then Environment=, then the files of EnvironmentFile=. Throws host_error
/// (unsupported_format) where a variable comes from elsewhere (PassEnvironment=) or a file's name has a specifier.
ServiceEnvironment service_environment(Files& files, const ServiceUnit& unit);

struct ExpandedWord {
    std::string text, source;
};

/// The arguments with $NAME (as words of their own) and ${NAME} replaced as systemd does; a variable that is not set
/// is empty. Throws host_error (unsupported_format) for a specifier (%i) whose value is not in the files.
std::vector<ExpandedWord> expanded_arguments(const ServiceCommand& command, const ServiceEnvironment& environment);

/// The words of a line: blanks separate, quotes of both kinds and backslashes are resolved.
std::vector<std::string> systemd_words(std::string_view line);

}  // namespace annexa::collectors
