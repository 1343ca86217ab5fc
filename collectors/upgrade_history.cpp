// When packages were last upgraded: apt's history.log and dpkg.log, rotated and compressed ones too.
//
// The logs give local time without a zone; what is kept is the day, as if it were UTC. Looked at from the newest log back,
// as far as the first upgrade. Logs that were deleted tell nothing, which is null.
#include "collectors/collector.hpp"
#include "collectors/support/apt_config.hpp"
#include "collectors/support/deb822.hpp"
#include "collectors/support/gzip.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <chrono>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"last_upgrade", Type::integer, "Day of the last upgrade of a package, Unix seconds at its midnight; null where no log tells", Trait::nullable},
    {"source", Type::text, "Log that tells; /var/log where none does"},
};
constexpr TableDefinition tables[] = {
    {"upgrade_history", "When packages were last upgraded, one row", columns},
};

constexpr std::size_t most_log_bytes = std::size_t{64} << 20;

// "2026-11-20  06:12:44" → the day
std::optional<std::int64_t> day_of(std::string_view text) {
    if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = text::unsigned_integer(text.substr(0, 4));
    const auto month = text::unsigned_integer(text.substr(5, 2));
    const auto day = text::unsigned_integer(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::int64_t{std::chrono::sys_days{date}.time_since_epoch().count()} * 86400;
}

std::optional<std::int64_t> in_apt_history(std::string_view path, std::string_view text) {
    std::optional<std::int64_t> last;
    for_each_stanza(path, text, [&](const Stanza& stanza) {
        if (stanza.find("Upgrade") == nullptr) return;
        if (const auto day = day_of(stanza.value("Start-Date"))) last = std::max(last.value_or(*day), *day);
    });
    return last;
}

// "2026-11-20 06:12:44 upgrade libc6:amd64 2.36-9 2.36-10"
std::optional<std::int64_t> in_dpkg_log(std::string_view, std::string_view text) {
    std::optional<std::int64_t> last;
    for (const text::Line& line : text::lines(text)) {
        const auto words = text::words(line.text);
        if (words.size() < 3 || words[2] != "upgrade") continue;
        if (const auto day = day_of(words[0])) last = std::max(last.value_or(*day), *day);
    }
    return last;
}

struct Found {
    std::optional<std::int64_t> day;
    std::string source;
};

// log, log.1, log.2.gz, … until one tells.
template <typename Read>
void look(Files& files, const std::string& log, Read read, Found& found) {
    const std::string folder{text::folder(log)};
    std::vector<std::pair<std::uint64_t, std::string>> rotated;
    for (const std::string& name : files.list(folder).value_or(std::vector<std::string>{})) {
        std::string_view rest = name;
        const std::string_view base = text::file_name(log);
        if (!rest.starts_with(base)) continue;
        rest.remove_prefix(base.size());
        if (rest.ends_with(".gz")) rest.remove_suffix(3);
        if (rest.empty()) rotated.emplace_back(0, name);
        else if (const auto number = text::unsigned_integer(rest.substr(1)); rest[0] == '.' && number) rotated.emplace_back(*number, name);
    }
    std::sort(rotated.begin(), rotated.end());
    for (const auto& [number, name] : rotated) {
        const std::string path = folder + "/" + name;
        auto file = files.read(path, most_log_bytes);
        if (!file) continue;
        const std::string text = name.ends_with(".gz") ? gunzip(path, file->text, most_log_bytes) : std::move(file->text);
        const auto day = read(path, text);
        if (!day) continue;
        if (!found.day || *day > *found.day) found = {day, path};
        return;
    }
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    if (!files.status("/var/lib/dpkg/status"))
        throw not_applicable(Reason::not_installed, "/var/lib/dpkg/status is not there: no dpkg on this host");
    Found found;
    look(files, read_apt_config(files).path("Dir::Log::History"), in_apt_history, found);
    look(files, "/var/log/dpkg.log", in_dpkg_log, found);
    Table table = make_table(tables[0]);
    table.rows.push_back({found.day ? Value{*found.day} : Value{}, found.day ? found.source : std::string{"/var/log"}});
    return {table};
}

}  // namespace

extern constexpr Collector upgrade_history{.name = "upgrade_history",
                                           .version = 1,
                                           .tables = tables,
                                           .needs = Capability::dac_read_search,
                                           .cost = Cost::fast,
                                           .reads_images = true,
                                           .runs_programs = false,
                                           .sources = "/var/log/apt/history.log*, /var/log/dpkg.log*",
                                           .collect = collect};

}  // namespace annexa::collectors
