// Installed packages, whoever manages them: dpkg, rpm, or both; and rpm's own records.
//
// dpkg: /var/lib/dpkg/status (support/dpkg_status.hpp); a package whose files are on the disk at least in part counts,
// one that was removed and left its configuration does not. rpm: rpmdb.sqlite (support/rpm_database.hpp); the keys that
// rpm keeps as packages (gpg-pubkey) are no software and stand in rpm_packages alone.
#include "collectors/collector.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/rpm_database.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column package_columns[] = {
    {"name", Type::text, "Package name"},
    {"version", Type::text, "Its version, of rpm with epoch and release: 1:2.3-4.el9"},
    {"arch", Type::text, "Architecture"},
    {"manager", Type::text, "dpkg or rpm"},
    {"whole", Type::boolean, "Whether it is installed as it should be: not half configured, not to be installed again"},
    {"status", Type::text, "Of dpkg its three words: install ok installed; of rpm: installed"},
    {"source_package", Type::text, "Source package that it was built from"},
    {"source", Type::text, "Record that names it"},
};
constexpr Column rpm_columns[] = {
    {"name", Type::text, "Package name"},
    {"version", Type::text, "Package version"},
    {"release", Type::text, "Package release"},
    {"source", Type::text, "Source package: bash-5.1.8-9.el9.src.rpm; empty where it is none"},
    {"size", Type::integer, "Bytes of its files"},
    {"sha1", Type::text, "SHA-1 of its header"},
    {"arch", Type::text, "Architecture; empty for keys"},
    {"epoch", Type::integer, "Epoch; null where it has none", Trait::nullable},
    {"install_time", Type::integer, "When it was installed, Unix seconds"},
    {"vendor", Type::text, "Vendor"},
    {"package_group", Type::text, "Group"},
};
constexpr TableDefinition tables[] = {
    {"packages", "Installed packages of dpkg and rpm, one row a package and architecture", package_columns},
    {"rpm_packages", "Packages that rpm knows, one row a package; without rpm none", rpm_columns},
};

void add_rpm(Files& files, Table& packages, Table& rpm_packages) {
    std::string path;
    const bool there = for_each_rpm_header(files, [&](const RpmHeader& header) {
        if (path.empty()) path = rpm_database(files).value_or("");
        const RpmPackage package = rpm_package(header);
        rpm_packages.rows.push_back({package.name, package.version, package.release, package.source_rpm,
                                     package.size_bytes, package.sha1, package.arch,
                                     package.epoch ? Value{*package.epoch} : Value{}, package.install_time,
                                     package.vendor, package.group});
        if (!package.is_key())
            packages.rows.push_back({package.name, package.full_version(), package.arch, std::string{"rpm"}, true,
                                     std::string{"installed"}, package.source_rpm, path});
    });
    if (!there) throw not_applicable(Reason::not_installed, "neither dpkg nor rpm keeps packages on this host");
}

std::vector<Table> collect(Host& host) {
    std::vector<Table> all{make_table(tables[0]), make_table(tables[1])};
    const auto of_dpkg = read_dpkg_status(host.files);
    if (of_dpkg)
        for (const DpkgPackage& package : *of_dpkg)
            if (package.present())
                all[0].rows.push_back({package.name, package.version, package.architecture, std::string{"dpkg"},
                                       package.installed() && package.error_flag == "ok", package.status(),
                                       package.source, std::string{"/var/lib/dpkg/status"}});
    // Debian keeps rpm's records in the home of who uses it; what is in rpm's own place is installed.
    if (!of_dpkg || rpm_database(host.files)) add_rpm(host.files, all[0], all[1]);
    if (all[0].rows.empty())
        throw host_error{Reason::malformed_source,
                         rpm_database(host.files).value_or("/var/lib/dpkg/status") + ": names no package at all"};
    std::sort(all[1].rows.begin(), all[1].rows.end());
    return all;
}

}  // namespace

extern constexpr Collector packages{
    .name = "packages",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources = "/var/lib/dpkg/status, /var/lib/dpkg/updates; rpmdb.sqlite of /usr/lib/sysimage/rpm or /var/lib/rpm",
    .collect = collect};

}  // namespace annexa::collectors
