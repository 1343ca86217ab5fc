#include "collectors/support/package_owners.hpp"

#include "collectors/support/dpkg_diversions.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/rpm_database.hpp"
#include "collectors/support/text.hpp"

#include <array>

namespace annexa::collectors {
namespace {

constexpr std::size_t most_list_bytes = std::size_t{64} << 20;

// Packages name /bin/su where /bin is a link to usr/bin (Debian until 13).
class Aliases {
  public:
    explicit Aliases(Files& files) {
        constexpr std::array<std::string_view, 6> folders{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
        for (const std::string_view folder : folders)
            if (const auto target = files.read_link(folder))
                targets_[std::string{folder}] = target->starts_with('/') ? *target : "/" + *target;
    }
    [[nodiscard]] std::string real(const std::string& path) const {
        const auto found = targets_.find(path.substr(0, path.find('/', 1)));
        return found == targets_.end() ? path : found->second + path.substr(found->first.size());
    }

  private:
    std::map<std::string, std::string> targets_;
};

void add_dpkg(Files& files, const PathSet& paths, std::map<std::string, PackageOfFile>& owners) {
    const auto packages = read_dpkg_status(files);
    if (!packages) return;
    const Aliases aliases{files};
    const DpkgDiversions diversions{files};
    for (const DpkgPackage& package : *packages) {
        if (!package.present()) continue;
        std::optional<File> list;
        for (const std::string& name : {package.name + ":" + package.architecture, package.name})
            if (!list) list = files.read("/var/lib/dpkg/info/" + name + ".list", most_list_bytes);
        if (!list) continue;
        for (const text::Line& line : text::raw_lines(list->text)) {
            const std::string path = aliases.real(diversions.place_of(std::string{line.text}, package.name));
            if (paths.contains(path)) owners.try_emplace(path, PackageOfFile{package.name, list->path});
        }
    }
}

void add_rpm(Files& files, const PathSet& paths, std::map<std::string, PackageOfFile>& owners) {
    const Aliases aliases{files};
    const std::string source = rpm_database(files).value_or("");
    for_each_rpm_header(files, [&](const RpmHeader& header) {
        const RpmPackage package = rpm_package(header);
        for (const RpmFile& file : rpm_files(header)) {
            const std::string path = aliases.real(file.path);
            if (file.installed && paths.contains(path))
                owners.try_emplace(path,
                                   PackageOfFile{package.name, source,
                                                 ShippedRights{file.mode, file.user, file.group, file.capabilities}});
        }
    });
}

}  // namespace

std::map<std::string, PackageOfFile> packages_of(Files& files, const PathSet& paths) {
    std::map<std::string, PackageOfFile> owners;
    if (paths.empty()) return owners;
    add_dpkg(files, paths, owners);
    add_rpm(files, paths, owners);
    return owners;
}

}  // namespace annexa::collectors
