// dpkg's record of packages: /var/lib/dpkg/status and, where dpkg was cut off, the journal in /var/lib/dpkg/updates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::collectors {

class Files;

struct DpkgPackage {
    std::string name, architecture, version;
    std::string source;                   // name of the source package; its own name where it says none
    std::string source_version;           // its own version where it says none
    std::string want, error_flag, state;  // the three words of Status: install ok installed
    std::string section, priority, maintainer;
    std::optional<std::int64_t> installed_size_kib;
    std::vector<std::pair<std::string, std::string>>
        conffiles;  // path and the MD5 that the package shipped; no obsolete ones

    [[nodiscard]] std::string status() const { return want + " " + error_flag + " " + state; }
    [[nodiscard]] bool installed() const { return state == "installed"; }
    /// On the disk at least in part: everything but not-installed and config-files.
    [[nodiscard]] bool present() const { return state != "not-installed" && state != "config-files"; }
};

/// Ordered by name and architecture; those that are not installed at all left out, as dpkg-query does.
/// Nothing where the host has no dpkg; throws host_error(malformed_source) as dpkg itself refuses.
std::optional<std::vector<DpkgPackage>> read_dpkg_status(Files& files);

/// The architectures of packages that this host takes, its own first: var/lib/dpkg/arch, else that of dpkg itself.
std::vector<std::string> dpkg_architectures(Files& files, const std::vector<DpkgPackage>& packages);

}  // namespace annexa::collectors
