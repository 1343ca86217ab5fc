// Programs that watch over files: AIDE, Samhain, Tripwire, with the age of what they compare with and what starts them.
//
// AIDE compares when a timer or cron job starts it: Debian's dailyaidecheck.timer or /etc/cron.daily/aide, Red Hat's
// aidecheck.timer, or whatever job names the program. Its database is what was initialised last (aide.conf's default
// places), Tripwire's beside it. How old a database is is a matter of when files were last accepted.
#include "collectors/collector.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/service.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"program", Type::text, "aide, samhain, tripwire"},
    {"started_by", Type::text, "Timer, cron file or `service` that starts it; empty where nothing does"},
    {"database", Type::text, "Database that it compares with; empty where none is there"},
    {"database_changed", Type::integer, "When the database was written, Unix seconds; null where there is none",
     Trait::nullable},
};
constexpr TableDefinition tables[] = {
    {"file_integrity", "Programs that watch over files, one row a program that is installed", columns},
};

struct Watcher {
    const char* name;
    std::array<const char*, 2> programs;
    const char* process;  // of one that runs all the time; empty for one that is started
    const char* units;    // timers, between blanks
    const char* service;
    std::array<const char*, 3> databases;
};
constexpr std::array watchers{
    Watcher{"aide",
            {"/usr/bin/aide", "/usr/sbin/aide"},
            "",
            "dailyaidecheck.timer aidecheck.timer aide.timer aide-check.timer",
            "",
            {"/var/lib/aide/aide.db", "/var/lib/aide/aide.db.gz", ""}},
    Watcher{"tripwire",
            {"/usr/sbin/tripwire", "/usr/bin/tripwire"},
            "",
            "tripwire.timer tripwire-check.timer",
            "",
            {"", "", ""}},
    Watcher{"samhain",
            {"/usr/sbin/samhain", "/usr/local/sbin/samhain"},
            "samhain",
            "",
            "samhain.service",
            {"/var/state/samhain/samhain_file", "/var/lib/samhain/samhain_file", ""}},
};

bool starts(std::string_view content, const char* name) {
    for (const text::Line& line : text::lines(content, text::whole_line_comments))
        for (const std::string_view word : text::words(line.text))
            if (text::file_name(word) == name || text::file_name(word) == std::string{name} + ".wrapper") return true;
    return false;
}

std::string started_by(Host& host, const Services& services, const Watcher& watcher) {
    if (*watcher.process != '\0') {
        const std::string state = services.state({watcher.name, watcher.programs[0], watcher.process, watcher.service});
        return state == "running" || state == "enabled" ? "service" : "";
    }
    const auto running = running_units(host);
    for (const std::string_view unit : text::words(watcher.units)) {
        const std::string state = unit_state(host, running, unit);
        if (state == "active" || state == "enabled") return std::string{unit};
    }
    for (const char* pattern : {"/etc/crontab", "/etc/cron.d/*", "/etc/cron.daily/*", "/etc/cron.hourly/*",
                                "/var/spool/cron/crontabs/*", "/var/spool/cron/*"})
        for (const auto& [path, content] : read_matching(host.files, pattern))
            if (starts(content, watcher.name)) return path;
    return {};
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const Services services{host};
    Table table = make_table(tables[0]);
    for (const Watcher& watcher : watchers) {
        if (std::none_of(watcher.programs.begin(), watcher.programs.end(),
                         [&](const char* program) { return files.status(program).has_value(); }))
            continue;
        std::vector<std::string> databases;
        for (const char* path : watcher.databases)
            if (*path != '\0') databases.emplace_back(path);
        if (std::string_view{watcher.name} == "tripwire")
            for (const std::string& name : files.list("/var/lib/tripwire").value_or(std::vector<std::string>{}))
                if (name.ends_with(".twd")) databases.push_back("/var/lib/tripwire/" + name);
        std::string database;
        Value changed;
        for (const std::string& path : databases)
            if (const auto status = files.status(path);
                status && database.empty() && status->kind == FileKind::regular && status->size_bytes > 0) {
                database = path;
                changed = status->modified;
            }
        table.rows.push_back({std::string{watcher.name}, started_by(host, services, watcher), database, changed});
    }
    return {table};
}

}  // namespace

extern constexpr Collector file_integrity{
    .name = "file_integrity",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources = "programs and databases of AIDE, Tripwire and Samhain, timers of systemd, cron files, /proc/*/comm",
    .collect = collect};

}  // namespace annexa::collectors
