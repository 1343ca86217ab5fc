// Repositories that dnf, yum or zypper is told of: *.repo files (dnf.conf(5), yum.conf(5), zypper(8)) with what the
// main configuration says for all of them.
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct YumSource {
    std::string id, path;
    std::size_t line = 0;
    std::map<std::string, std::string, std::less<>> options;  // as written; lines that go on are joined by a blank
    bool enabled = true;
    std::string unchecked_because;  // what keeps it from being checked by a signature; empty where it is
};

/// Sorted by file, in each file's order; empty where none of the three is told of any. Throws host_error
/// (malformed_source) for a line that is none, as dnf does.
std::vector<YumSource> read_yum_sources(Files& files);

/// Host of an address, in lower case and without a user; of what is no network address its scheme: file:
std::string repository_host(std::string_view address);

}  // namespace annexa::collectors
