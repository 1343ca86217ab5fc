// sshd_config(5) as sshd reads it: Include in place, Match blocks, the first value wins, lists that add up, and the
// defaults of the installed release. Written from servconf.c and checked against `sshd -T`.
//
// Values read as `sshd -T` prints them: "without-password" for prohibit-password, seconds for times, lists resolved.
#pragma once

#include "collectors/host.hpp"

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::sshd {

/// 9.2 of "OpenSSH_9.2p1". Releases differ in grammar (quotes, comments: 8.7) and in defaults.
struct Release {
    int major = 0, minor = 0;
    auto operator<=>(const Release&) const = default;
};

/// From "1:9.2p1-2+deb12u3", "OpenSSH_9.2p1" or "8.7p1-38.el9"; nothing where there is no such number.
std::optional<Release> parse_release(std::string_view text);

struct Setting {
    std::string keyword;  // lower case, an old name under its new one
    std::vector<std::string> values;
    std::string rest;       // what stands behind the keyword, for those that take it whole (ForceCommand)
    std::string source;     // file:line
    std::size_t block = 0;  // index into Config::blocks
};

/// blocks[0] is what stands outside any Match.
struct Block {
    std::string
        criteria;  // "user alice address 10.0.0.0/8", as written; of a block in an included file also those around
    std::size_t parent = 0;
    std::string source;
    bool always = false;  // "Match all": in force without a connection too, and open to every setting
};

struct Config {
    std::vector<Setting> settings;
    std::vector<Block> blocks{{}};
};

struct Reader {
    std::function<std::optional<File>(std::string_view path)> file;
    std::function<std::vector<std::string>(std::string_view pattern)> glob;  // sorted
};

/// Settings given on sshd's command line ("PermitRootLogin=yes"), which come before the file's.
struct CommandLineOption {
    std::string text, source;
};

/// Reads the file and what it includes. A missing file is nothing. Throws host_error (malformed_source, "FILE:LINE: …")
/// for what sshd would refuse to start with.
std::optional<Config> read_config(const Reader& reader, std::string_view path, Release release,
                                  const std::vector<CommandLineOption>& options = {});

struct Effective {
    std::string name, value, source;  // source "default" where nothing was set
};

/// What holds for a connection that matches these blocks (and those around them); none: outside any Match.
/// Keywords that may stand more than once yield a row each.
std::vector<Effective> effective(const Config& config, Release release, const std::vector<std::size_t>& matching = {});

/// The lines of `sshd -T`: name, value.
std::vector<std::pair<std::string, std::string>> parse_dump(std::string_view output);

}  // namespace annexa::collectors::sshd
