// Repositories that apt is told of, and whether it checks their signatures.
//
// Sources: sources.list(5) in both forms (support/apt_sources_list.hpp), apt's configuration, and the Release file on the
// disk for what the repository says of itself. osquery leaves out a repository whose Release is not there; here it is a row.
#include "collectors/collector.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/apt_release.hpp"
#include "collectors/support/apt_sources_list.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "Address without its scheme, and the suite"},
    {"source", Type::text, "File that names it"},
    {"base_uri", Type::text, "Address"},
    {"release", Type::text, "Codename that its Release file says"},
    {"version", Type::text, "Version that its Release file says"},
    {"maintainer", Type::text, "Origin that its Release file says"},
    {"components", Type::text, "Components that its Release file says it has"},
    {"architectures", Type::text, "Architectures that its Release file says it has"},
    {"type", Type::text, "deb or deb-src"},
    {"suite", Type::text, "Suite as the source names it"},
    {"wanted_components", Type::text, "Components that the source asks for"},
    {"enabled", Type::boolean, "False where a deb822 source says Enabled: no"},
    {"signed_by", Type::text, "Keys that may sign it: files, fingerprints, or `inline`; empty means every key that apt trusts"},
    {"signature_checked", Type::boolean, "Whether apt refuses what no trusted key has signed"},
    {"unchecked_because", Type::text, "What switches the check off: trusted=yes, allow-insecure=yes, a setting of apt.conf; else empty"},
    {"location", Type::text, "File and line"},
};
constexpr TableDefinition tables[] = {
    {"apt_sources", "Repositories that apt is told of, one row an address and suite", columns},
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string option(const AptSource& source, const char* name) {
    const auto found = source.options.find(name);
    return found == source.options.end() ? std::string{} : found->second;
}

// What makes apt take a repository that nobody signed, the source's own options first.
std::string unchecked_because(const AptSource& source, const AptConfig& config) {
    for (const char* name : {"trusted", "allow-insecure"})
        if (const std::string value = option(source, name); !value.empty() && apt_boolean(value).value_or(true))
            return std::string{name} + "=" + value;
    if (apt_boolean(option(source, "trusted")) == false) return {};  // said to be checked, whatever apt.conf allows
    for (const char* name : {"APT::Get::AllowUnauthenticated", "Acquire::AllowInsecureRepositories"})
        if (config.boolean(name, false)) return std::string{name} + " (" + config.find(name)->source + ")";
    return {};
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const AptConfig config = read_apt_config(files);
    const auto sources = read_apt_sources(files, config);
    if (sources.empty() && !files.status("/var/lib/dpkg/status"))
        throw not_applicable(Reason::not_installed, "neither repositories of apt nor dpkg on this host");
    const std::string lists = config.path("Dir::State::lists");
    Table table = make_table(tables[0]);
    for (const AptSource& source : sources) {
        AptRelease release;
        for (const char* name : {"InRelease", "Release"}) {
            const std::string path = lists + "/" + apt_list_name(apt_dist_uri(source) + name);
            if (const auto file = files.read(path, std::size_t{32} << 20)) {
                release = parse_apt_release(path, file->text);
                break;
            }
        }
        const std::string uri = without_password(source.uri);
        const std::size_t scheme = uri.find("://");
        const std::string signed_by = option(source, "signed-by");
        const std::string because = unchecked_because(source, config);
        table.rows.push_back({(scheme == std::string::npos ? uri : uri.substr(scheme + 3)) + " " + source.suite,
                              source.path, uri, release.codename, release.version, release.origin,
                              joined(release.components), joined(release.architectures), source.type, source.suite,
                              joined(source.components), source.enabled,
                              signed_by.find("BEGIN PGP") != std::string::npos ? std::string{"inline"} : signed_by, because.empty(),
                              because, source.path + ":" + std::to_string(source.line)});
    }
    return {table};
}

}  // namespace

extern constexpr Collector apt_sources{.name = "apt_sources",
                                       .version = 1,
                                       .tables = tables,
                                       .needs = Capability::dac_read_search,
                                       .cost = Cost::fast,
                                       .reads_images = true,
                                       .runs_programs = false,
                                       .sources = "/etc/apt/sources.list, /etc/apt/sources.list.d, /etc/apt/apt.conf.d, /var/lib/apt/lists",
                                       .collect = collect};

}  // namespace annexa::collectors
