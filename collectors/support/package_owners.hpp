// Which package a file belongs to, and with what rights it is shipped, by the records of the package manager.
#pragma once

#include "collectors/host.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace annexa::collectors {

/// What a package manager keeps of a file's rights: rpm does, dpkg does not.
struct ShippedRights {
    std::uint32_t mode = 0;  // permission bits with setuid, setgid and sticky
    std::string user, group;
    std::string capabilities{};  // as cap_to_text(3): cap_net_raw=ep; empty: none
};

struct PackageOfFile {
    std::string package;
    std::string source;  // the record that says so
    std::optional<ShippedRights> rights{};
};

using PathSet = std::set<std::string, std::less<>>;

/// Of these paths (without links on their way) those that belong to an installed package. Diversions of dpkg and
/// folders that are links (/bin to /usr/bin) are followed. Throws what reading the records throws.
std::map<std::string, PackageOfFile> packages_of(Files& files, const PathSet& paths);

}  // namespace annexa::collectors
