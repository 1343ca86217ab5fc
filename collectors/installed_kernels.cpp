// Kernels that packages installed, and which of them runs.
//
// A kernel's package is linux-image-RELEASE (or linux-image-unsigned-RELEASE) where RELEASE begins with a digit:
// metapackages (linux-image-amd64), debug symbols and what is only removed are none. Kernels compare within their flavour
// (amd64, cloud-amd64, rt-amd64) by the version of their package, so that backports and several flavours need no rules.
// Of rpm a package that has /lib/modules/RELEASE/vmlinuz or /boot/vmlinuz-RELEASE is one, and its name is the flavour
// (kernel-core, kernel-default).
#include "collectors/collector.hpp"
#include "collectors/support/deb822.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/rpm_database.hpp"
#include "collectors/support/rpm_version.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"release", Type::text, "Kernel release: 6.1.0-28-amd64"},
    {"flavour", Type::text, "What follows its version: amd64, cloud-amd64, generic; of rpm the package's name"},
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
    int (*compare)(std::string_view, std::string_view) = nullptr;
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
        kernels.push_back({std::string{release}, flavour_of(release), package.name, package.version, compare_debian_versions});
    }
    return kernels;
}

// The release that a file is the kernel of; empty for any other file.
std::string_view release_of(std::string_view path) {
    for (const std::string_view folder : {"/lib/modules/", "/usr/lib/modules/"})
        if (path.starts_with(folder) && text::file_name(path) == "vmlinuz")
            return path.substr(folder.size(), path.size() - folder.size() - 8);
    constexpr std::string_view image = "/boot/vmlinuz-";
    return path.starts_with(image) ? path.substr(image.size()) : std::string_view{};
}

void add_rpm(Files& files, std::vector<InstalledKernel>& kernels) {
    for_each_rpm_header(files, [&](const RpmHeader& header) {
        const RpmPackage package = rpm_package(header);
        if (!package.name.starts_with("kernel")) return;
        for (const RpmFile& file : rpm_files(header)) {
            const std::string release{release_of(file.path)};
            const bool known = std::any_of(kernels.begin(), kernels.end(),
                                           [&](const InstalledKernel& each) { return each.release == release; });
            if (!release.empty() && !known)
                kernels.push_back({release, package.name, package.name, package.full_version(), compare_rpm_versions});
        }
    });
}

// "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)" → 6.1.119-1
std::string built_from(std::string_view version) {
    const auto words = text::words(version);
    const auto debian = std::find(words.begin(), words.end(), "Debian");
    return debian == words.end() || debian + 1 == words.end() ? std::string{} : std::string{debian[1]};
}

std::vector<Table> collect(Host& host) {
    const auto packages = read_dpkg_status(host.files);
    const bool rpm = rpm_database(host.files).has_value();
    if (!packages && !rpm) throw not_applicable(Reason::not_installed, "neither dpkg nor rpm keeps packages on this host");
    auto kernels = packages ? kernels_of(*packages) : std::vector<InstalledKernel>{};
    if (rpm) add_rpm(host.files, kernels);
    if (kernels.empty()) throw not_applicable(Reason::not_installed, "no package of a kernel is installed: a container, or a kernel from outside");
    const std::optional<KernelName> running = host.kernel != nullptr ? std::optional{host.kernel->name()} : std::nullopt;
    const std::string version = running ? built_from(running->version) : std::string{};
    Table table = make_table(tables[0]);
    bool seen = false;
    for (const InstalledKernel& kernel : kernels) {
        const bool newest = std::none_of(kernels.begin(), kernels.end(), [&](const InstalledKernel& other) {
            return other.flavour == kernel.flavour && kernel.compare(other.version, kernel.version) > 0;
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
                                             .version = 2,
                                             .tables = tables,
                                             .needs = Capability::none,
                                             .cost = Cost::fast,
                                             .reads_images = true,
                                             .runs_programs = false,
                                             .sources = "/var/lib/dpkg/status, rpm's database, uname(2)",
                                             .collect = collect};

}  // namespace annexa::collectors
