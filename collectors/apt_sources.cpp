// Repositories that apt, dnf, yum and zypper are told of, and whether they check their signatures.
//
// dnf, yum and zypper: support/yum_sources.hpp; a repository whose packages or whose index are checked is checked.
//
// Sources: sources.list(5) in both forms (support/apt_sources_list.hpp), apt's configuration, and the Release file on the
// disk for what the repository says of itself. osquery leaves out a repository whose Release is not there; here it is a row.
#include "collectors/collector.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/apt_release.hpp"
#include "collectors/support/apt_sources_list.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/yum_sources.hpp"

#include <algorithm>

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
constexpr Column yum_columns[] = {
    {"name", Type::text, "Name, as the repository's file has it"},
    {"source", Type::text, "File that names it"},
    {"baseurl", Type::text, "Addresses"},
    {"mirrorlist", Type::text, "Address of a list of mirrors"},
    {"metalink", Type::text, "Address of a list of mirrors with sums"},
    {"enabled", Type::text, "1 or 0"},
    {"gpgcheck", Type::text, "As written; empty where it says nothing"},
    {"gpgkey", Type::text, "Addresses of the keys that may sign"},
    {"id", Type::text, "Its id: what stands in brackets"},
    {"hosts", Type::text, "Hosts of all its addresses between blanks; of no network address the scheme: file:"},
    {"signature_checked", Type::boolean, "Whether packages, or the index with their sums, are checked"},
    {"unchecked_because", Type::text, "What switches the check off; else empty"},
    {"location", Type::text, "File and line"},
};
constexpr TableDefinition tables[] = {
    {"apt_sources", "Repositories that apt is told of, one row an address and suite", columns},
    {"yum_sources", "Repositories that dnf, yum and zypper are told of, one row a repository", yum_columns},
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

// Of several addresses each may hold a password.
std::string addresses(const YumSource& source, const char* name, std::string* hosts = nullptr) {
    const auto found = source.options.find(name);
    if (found == source.options.end()) return {};
    std::string all, list = found->second;
    std::replace(list.begin(), list.end(), ',', ' ');
    for (const std::string_view word : text::words(list)) {
        all += (all.empty() ? "" : " ") + without_password(word);
        if (hosts != nullptr) *hosts += (hosts->empty() ? "" : " ") + repository_host(word);
    }
    return all;
}

void add_yum(const std::vector<YumSource>& sources, Table& table) {
    for (const YumSource& source : sources) {
        std::string hosts;
        const std::string base = addresses(source, "baseurl", &hosts), mirrors = addresses(source, "mirrorlist", &hosts),
                          metalink = addresses(source, "metalink", &hosts);
        const auto option = [&](const char* name) {
            const auto found = source.options.find(name);
            return found == source.options.end() ? std::string{} : found->second;
        };
        table.rows.push_back({option("name"), source.path, base, mirrors, metalink,
                              std::string{source.enabled ? "1" : "0"}, option("gpgcheck"), addresses(source, "gpgkey"),
                              source.id, hosts, source.unchecked_because.empty(), source.unchecked_because,
                              source.path + ":" + std::to_string(source.line)});
    }
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const AptConfig config = read_apt_config(files);
    const auto sources = read_apt_sources(files, config);
    const auto of_rpm = read_yum_sources(files);
    if (sources.empty() && of_rpm.empty() && !files.status("/var/lib/dpkg/status"))
        throw not_applicable(Reason::not_installed, "no repositories of apt, dnf or zypper, and no dpkg on this host");
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
    Table yum = make_table(tables[1]);
    add_yum(of_rpm, yum);
    return {table, yum};
}

}  // namespace

extern constexpr Collector apt_sources{.name = "apt_sources",
                                       .version = 2,
                                       .tables = tables,
                                       .needs = Capability::dac_read_search,
                                       .cost = Cost::fast,
                                       .reads_images = true,
                                       .runs_programs = false,
                                       .sources = "/etc/apt/sources.list, /etc/apt/sources.list.d, /etc/apt/apt.conf.d, /var/lib/apt/lists; "
                                                  "/etc/yum.repos.d, /etc/dnf/dnf.conf, /etc/zypp/repos.d, /etc/zypp/zypp.conf",
                                       .collect = collect};

}  // namespace annexa::collectors
