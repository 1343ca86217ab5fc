// Units of a running systemd, as its manager lists them over D-Bus.
//
// What comes and goes by itself is left out: devices, scopes, and the units that a login makes (user@1000.service).
// Sub-states and jobs change by themselves and are no evidence.
#include "collectors/collector.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"id", Type::text, "Name of the unit: ssh.service"},
    {"description", Type::text, "What it says of itself"},
    {"load_state", Type::text, "loaded, not-found, masked, error"},
    {"active_state", Type::text, "active, inactive, failed, activating, deactivating"},
    {"sub_state", Type::text, "running, exited, waiting", Trait::changing},
    {"unit_file_state", Type::text, "enabled, disabled, static, masked; empty where there is no file"},
    {"following", Type::text, "Unit whose state it follows"},
    {"object_path", Type::text, "D-Bus path"},
    {"job_id", Type::integer, "Queued job, 0 where there is none", Trait::changing},
    {"job_type", Type::text, "Type of the job", Trait::changing},
    {"job_path", Type::text, "D-Bus path of the job", Trait::changing},
    {"fragment_path", Type::text, "File of the unit"},
    {"user", Type::text, "Account that it runs as; empty means root"},
    {"source_path", Type::text, "File that it was generated from"},
};
constexpr TableDefinition tables[] = {
    {"systemd_units", "Units of systemd, one row a unit", columns},
};

bool comes_and_goes(const std::string& id) {
    if (id.ends_with(".device") || id.ends_with(".scope")) return true;
    for (const char* prefix : {"user@", "user-", "user-runtime-dir@", "run-user-"})
        if (id.starts_with(prefix)) return true;
    return false;
}

std::vector<Table> collect(Host& host) {
    auto units = running_kernel(host).units();
    std::sort(units.begin(), units.end(), [](const SystemdUnit& a, const SystemdUnit& b) { return a.id < b.id; });
    Table table = make_table(tables[0]);
    for (const SystemdUnit& unit : units) {
        if (comes_and_goes(unit.id)) continue;
        table.rows.push_back({unit.id, unit.description, unit.load_state, unit.active_state, unit.sub_state, unit.unit_file_state,
                              unit.following, unit.object_path, unit.job_id, unit.job_type, unit.job_path, unit.fragment_path,
                              unit.user, unit.source_path});
    }
    return {table};
}

}  // namespace

extern constexpr Collector systemd_units{.name = "systemd_units",
                                         .version = 1,
                                         .tables = tables,
                                         .needs = Capability::none,
                                         .cost = Cost::fast,
                                         .reads_images = false,
                                         .runs_programs = false,
                                         .sources = "org.freedesktop.systemd1 over D-Bus",
                                         .collect = collect};

}  // namespace annexa::collectors
