// Updates that wait, and the indexes that this is known from, as apt sees them: candidates by its policy (pins,
// priorities, Default-Release), security by the archive that offers a version.
//
// An index that is configured and not on the disk, or holds no package, is a row here that says so: "no update" means
// something only beside fresh indexes. Nothing is fetched. Libapt-pkg is kept on a leash: support/apt_cache.hpp.
//
// When an index was refreshed: apt gives list files the server's time of change, never later than the fetch, and
// touches periodic/update-success-stamp (where a hook does) only when nothing failed. The later of the two is a safe
// lower bound. periodic/update-stamp is not used: apt.systemd.daily sets it although some indexes failed.
#include "collectors/collector.hpp"
#include "collectors/support/apt_cache.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/apt_release.hpp"
#include "collectors/support/apt_sources_list.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column update_columns[] = {
    {"name", Type::text, "Package name"},
    {"arch", Type::text, "Architecture"},
    {"source", Type::text, "Source package of the installed version: one advisory speaks of one source package"},
    {"installed_version", Type::text, "Version on the host"},
    {"candidate_version", Type::text,
     "Version that apt's policy would install; the installed one where a pin keeps it"},
    {"security_version", Type::text,
     "Newest version above the installed one in a security archive; empty where there is none"},
    {"security", Type::boolean, "Whether a security archive offers a newer version"},
    {"held", Type::boolean, "Whether the package is on hold (apt-mark hold)"},
    {"pinned", Type::boolean, "Whether a pin keeps apt from a newer version that a security archive offers"},
    {"origin", Type::text, "Origin of the archive that offers it: Debian"},
    {"label", Type::text, "Its label: Debian-Security"},
    {"suite", Type::text, "Its suite: stable-security"},
    {"codename", Type::text, "Its codename: bookworm-security"},
    {"site", Type::text, "Its host name; empty for a local one"},
};
constexpr Column index_columns[] = {
    {"uri", Type::text, "Address of the repository"},
    {"suite", Type::text, "Suite as the source names it"},
    {"component", Type::text, "Component; empty for a flat repository"},
    {"arch", Type::text, "Architecture; empty for a flat repository"},
    {"origin", Type::text, "Origin in its Release file"},
    {"label", Type::text, "Label in its Release file"},
    {"codename", Type::text, "Codename in its Release file"},
    {"security", Type::boolean, "Whether it is a security archive, by label, suite and codename"},
    {"present", Type::boolean, "Whether the index is on the disk"},
    {"packages", Type::integer, "Packages in the index; 0 where it is missing or empty"},
    {"refreshed_at", Type::integer, "When it was last refreshed at the earliest, Unix seconds; null where it never was",
     Trait::nullable},
    {"published_at", Type::integer, "Date in its Release file, Unix seconds; null where there is none",
     Trait::nullable},
    {"valid_until", Type::integer, "Valid-Until in its Release file, Unix seconds; null where there is none",
     Trait::nullable},
    {"source", Type::text, "File and line that names the repository"},
};
constexpr Column stranger_columns[] = {
    {"name", Type::text, "Package name"},
    {"arch", Type::text, "Architecture"},
    {"version", Type::text, "Installed version"},
    {"newest_offered", Type::text, "Newest version of this package that an index offers; empty where none offers any"},
    {"newer", Type::boolean, "Whether it is newer than each that is offered: no repository has it or ever had"},
};
constexpr TableDefinition tables[] = {
    {"package_updates", "Installed packages for which an index offers a newer version, one row a package",
     update_columns},
    {"package_indexes", "Package indexes that apt is configured to use, one row an index", index_columns},
    {"packages_not_offered", "Installed packages whose version no index offers, one row a package", stranger_columns},
};

constexpr std::size_t most_release_bytes = std::size_t{32} << 20;

Value or_null(const std::optional<std::int64_t>& number) { return number ? Value{*number} : Value{}; }

std::string resolved_suite(const AptSource& source, const std::string& architecture) {
    std::string suite = source.suite;
    if (const std::size_t at = suite.find("$(ARCH)"); at != std::string::npos) suite.replace(at, 7, architecture);
    return suite;
}

struct Indexes {
    Files& files;
    std::string lists;
    std::vector<std::string> names;  // in the lists folder
    std::map<std::string, std::int64_t> packages;
    std::optional<std::int64_t> success;

    struct Release {
        AptRelease release;
        std::int64_t modified = 0;
    };

    std::optional<Release> release_of(const std::string& dist) const {
        for (const char* name : {"InRelease", "Release"}) {
            const std::string path = lists + "/" + apt_list_name(dist + name);
            const auto file = files.read(path, most_release_bytes);
            if (!file) continue;
            const auto status = files.status(path);
            return Release{parse_apt_release(path, file->text), status ? status->modified : 0};
        }
        return std::nullopt;
    }

