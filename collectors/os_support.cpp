// Until when the release of the operating system gets security updates, and from whom.
//
// Debian and its derivatives: distro-info-data, on the host where it is installed, else the copy that annexa was built
// with (collectors/data/distro-info); a release is found by its series (VERSION_CODENAME). Others: SUPPORT_END of
// os-release(5). The day named is the last one with support: it ends with that day's last second, UTC.
#include "collectors/collector.hpp"
#include "collectors/support/os_release.hpp"
#include "collectors/support/text.hpp"
#include "embedded/distro_info.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"platform", Type::text, "ID of os-release: debian"},
    {"release", Type::text, "VERSION_CODENAME, else VERSION_ID: bookworm"},
    {"kind", Type::text,
     "standard: by the project itself; lts, server: longer and free of charge; elts, esm, legacy: by subscription"},
    {"ends", Type::text, "Last day of it: 2028-06-30; null where none is announced", Trait::nullable},
    {"ends_at", Type::integer, "The end of that day, Unix seconds, UTC", Trait::nullable},
    {"source", Type::text, "File and line that says so"},
};
constexpr TableDefinition tables[] = {
    {"os_support", "Kinds of support of this release and when each ends, one row a kind", columns},
};

Row support_row(const OsRelease& release, const std::string& name, std::string_view kind, std::string_view day,
                const std::string& source) {
    Row row{release.value("ID"), name, std::string{kind}, std::monostate{}, std::monostate{}, source};
    if (day.empty()) return row;
    try {
        row[4] = evidence::unix_seconds(evidence::parse_instant(std::string{day} + "T23:59:59Z"));
        row[3] = std::string{day};
    } catch (const evidence::format_error&) {
        throw host_error(Reason::malformed_source, source + ": " + text::printable(day) + " is no day");
    }
    return row;
}

/// "eol" → standard, "eol-lts" → lts; nothing for the other columns.
std::string_view kind_of(std::string_view heading) {
    if (heading == "eol") return "standard";
    return heading.starts_with("eol-") ? heading.substr(4) : std::string_view{};
}

/// The kinds of support of one series in a file of distro-info-data; none where it does not know the series.
std::vector<Row> rows_of_series(const OsRelease& release, const std::string& series, const std::string& path,
                                std::string_view text) {
    const std::vector<text::Line> lines = text::lines(text, text::whole_line_comments);
    if (lines.empty()) throw host_error(Reason::malformed_source, path + ": has no heading");
    const std::vector<std::string_view> headings = text::split(lines[0].text, ',');
    const auto place =
        static_cast<std::size_t>(std::find(headings.begin(), headings.end(), "series") - headings.begin());
    if (place == headings.size() || std::find(headings.begin(), headings.end(), "eol") == headings.end())
        throw host_error(Reason::malformed_source, path + ":1: expected the columns series and eol");
    std::vector<Row> rows;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::vector<std::string_view> fields = text::split(lines[i].text, ',');
        if (fields.size() <= place || fields[place] != series) continue;
        const std::string source = path + ":" + std::to_string(lines[i].number);
        for (std::size_t c = 0; c < headings.size(); ++c) {
            const std::string_view kind = kind_of(headings[c]);
            const std::string_view day = c < fields.size() ? fields[c] : std::string_view{};
            if (kind == "standard" || (!kind.empty() && !day.empty()))
                rows.push_back(support_row(release, series, kind, day, source));
        }
    }
    return rows;
}

std::vector<Row> rows_of_distribution(Files& files, const OsRelease& release) {
    const std::string name = release.value("ID") + ".csv";
    const std::string series = release.value("VERSION_CODENAME");
    if (series.empty() || name.find('/') != std::string::npos) return {};
    const std::string path = "/usr/share/distro-info/" + name;
    if (const std::optional<File> file = files.read(path))
        if (std::vector<Row> rows = rows_of_series(release, series, path, file->text); !rows.empty()) return rows;
    const auto& built_in = embedded::distro_info();
    const auto found = built_in.find(name);
    return found == built_in.end()
               ? std::vector<Row>{}
               : rows_of_series(release, series, "distro-info-data of annexa/" + name, found->second);
}

std::vector<Table> collect(Host& host) {
    const OsRelease release = read_os_release(host.files);
    Table table = make_table(tables[0]);
    table.rows = rows_of_distribution(host.files, release);
    const std::string codename = release.value("VERSION_CODENAME");
    const std::string name = codename.empty() ? release.value("VERSION_ID") : codename;
    if (const auto line = release.lines.find("SUPPORT_END"); table.rows.empty() && line != release.lines.end())
        table.rows.push_back(support_row(release, name, "standard", release.value("SUPPORT_END"),
                                         release.path + ":" + std::to_string(line->second)));
    if (table.rows.empty())
        throw host_error(Reason::unsupported_format,
                         "neither SUPPORT_END in " + release.path + " nor distro-info-data tells how long " +
                             text::printable(release.value("ID") + " " + name) + " is supported");
    return {table};
}

}  // namespace

extern constexpr Collector os_support{
    .name = "os_support",
    .tables = tables,
    .sources = "os-release with /usr/share/distro-info (else the copy in annexa); SUPPORT_END elsewhere",
    .collect = collect};

}  // namespace annexa::collectors
