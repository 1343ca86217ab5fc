// Packages of dpkg: what is installed, half installed, or removed with its configuration left.
//
// Sources: /var/lib/dpkg/status with the journal in /var/lib/dpkg/updates (support/dpkg_status.hpp). A package that is
// `config-files` is not installed, however alive its row looks: checks ask for status 'install ok installed'.
#include "collectors/collector.hpp"
#include "collectors/support/dpkg_status.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Package name"},
    {"version", Type::text, "Package version"},
    {"source", Type::text, "Name of the source package; empty where it is the package's own"},
    {"size", Type::integer, "Installed size in KiB; null where the package does not say", Trait::nullable},
    {"arch", Type::text, "Architecture"},
    {"revision", Type::text, "Debian revision: the version after its last dash"},
    {"status", Type::text, "What is wanted, whether there is an error, what is: install ok installed"},
    {"maintainer", Type::text, "Maintainer"},
    {"section", Type::text, "Section"},
    {"priority", Type::text, "Priority"},
    {"admindir", Type::text, "Folder of dpkg's records: /var/lib/dpkg"},
    {"source_version", Type::text, "Version of the source package"},
};
constexpr TableDefinition tables[] = {
    {"deb_packages", "Packages that dpkg knows, one row a package and architecture", columns},
};

std::vector<Table> collect(Host& host) {
    const auto packages = read_dpkg_status(host.files);
    if (!packages) throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    Table table = make_table(tables[0]);
    table.rows.reserve(packages->size());
    for (const DpkgPackage& package : *packages) {
        const std::size_t dash = package.version.rfind('-');
        table.rows.push_back({package.name, package.version, package.source == package.name ? std::string{} : package.source,
                              package.installed_size_kib ? Value{*package.installed_size_kib} : Value{}, package.architecture,
                              dash == std::string::npos ? std::string{} : package.version.substr(dash + 1), package.status(),
                              package.maintainer, package.section, package.priority, std::string{"/var/lib/dpkg"},
                              package.source_version});
    }
    return {table};
}

}  // namespace

extern constexpr Collector deb_packages{.name = "deb_packages",
                                        .version = 1,
                                        .tables = tables,
                                        .needs = Capability::none,
                                        .cost = Cost::fast,
                                        .reads_images = true,
                                        .runs_programs = false,
                                        .sources = "/var/lib/dpkg/status, /var/lib/dpkg/updates",
                                        .collect = collect};

}  // namespace annexa::collectors
