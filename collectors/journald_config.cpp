// What systemd-journald keeps, where and how much: journald.conf(5) merged as systemd does, with the defaults that are
// compiled in. Storage=auto is resolved: it is persistent where /var/log/journal is there.
#include "collectors/collector.hpp"
#include "collectors/support/processes.hpp"
#include "collectors/support/systemd_config.hpp"
#include "collectors/support/unit_state.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"storage", Type::text, "Storage as configured: auto, persistent, volatile, none"},
    {"effective_storage", Type::text, "What it comes to: persistent, volatile, none"},
    {"journal_folder", Type::boolean, "Whether /var/log/journal is there"},
    {"system_max_use_bytes", Type::integer,
     "Most that the persistent journal may take: as configured, else the default's cap of 4 GiB"},
    {"system_keep_free_bytes", Type::integer,
     "Space that it leaves free; null where nothing is configured (15 %, at most 4 GiB)", Trait::nullable},
    {"max_retention_seconds", Type::integer, "Age at which entries are deleted; 0 means none"},
    {"forward_to_syslog", Type::text, "ForwardToSyslog as configured; empty where nothing is"},
    {"compress", Type::text, "Compress as configured; empty where nothing is"},
    {"seal", Type::text, "Seal as configured; empty where nothing is"},
    {"source", Type::text, "File and line that decides about storage; empty where the default does"},
    {"max_use_source", Type::text, "File and line that decides about SystemMaxUse; empty where the default does"},
    {"state", Type::text,
     "Of journald itself: running, stopped, masked; of an image enabled, masked, absent (no unit)"},
};
constexpr TableDefinition tables[] = {
    {"journald_config", "Configuration of systemd-journald in effect, one row", columns},
};

constexpr std::int64_t default_cap_bytes = std::int64_t{4} << 30;

// Configuration of a journald that does not run keeps nothing; a mask of its unit or socket ends it with the next boot.
std::string state_of(Host& host) {
    if (is_masked(host.files, "systemd-journald.service") || is_masked(host.files, "systemd-journald.socket"))
        return "masked";
    if (host.kernel != nullptr)
        return running_programs(*host.kernel).contains("systemd-journal") ? "running" : "stopped";
    return has_unit(host.files, "systemd-journald.service") ? "enabled" : "absent";
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    if (!files.status("/usr/lib/systemd/systemd-journald") && !files.status("/lib/systemd/systemd-journald"))
        throw not_applicable(Reason::not_installed, "systemd-journald is not installed");
    if (host.kernel != nullptr && host.kernel->read("/proc/1/comm").value_or("") != "systemd\n")
        throw not_applicable(Reason::not_present, "systemd is not process 1 here: no journald runs");

    const auto settings = parse_systemd_config(files.read_systemd_layers("systemd/journald.conf", ".conf"));
    const auto setting = [&](const char* key) { return last_setting(settings, "Journal", key); };
    const auto word = [&](const char* key) {
        const auto found = setting(key);
        return found ? found->value : std::string{};
    };
    const auto folder = files.status("/var/log/journal");
    const bool there = folder && folder->kind == FileKind::directory;

    // An assignment that systemd cannot read leaves what stood before; we take the last that it can.
    std::string storage = "auto";
    std::string storage_source;
    std::int64_t most = default_cap_bytes;
    std::string most_source;
    for (const SystemdSetting& each : settings) {
        if (each.section != "Journal") continue;
        if (each.key == "Storage") {
            if (each.value == "auto" || each.value == "persistent" || each.value == "volatile" ||
                each.value == "none") {
                storage = each.value;
                storage_source = each.source;
            }
        } else if (each.key == "SystemMaxUse") {
            if (each.value.empty()) {
                most = default_cap_bytes;
                most_source.clear();
            } else if (const auto bytes = systemd_size_bytes(each.value)) {
                most = *bytes;
                most_source = each.source;
            }
        }
    }
    const std::string effective = storage != "auto" ? storage : there ? "persistent" : "volatile";
    const auto keep_free =
        setting("SystemKeepFree") ? systemd_size_bytes(setting("SystemKeepFree")->value) : std::nullopt;
    const auto retention =
        setting("MaxRetentionSec") ? systemd_seconds(setting("MaxRetentionSec")->value) : std::nullopt;
    Table table = make_table(tables[0]);
    table.rows.push_back({storage, effective, there, most, keep_free ? Value{*keep_free} : Value{},
                          retention.value_or(0), word("ForwardToSyslog"), word("Compress"), word("Seal"),
                          storage_source, most_source, state_of(host)});
    return {table};
}

}  // namespace

extern constexpr Collector journald_config{
    .name = "journald_config",
    .version = 2,
    .tables = tables,
    .needs = Capability::none,
    .cost = Cost::fast,
    .reads_images = true,
    .runs_programs = false,
    .sources =
        "journald.conf and journald.conf.d of /etc, /run, /usr/local/lib and /usr/lib, /var/log/journal, /proc/*/comm, "
        "unit files of systemd-journald",
    .collect = collect};

}  // namespace annexa::collectors
