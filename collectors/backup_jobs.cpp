// Backups that timers of systemd start, and how the last of each ended.
//
// A job is a service that a timer starts and whose name speaks of a backup or of a program that makes them. Its manager
// tells the result since the last boot; before that nothing is known, and a timer's stamp tells at most when it was
// started.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"unit", Type::text, "Service: restic-backup.service"},
    {"timer", Type::text, "State of its timer: active, inactive, failed"},
    {"result", Type::text,
     "How the last run ended: success, exit-code, timeout, …; empty where there was none since the boot"},
    {"finished_at", Type::integer, "When the last run ended, Unix seconds; null where there was none since the boot",
     Trait::nullable},
    {"succeeded_at", Type::integer, "The same of a run that succeeded; null where the last one did not",
     Trait::nullable},
};
constexpr TableDefinition tables[] = {
    {"backup_jobs", "Backup jobs that timers start, one row a job", columns},
};

constexpr std::array words{"backup", "restic", "borg",  "rsnapshot", "duplicity", "bacula", "bareos",  "pgbackrest",
                           "barman", "wal-g",  "kopia", "rdiff",     "zrepl",     "sanoid", "syncoid", "snapper"};

bool speaks_of_backup(const std::string& unit) {
    const std::string name = text::lower(unit);
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return name.find(word) != std::string::npos; });
}

Value seconds(const std::map<std::string, std::string>& properties, const char* name) {
    const auto found = properties.find(name);
    const auto microseconds = found == properties.end() ? std::nullopt : text::integer(found->second);
    return microseconds && *microseconds > 0 ? Value{*microseconds / 1'000'000} : Value{};
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    Table table = make_table(tables[0]);
    for (const SystemdUnit& timer : kernel.units()) {
        if (!timer.id.ends_with(".timer") || timer.load_state == "not-found" || timer.load_state == "masked") continue;
        const auto of_timer = kernel.unit_properties(timer.id, {"Unit"});
        const auto named = of_timer.find("Unit");
        const std::string unit = named == of_timer.end() || named->second.empty()
                                     ? timer.id.substr(0, timer.id.size() - 6) + ".service"
                                     : named->second;
        if (!speaks_of_backup(unit) && !speaks_of_backup(timer.id)) continue;
        // dpkg's own copies of its lists are no backup of the host
        if (timer.id == "dpkg-db-backup.timer") continue;
        const auto properties = kernel.unit_properties(unit, {"Result", "ExecMainExitTimestamp"});
        const Value finished = seconds(properties, "ExecMainExitTimestamp");
        const auto result = properties.find("Result");
        const bool ran = !std::holds_alternative<std::monostate>(finished);
        const std::string ended = ran && result != properties.end() ? result->second : std::string{};
        table.rows.push_back({unit, timer.active_state, ended, finished, ended == "success" ? finished : Value{}});
    }
    return {table};
}

}  // namespace

extern constexpr Collector backup_jobs{.name = "backup_jobs",
                                       .tables = tables,
                                       .reads_images = false,
                                       .sources = "timers and services of systemd over D-Bus",
                                       .collect = collect};

}  // namespace annexa::collectors
