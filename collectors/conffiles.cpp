// Configuration files of packages and whether they are as shipped: the sums that dpkg keeps (Conffiles in its status)
// and those of files that rpm marks as configuration.
//
// Only whether it differs is said: the digest of a file that holds a secret is a secret. One that dpkg calls obsolete
// is no longer of its package and left out.
#include "collectors/collector.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/rpm_database.hpp"

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

template <class Same>
std::string state_of(Files& files, const std::string& path, const Same& same) {
    if (!files.status(path)) return "missing";
    const auto link = files.status_of_link(path);
    return link && link->kind == FileKind::regular && same() ? "shipped" : "changed";
}

void add_rpm(Files& files, Table& table) {
    for_each_rpm_header(files, [&](const RpmHeader& header) {
        const RpmPackage package = rpm_package(header);
        constexpr std::uint64_t md5 = 1, sha256 = 8;  // RFC 4880, 9.4
        const std::uint64_t algorithm = header.number(RpmTag::file_digest_algorithm).value_or(md5);
        for (const RpmFile& file : rpm_files(header)) {
            const bool configuration = (file.flags & RpmFile::configuration) != 0 && (file.flags & RpmFile::ghost) == 0;
            if (!configuration || file.digest.empty() || !file.installed) continue;
            if (algorithm != md5 && algorithm != sha256)
                throw host_error{Reason::unsupported_format,
                                 package.name + ": sums of its files are of kind " + std::to_string(algorithm)};
            table.rows.push_back({package.name, file.path, state_of(files, file.path, [&] {
                                      return (algorithm == md5 ? files.md5(file.path) : files.sha256(file.path)) ==
                                             file.digest;
                                  })});
        }
    });
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const auto packages = read_dpkg_status(files);
    const bool rpm = rpm_database(files).has_value();
    if (!packages && !rpm)
        throw not_applicable(Reason::not_installed, "neither dpkg nor rpm keeps packages on this host");
    Table table = make_table(tables[0]);
    if (packages)
        for (const DpkgPackage& package : *packages) {
            if (!package.installed()) continue;
            for (const auto& [path, sum] : package.conffiles) {
                if (sum.size() != 32 || !path.starts_with('/')) continue;  // newconffile: it was never installed
                table.rows.push_back({package.name, path, state_of(files, path, [&, &path = path, &sum = sum] {
                                          return files.md5(path) == sum;
                                      })});
            }
        }
    if (rpm) add_rpm(files, table);
    return {table};
}

}  // namespace

extern constexpr Collector conffiles{
    .name = "conffiles",
    .version = 2,
    .tables = tables,
    .needs = Capability::dac_read_search,
    .cost = Cost::deep,
    .sources = "/var/lib/dpkg/status, rpm's database, and the configuration files that they name",
    .collect = collect};

}  // namespace annexa::collectors