    // "…_Packages" with whatever compressor's suffix
    std::optional<std::string> index_of(const std::string& uri) const {
        const std::string name = apt_list_name(uri);
        for (auto found = std::lower_bound(names.begin(), names.end(), name); found != names.end(); ++found) {
            if (!found->starts_with(name)) break;
            if (found->size() == name.size() || (*found)[name.size()] == '.') return *found;
        }
        return std::nullopt;
    }

    void add(Table& table, const AptSource& source, const std::string& component, const std::string& architecture,
             const std::string& dist, const std::optional<Release>& release) const {
        const std::string uri =
            component.empty() ? dist + "Packages" : dist + component + "/binary-" + architecture + "/Packages";
        const auto index = index_of(uri);
        std::optional<std::int64_t> refreshed;
        if (index && release) refreshed = std::max(release->modified, success.value_or(release->modified));
        const auto count = index ? packages.find(*index) : packages.end();
        const AptRelease none;
        const AptRelease& known = release ? release->release : none;
        table.rows.push_back(
            {without_password(source.uri), source.suite, component, component.empty() ? std::string{} : architecture,
             known.origin, known.label, known.codename,
             is_security_archive(known.origin, known.label, source.suite, known.codename), index.has_value(),
             count == packages.end() ? std::int64_t{0} : count->second, or_null(refreshed), or_null(known.date),
             or_null(known.valid_until), source.path + ":" + std::to_string(source.line)});
    }

    void add(Table& table, const AptSource& source, const std::vector<std::string>& architectures) const {
        std::vector<std::string> wanted = architectures;
        if (const auto only = source.options.find("arch"); only != source.options.end()) {
            std::string list = only->second;
            std::replace(list.begin(), list.end(), ',', ' ');
            wanted.clear();
            for (const std::string_view word : text::words(list)) wanted.emplace_back(word);
        }
        AptSource resolved = source;
        for (const std::string& architecture : wanted) {
            resolved.suite = resolved_suite(source, architecture);
            const std::string dist = apt_dist_uri(resolved);
            const auto release = release_of(dist);
            if (source.components.empty()) {
                add(table, resolved, "", architecture, dist, release);
                return;
            }
            const auto offers = [&](const std::vector<std::string>& names_there, const std::string& name) {
                return names_there.empty() ||
                       std::find(names_there.begin(), names_there.end(), name) != names_there.end();
            };
            // apt skips an architecture that the repository says it has not
            if (release && !offers(release->release.architectures, architecture)) continue;
            if (!release && architecture != wanted.front()) continue;
            for (const std::string& component : source.components)
                add(table, resolved, component, architecture, dist, release);
        }
    }
};

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const auto packages = read_dpkg_status(files);
    if (!packages)
        throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    const AptConfig config = read_apt_config(files);
    const auto architectures = dpkg_architectures(files, *packages);
    if (architectures.empty())
        throw host_error(Reason::malformed_source, "/var/lib/dpkg/status: does not tell the host's architecture");
    const auto sources = read_apt_sources(files, config);
    const AptCacheView cache = read_apt_cache(files, config, architectures);

    Table updates = make_table(tables[0]);
    for (const AptUpdate& update : cache.updates) {
        const bool pinned = update.candidate_version == update.installed_version;
        updates.rows.push_back({update.name, update.architecture, update.source, update.installed_version,
                                update.candidate_version, update.security_version, !update.security_version.empty(),
                                update.held, pinned, update.origin, update.label, update.suite, update.codename,
                                update.site});
    }

    Indexes indexes{files, config.path("Dir::State::lists"), {}, cache.packages, {}};
    indexes.names = files.list(indexes.lists).value_or(std::vector<std::string>{});
    if (const auto stamp = files.status("/var/lib/apt/periodic/update-success-stamp"))
        indexes.success = stamp->modified;
    Table table = make_table(tables[1]);
    for (const AptSource& source : sources)
        if (source.enabled && source.type == "deb") indexes.add(table, source, architectures);
    Table strangers = make_table(tables[2]);
    for (const AptStranger& stranger : cache.strangers)
        strangers.rows.push_back(
            {stranger.name, stranger.architecture, stranger.version, stranger.newest, stranger.newer});
    return {updates, table, strangers};
}

}  // namespace

extern constexpr Collector package_updates{.name = "package_updates",
                                           .version = 2,
                                           .tables = tables,
                                           .needs = Capability::dac_read_search,
                                           .cost = Cost::fast,
                                           .reads_images = true,
                                           .runs_programs = false,
                                           .sources = "/etc/apt, /var/lib/apt/lists, /var/lib/dpkg/status",
                                           .collect = collect};

}  // namespace annexa::collectors
