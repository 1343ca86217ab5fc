// rpm's record of packages: rpmdb.sqlite below /usr/lib/sysimage/rpm or /var/lib/rpm.
//
// Read by SQLite as a file that does not change, so that nothing is written beside it; packages that rpm has not yet
// put into it (a journal that is not empty) are an error, not fewer packages. The formats of older releases (Packages:
// bdb) and of SUSE (Packages.db: ndb) are errors too (unsupported_rpmdb).
#pragma once

#include "collectors/host.hpp"
#include "collectors/support/rpm_header.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace annexa::collectors {

/// Path of the database that this host has; nothing where it has none.
std::optional<std::string> rpm_database(Files& files);

/// Calls `each` with every package's header, in the database's order; keys that rpm keeps as packages (gpg-pubkey) too.
/// False where there is no database; throws host_error (malformed_source, unreadable_source, unsupported_rpmdb).
bool for_each_rpm_header(Files& files, const std::function<void(const RpmHeader&)>& each);

struct RpmPackage {
    std::string name, version, release, arch, vendor, group, source_rpm, sha1;
    std::optional<std::int64_t> epoch;
    std::int64_t size_bytes = 0, install_time = 0;  // install_time: Unix seconds

    /// [EPOCH:]VERSION-RELEASE, as rpm -q prints it with %{EVR}.
    [[nodiscard]] std::string full_version() const;
    [[nodiscard]] bool is_key() const { return name == "gpg-pubkey"; }
};
RpmPackage rpm_package(const RpmHeader& header);

/// A file of a package as rpm keeps it.
struct RpmFile {
    std::string path;
    std::uint32_t mode = 0;  // with the kind of file: 0100755
    std::uint64_t flags = 0;
    std::string user, group, digest, capabilities;  // digest: hex; empty for what has none
    bool installed = true;                          // false: left out, or of another colour

    static constexpr std::uint64_t configuration = 1, missing_ok = 8, ghost = 64;  // RPMFILE_*
};
std::vector<RpmFile> rpm_files(const RpmHeader& header);

}  // namespace annexa::collectors
