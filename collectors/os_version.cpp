// Which operating system this is, as it says itself: os-release(5).
#include "collectors/collector.hpp"
#include "collectors/support/os_release.hpp"
#include "collectors/support/text.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"name", Type::text, "NAME: Debian GNU/Linux"},
    {"version", Type::text, "VERSION: 12 (bookworm); empty where the release has none"},
    {"major", Type::integer, "First number of VERSION_ID", Trait::nullable},
    {"minor", Type::integer, "Second number of VERSION_ID, 0 where it has none", Trait::nullable},
    {"patch", Type::integer, "Third number of VERSION_ID, 0 where it has none", Trait::nullable},
    {"build", Type::text, "BUILD_ID; empty where there is none"},
    {"platform", Type::text, "ID: debian"},
    {"platform_like", Type::text, "ID_LIKE: the systems it resembles, with blanks between"},
    {"codename", Type::text, "VERSION_CODENAME: bookworm"},
    {"arch", Type::text, "Machine of the running kernel, as uname says it; null on an image", Trait::nullable},
};
constexpr TableDefinition tables[] = {
    {"os_version", "The operating system and its release, one row", columns},
};

/// "12.4" → 12, 4, 0. Whatever is no number (rolling releases have none) is null from there on.
void add_numbers(Row& row, std::string_view version) {
    const std::vector<std::string_view> parts = text::split(version, '.');
    bool known = !version.empty();
    for (std::size_t i = 0; i < 3; ++i) {
        const std::optional<std::int64_t> number =
            i < parts.size() ? text::integer(parts[i]) : std::optional<std::int64_t>{0};
        known = known && number.has_value();
        row.push_back(known ? Value{*number} : Value{});
    }
}

std::vector<Table> collect(Host& host) {
    const OsRelease release = read_os_release(host.files);
    Row row{release.value("NAME"), release.value("VERSION")};
    add_numbers(row, release.value("VERSION_ID"));
    for (const char* name : {"BUILD_ID", "ID", "ID_LIKE", "VERSION_CODENAME"}) row.push_back(release.value(name));
    row.push_back(host.kernel == nullptr ? Value{} : Value{host.kernel->name().machine});
    Table table = make_table(tables[0]);
    table.rows.push_back(std::move(row));
    return {table};
}

}  // namespace

extern constexpr Collector os_version{.name = "os_version",
                                      .tables = tables,
                                      .sources = "/etc/os-release, else /usr/lib/os-release; uname(2)",
                                      .collect = collect};

}  // namespace annexa::collectors
