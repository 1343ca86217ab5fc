// Configuration files of packages and whether they are as shipped: the sums that dpkg keeps (Conffiles in its status).
//
// Only whether it differs is said: the digest of a file that holds a secret is a secret. One that dpkg calls obsolete
// is no longer of its package and left out.
#include "collectors/collector.hpp"
#include "collectors/support/dpkg_status.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"package", Type::text, "Package"},
    {"path", Type::text, "Configuration file"},
    {"state", Type::text, "shipped, changed, missing"},
};
constexpr TableDefinition tables[] = {
    {"conffiles", "Configuration files of installed packages, one row a file", columns},
};

std::vector<Table> collect(Host& host) {
    const auto packages = read_dpkg_status(host.files);
    if (!packages)
        throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    Table table = make_table(tables[0]);
    for (const DpkgPackage& package : *packages) {
        if (!package.installed()) continue;
        for (const auto& [path, sum] : package.conffiles) {
            if (sum.size() != 32 || !path.starts_with('/')) continue;  // newconffile: it was never installed
            const auto status = host.files.status(path);
            const char* state = !status ? "missing" : "changed";
            if (status && status->kind == FileKind::regular) {
                const auto link = host.files.status_of_link(path);
                if (link && link->kind == FileKind::regular && host.files.md5(path) == sum) state = "shipped";
            }
            table.rows.push_back({package.name, path, std::string{state}});
        }
    }
    return {table};
}

}  // namespace

extern constexpr Collector conffiles{.name = "conffiles",
                                     .tables = tables,
                                     .needs = Capability::dac_read_search,
                                     .cost = Cost::deep,
                                     .sources = "/var/lib/dpkg/status and the configuration files that it names",
                                     .collect = collect};

}  // namespace annexa::collectors
