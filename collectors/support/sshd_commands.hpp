// With what options sshd is started: by units of systemd, by Debian's init script, and by whoever started those that
// run. Options of the command line come before the file (sshd(8)), so that without them a file says little.
#pragma once

#include "collectors/host.hpp"
#include "collectors/support/sshd_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::sshd {

constexpr std::string_view program = "/usr/sbin/sshd";
constexpr std::string_view default_configuration = "/etc/ssh/sshd_config";

struct CommandLine {
    std::string started_by;                            // a unit's name; of a process "sshd" with its options
    std::vector<CommandLineOption> options{};          // in their order
    std::string configuration{default_configuration};  // -f; "none": no file
    [[nodiscard]] bool same_settings(const CommandLine& other) const;
};

/// At least one; first that of the service itself (ssh.service, sshd.service), then each other that sets something
/// else. Throws host_error (unsupported_format) where a unit or a process starts sshd in a way whose options cannot be
/// told.
std::vector<CommandLine> command_lines(Host& host);

/// Throws host_error where a unit starts an sshd that is not /usr/sbin/sshd: its release and its defaults are unknown.
void refuse_other_programs(Host& host);

}  // namespace annexa::collectors::sshd
