// Kernels that packages installed, and which of them runs.
//
// A kernel's package is linux-image-RELEASE (or linux-image-unsigned-RELEASE) where RELEASE begins with a digit:
// metapackages (linux-image-amd64), debug symbols and what is only removed are none. Kernels compare within their flavour
// (amd64, cloud-amd64, rt-amd64) by the version of their package, so that backports and several flavours need no rules.
#include "collectors/collector.hpp"
#include "collectors/support/deb822.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"release", Type::text, "Kernel release: 6.1.0-28-amd64"},
    {"flavour", Type::text, "What follows its version: amd64, cloud-amd64, generic"},
    {"package", Type::text, "Package that installed it; empty for a running kernel that no package has"},
    {"version", Type::text, "Version of the package; empty for a running kernel that no package has"},
    {"newest", Type::boolean, "Whether no installed kernel of its flavour is newer"},
    {"running", Type::boolean, "Whether it is the release that runs; null in an image", Trait::nullable},
    {"running_version", Type::text, "Version that the running kernel says it was built from (Debian); empty where it does not say"},
};
constexpr TableDefinition tables[] = {
    {"installed_kernels", "Installed kernels and the running one, one row a release", columns},
};

struct InstalledKernel {
    std::string release, flavour, package, version;
};

// "6.1.0-28-cloud-amd64" → "cloud-amd64": behind the last part that begins with a digit
std::string flavour_of(std::string_view release) {
    std::size_t at = 0;
    for (std::size_t dash = release.find('-'); dash != std::string_view::npos; dash = release.find('-', dash + 1)) {
        const bool number = dash + 1 < release.size() && release[dash + 1] >= '0' && release[dash + 1] <= '9';
        if (!number) {
            at = dash + 1;
            break;
        }
    }
    return at == 0 ? std::string{} : std::string{release.substr(at)};
}

std::vector<InstalledKernel> kernels_of(const std::vector<DpkgPackage>& packages) {
    std::vector<InstalledKernel> kernels;
    for (const DpkgPackage& package : packages) {
        if (!package.installed() || !package.name.starts_with("linux-image-")) continue;
        std::string_view release = std::string_view{package.name}.substr(12);
        if (release.starts_with("unsigned-")) release.remove_prefix(9);
        if (release.empty() || release[0] < '0' || release[0] > '9') continue;
        if (release.ends_with("-dbg") || release.ends_with("-dbgsym")) continue;
        if (flavour_of(release).empty()) continue;  // linux-image-6.1: a metapackage of a series
        kernels.push_back({std::string{release}, flavour_of(release), package.name, package.version});
    }
    return kernels;
}

// "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)" → 6.1.119-1
std::string built_from(std::string_view version) {
    const auto words = text::words(version);
    const auto debian = std::find(words.begin(), words.end(), "Debian");
    return debian == words.end() || debian + 1 == words.end() ? std::string{} : std::string{debian[1]};
}

std::vector<Table> collect(Host& host) {
    const auto packages = read_dpkg_status(host.files);
    if (!packages) throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    const auto kernels = kernels_of(*packages);
    if (kernels.empty()) throw not_applicable(Reason::not_installed, "no package of a kernel is installed: a container, or a kernel from outside");
    const std::optional<KernelName> running = host.kernel != nullptr ? std::optional{host.kernel->name()} : std::nullopt;
    const std::string version = running ? built_from(running->version) : std::string{};
    Table table = make_table(tables[0]);
    bool seen = false;
    for (const InstalledKernel& kernel : kernels) {
        const bool newest = std::none_of(kernels.begin(), kernels.end(), [&](const InstalledKernel& other) {
            return other.flavour == kernel.flavour && compare_debian_versions(other.version, kernel.version) > 0;
        });
        const bool runs = running && running->release == kernel.release;
        seen = seen || runs;
        table.rows.push_back({kernel.release, kernel.flavour, kernel.package, kernel.version, newest,
                              running ? Value{runs} : Value{}, runs ? version : std::string{}});
    }
    if (running && !seen)
        table.rows.push_back({running->release, flavour_of(running->release), std::string{}, std::string{}, false, true, version});
    return {table};
}

}  // namespace

extern constexpr Collector installed_kernels{.name = "installed_kernels",
                                             .version = 1,
                                             .tables = tables,
                                             .needs = Capability::none,
                                             .cost = Cost::fast,
                                             .reads_images = true,
                                             .runs_programs = false,
                                             .sources = "/var/lib/dpkg/status, uname(2)",
                                             .collect = collect};

}  // namespace annexa::collectors
