// Files of installed packages that are not as their package shipped them, by the sums that dpkg keeps
// (/var/lib/dpkg/info/*.md5sums).
//
// As dpkg --verify (dpkg(1)): what is a configuration file is the administrator's to change; a diverted file is looked
// for where dpkg-divert put it; what path-exclude keeps from being unpacked is not missing. Reads every file of every
// package: deep.
#include "collectors/collector.hpp"
#include "collectors/support/dpkg_diversions.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/text.hpp"

#include <fnmatch.h>

#include <set>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"package", Type::text, "Package that the file belongs to"},
    {"arch", Type::text, "Its architecture"},
    {"path", Type::text, "The file, where dpkg-divert put it"},
    {"state", Type::text, "changed; missing; replaced (a link or a folder is there)"},
    {"source", Type::text, "List of sums that names it"},
};
constexpr Column scan_columns[] = {
    {"packages", Type::integer, "Installed packages that have a list of sums"},
    {"packages_without", Type::integer, "Installed packages that have none: nothing is known of their files"},
    {"files", Type::integer, "Files that were read or looked for"},
};
constexpr TableDefinition tables[] = {
    {"package_integrity", "Files of packages that are not as shipped, one row a file", columns},
    {"package_integrity_scan", "What was compared, one row", scan_columns},
};

constexpr std::size_t most_rows = 20000;
constexpr std::size_t most_list_bytes = std::size_t{64} << 20;

// path-exclude and path-include of dpkg.cfg: the last that matches decides.
class Excluded {
  public:
    explicit Excluded(Files& files) {
        for (const char* pattern : {"/etc/dpkg/dpkg.cfg.d/*", "/etc/dpkg/dpkg.cfg"})
            for (const auto& [path, content] : read_matching(files, pattern))
                for (const text::Line& line : text::lines(content, text::whole_line_comments)) {
                    std::string_view rest = line.text;
                    while (rest.starts_with('-')) rest.remove_prefix(1);
                    for (const auto& [name, excludes] :
                         {std::pair{std::string_view{"path-exclude"}, true}, {"path-include", false}})
                        if (rest.starts_with(name) && rest.size() > name.size() &&
                            (rest[name.size()] == '=' || text::is_blank(rest[name.size()])))
                            patterns_.emplace_back(text::trimmed(rest.substr(name.size() + 1)), excludes);
                }
    }
    [[nodiscard]] bool operator()(const std::string& path) const {
        for (auto each = patterns_.rbegin(); each != patterns_.rend(); ++each)
            if (::fnmatch(each->first.c_str(), path.c_str(), 0) == 0) return each->second;
        return false;
    }

  private:
    std::vector<std::pair<std::string, bool>> patterns_;
};

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const auto packages = read_dpkg_status(files);
    if (!packages)
        throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    const Excluded excluded{files};
    const DpkgDiversions diversions{files};
    Table table = make_table(tables[0]);
    std::int64_t with = 0, without = 0, count = 0;
    for (const DpkgPackage& package : *packages) {
        if (!package.installed()) continue;
        std::optional<File> sums;
        for (const std::string& name : {package.name + ":" + package.architecture, package.name})
            if (!sums) sums = files.read("/var/lib/dpkg/info/" + name + ".md5sums", most_list_bytes);
        if (!sums) {
            ++without;
            continue;
        }
        ++with;
        std::set<std::string_view> conffiles;
        for (const auto& [path, digest] : package.conffiles) conffiles.insert(path);
        for (const text::Line& line : text::raw_lines(sums->text)) {
            if (line.text.empty()) continue;
            const std::string place = sums->path + ":" + std::to_string(line.number);
            if (line.text.size() < 35 || line.text.substr(32, 2) != "  ")
                throw host_error{Reason::malformed_source, place + ": expected a sum and a path"};
            std::string path = "/" + std::string{line.text.substr(34)};
            if (conffiles.contains(path)) continue;
            ++count;
            path = diversions.place_of(path, package.name);
            const auto status = files.status_of_link(path);
            const char* state = nullptr;
            if (!status) {
                if (!excluded(path)) state = "missing";
            } else if (status->kind != FileKind::regular) {
                state = "replaced";
            } else if (files.md5(path) != line.text.substr(0, 32)) {
                state = "changed";
            }
            if (state == nullptr) continue;
            if (table.rows.size() >= most_rows)
                throw host_error{Reason::output_too_large, "more than " + std::to_string(most_rows) +
                                                               " files are not as their packages shipped them"};
            table.rows.push_back({package.name, package.architecture, path, std::string{state}, sums->path});
        }
    }
    Table scan = make_table(tables[1]);
    scan.rows.push_back({with, without, count});
    return {table, scan};
}

}  // namespace

extern constexpr Collector package_integrity{
    .name = "package_integrity",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .cost = Cost::deep,
    .sources = "/var/lib/dpkg/info/*.md5sums and the files that they name, /var/lib/dpkg/status, diversions, dpkg.cfg",
    .collect = collect};

}  // namespace annexa::collectors
