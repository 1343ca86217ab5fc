#include "collectors/support/dpkg_status.hpp"

#include "collectors/host.hpp"
#include "collectors/support/deb822.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr std::size_t most_status_bytes = std::size_t{128} << 20;

using Packages = std::map<std::pair<std::string, std::string>, DpkgPackage>;

DpkgPackage package_of(std::string_view path, const Stanza& stanza) {
    DpkgPackage package;
    package.name = stanza.value("Package");
    const auto refuse = [&](const std::string& what) {
        throw host_error{Reason::malformed_source, std::string{path} + ":" + std::to_string(stanza.line) + ": " + what};
    };
    if (package.name.empty()) refuse("a stanza without the field Package");
    const auto words = text::words(stanza.value("Status"));
    if (words.size() != 3) refuse("expected three words in the field Status of " + text::printable(package.name));
    package.want = words[0];
    package.error_flag = words[1];
    package.state = words[2];
    package.architecture = stanza.value("Architecture");
    package.version = stanza.value("Version");
    if (package.present() && package.version.empty()) refuse("no field Version of " + text::printable(package.name));
    package.section = stanza.value("Section");
    package.priority = stanza.value("Priority");
    package.maintainer = stanza.value("Maintainer");
    package.installed_size_kib = text::integer(stanza.value("Installed-Size"));
    for (const std::string_view line : text::split(stanza.value("Conffiles"), '\n')) {
        // "PATH MD5 [obsolete]": a path may hold blanks, the sum none
        std::string_view rest = text::trimmed(line);
        if (rest.ends_with(" obsolete")) continue;  // no longer of this package
        if (rest.ends_with(" remove-on-upgrade")) rest = text::trimmed(rest.substr(0, rest.size() - 18));
        const std::size_t blank = rest.rfind(' ');
        if (blank != std::string_view::npos)
            package.conffiles.emplace_back(text::trimmed(rest.substr(0, blank)), rest.substr(blank + 1));
    }

    // Source: name (version)
    const auto [source, version] = text::split_at_blank(stanza.value("Source"));
    package.source = source.empty() ? package.name : std::string{source};
    package.source_version = version.size() > 2 && version.starts_with('(') && version.ends_with(')')
                                 ? std::string{version.substr(1, version.size() - 2)}
                                 : package.version;
    return package;
}

void apply(Packages& packages, const File& file) {
    for_each_stanza(file.path, file.text, [&](const Stanza& stanza) {
        DpkgPackage package = package_of(file.path, stanza);
        const std::pair key{package.name, package.architecture};
        if (package.state == "not-installed")
            packages.erase(key);
        else
            packages.insert_or_assign(key, std::move(package));
    });
}

}  // namespace

std::optional<std::vector<DpkgPackage>> read_dpkg_status(Files& files) {
    const auto status = files.read("/var/lib/dpkg/status", most_status_bytes);
    if (!status) {
        // Without dpkg there is no list; a Debian that has lost its list is not a host without packages.
        if (files.status("/etc/debian_version"))
            throw host_error(evidence::Reason::unreadable_source,
                             "/var/lib/dpkg/status: does not exist, though /etc/debian_version says Debian");
        return std::nullopt;
    }
    // dpkg ends each stanza by a line of its own and refuses a file that ends within one: half a list is no list.
    if (!status->text.empty() && !status->text.ends_with('\n'))
        throw host_error{Reason::malformed_source,
                         "/var/lib/dpkg/status: ends in the middle of a line: it was cut off"};
    Packages packages;
    apply(packages, *status);
    // names of digits alone, in order: what dpkg did and had not yet put into status
    for (const std::string& name : files.list("/var/lib/dpkg/updates").value_or(std::vector<std::string>{})) {
        if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
        if (const auto update = files.read("/var/lib/dpkg/updates/" + name)) apply(packages, *update);
    }
    if (packages.empty())
        throw host_error{Reason::malformed_source, "/var/lib/dpkg/status: names no package, not even dpkg"};
    std::vector<DpkgPackage> result;
    result.reserve(packages.size());
    for (auto& [key, package] : packages) result.push_back(std::move(package));
    return result;
}

std::vector<std::string> dpkg_architectures(Files& files, const std::vector<DpkgPackage>& packages) {
    std::vector<std::string> names;
    if (const auto arch = files.read("/var/lib/dpkg/arch"))
        for (const std::string_view word : text::words(arch->text)) names.emplace_back(word);
    if (!names.empty()) return names;
    for (const DpkgPackage& package : packages)
        if (package.name == "dpkg" && package.present()) names.push_back(package.architecture);
    return names;
}

}  // namespace annexa::collectors
