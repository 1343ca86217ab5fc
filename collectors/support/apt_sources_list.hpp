// The repositories that apt is told of: one-line entries (*.list) and deb822 stanzas (*.sources), sources.list(5).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// One repository: a type, an address and a suite. An entry that names several is several of these.
struct AptSource {
    std::string type;        // deb or deb-src
    std::string uri;         // without trailing slashes
    std::string suite;       // $(ARCH) is left as it is
    std::vector<std::string> components;  // empty: a flat repository (the suite ends in /)
    bool enabled = true;     // deb822: Enabled: no
    std::map<std::string, std::string> options;  // lower case as in one-line entries: signed-by, trusted, arch, allow-insecure, …
    std::string path;
    int line = 0;
};

/// Each throws host_error(malformed_source, "PATH:LINE: what") as apt refuses the whole file.
std::vector<AptSource> parse_sources_list(std::string_view path, std::string_view text);
std::vector<AptSource> parse_sources_deb822(std::string_view path, std::string_view text);

class AptConfig;
class Files;

/// All of them in apt's order: sources.list, then sources.list.d (or where the configuration says they are).
std::vector<AptSource> read_apt_sources(Files& files, const AptConfig& config);

/// The file name in /var/lib/apt/lists that an address has (URItoFileName of libapt-pkg).
std::string apt_list_name(std::string_view uri);

/// Where a repository's Release lies below its address: "dists/SUITE/" or "SUITE" for a flat one.
std::string apt_dist_uri(const AptSource& source);

}  // namespace annexa::collectors
