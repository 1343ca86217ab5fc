// sshd of a host as a whole: its release, and what a setting comes to in every way that it is started and every Match
// block.
#pragma once

#include "collectors/support/sshd_commands.hpp"
#include "collectors/support/sshd_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::sshd {

/// The package's where dpkg knows it, else what the program says of itself. Throws host_error (unsupported_format)
/// where neither does.
Release installed_release(Host& host);

/// The files that a command line leads to. Throws host_error where they are missing or sshd would refuse them.
Config configuration_of(Host& host, const CommandLine& line, Release release);

/// Our reading of all: one set a way and a Match block, `match` as in the table sshd_effective.
struct Circumstance {
    std::string match;
    std::vector<Effective> settings;
};
std::vector<Circumstance> circumstances(Host& host);

/// Throws not_applicable (not_installed) where there is no sshd.
void demand_installed(Host& host);

}  // namespace annexa::collectors::sshd
