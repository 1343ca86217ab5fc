// Files of installed packages that are not as their package shipped them, by the sums that dpkg keeps
// (/var/lib/dpkg/info/*.md5sums) and those in rpm's database.
//
// As dpkg --verify (dpkg(1)) and rpm -V: what is a configuration file is the administrator's to change; a diverted file
// is looked for where dpkg-divert put it; what path-exclude or rpm left out is not missing, nor is a ghost of rpm's.
// Only contents are compared, of rpm too. Reads every file of every package: deep.
#include "collectors/collector.hpp"
#include "collectors/support/dpkg_diversions.hpp"
#include "collectors/support/dpkg_status.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/rpm_database.hpp"
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
    {"source", Type::text, "List of sums, or database, that names it"},
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

class Comparison {
  public:
    Comparison(Files& files, Table& table) : files_{files}, table_{table} {}

    void of_dpkg(const std::vector<DpkgPackage>& packages) {
        const Excluded excluded{files_};
        const DpkgDiversions diversions{files_};
        for (const DpkgPackage& package : packages) {
            if (!package.installed()) continue;
            std::optional<File> sums;
            for (const std::string& name : {package.name + ":" + package.architecture, package.name})
                if (!sums) sums = files_.read("/var/lib/dpkg/info/" + name + ".md5sums", most_list_bytes);
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
                const std::string named = "/" + std::string{line.text.substr(34)};
                if (conffiles.contains(named)) continue;
                const std::string path = diversions.place_of(named, package.name);
                const std::string state = compared(path, [&] { return files_.md5(path) == line.text.substr(0, 32); });
                if (state != "missing" || !excluded(path))
                    add(package.name, package.architecture, path, state, sums->path);
            }
        }
    }

    void of_rpm() {
        const std::string source = rpm_database(files_).value_or("");
        for_each_rpm_header(files_, [&](const RpmHeader& header) {
            const RpmPackage package = rpm_package(header);
            if (package.is_key()) return;
            constexpr std::uint64_t md5 = 1, sha256 = 8;  // RFC 4880, 9.4
            const std::uint64_t algorithm = header.number(RpmTag::file_digest_algorithm).value_or(md5);
            ++with;
            for (const RpmFile& file : rpm_files(header)) {
                const bool configuration = (file.flags & (RpmFile::configuration | RpmFile::ghost)) != 0;
                if (file.digest.empty() || configuration || !file.installed) continue;
                if (algorithm != md5 && algorithm != sha256)
                    throw host_error{Reason::unsupported_format,
                                     package.name + ": sums of its files are of kind " + std::to_string(algorithm)};
                const std::string state = compared(file.path, [&] {
                    return (algorithm == md5 ? files_.md5(file.path) : files_.sha256(file.path)) == file.digest;
                });
                if (state != "missing" || (file.flags & RpmFile::missing_ok) == 0)
                    add(package.name, package.arch, file.path, state, source);
            }
        });
    }

    std::int64_t with = 0, without = 0, count = 0;

  private:
    /// Empty where it is as shipped.
    template <class Same>
    std::string compared(const std::string& path, const Same& same) {
        ++count;
        const auto status = files_.status_of_link(path);
        if (!status) return "missing";
        if (status->kind != FileKind::regular) return "replaced";
        return same() ? "" : "changed";
    }

    void add(const std::string& package, const std::string& arch, const std::string& path, const std::string& state,
             const std::string& source) {
        if (state.empty()) return;
        if (table_.rows.size() >= most_rows)
            throw host_error{Reason::output_too_large, "more than " + std::to_string(most_rows) +
                                                           " files are not as their packages shipped them"};
        table_.rows.push_back({package, arch, path, state, source});
    }

    Files& files_;
    Table& table_;
};

std::vector<Table> collect(Host& host) {
    const auto packages = read_dpkg_status(host.files);
    const bool rpm = rpm_database(host.files).has_value();
    if (!packages && !rpm)
        throw not_applicable(Reason::not_installed, "neither dpkg nor rpm keeps packages on this host");
    Table table = make_table(tables[0]);
    Comparison comparison{host.files, table};
    if (packages) comparison.of_dpkg(*packages);
    if (rpm) comparison.of_rpm();
    Table scan = make_table(tables[1]);
    scan.rows.push_back({comparison.with, comparison.without, comparison.count});
    return {table, scan};
}

}  // namespace

extern constexpr Collector package_integrity{
    .name = "package_integrity",
    .version = 2,
    .tables = tables,
    .needs = Capability::dac_read_search,
    .cost = Cost::deep,
    .sources =
        "/var/lib/dpkg/info/*.md5sums, /var/lib/dpkg/status, diversions, dpkg.cfg; rpm's database; the files that they "
        "name",
    .collect = collect};

}  // namespace annexa::collectors
