// Whether the clock is synchronised, by which daemon, from which sources.
//
// What counts is what the kernel says of its clock (adjtimex), not that a service runs. Offsets change by themselves: what
// is evidence is the smallest power of ten that bounds them. In a container the clock is its host's.
#include "collectors/collector.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/service.hpp"
#include "collectors/support/systemd_config.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/time_config.hpp"

#include <array>

namespace annexa::collectors {
namespace {

constexpr Column clock_columns[] = {
    {"synchronized", Type::boolean, "Whether the kernel holds its clock for synchronised; null in an image", Trait::nullable},
    {"offset_us", Type::integer, "Offset that is being corrected, in microseconds", Trait::nullable_changing},
    {"maximum_error_us", Type::integer, "Greatest error that the clock may have, in microseconds", Trait::nullable_changing},
    {"offset_within_ms", Type::integer, "Smallest power of ten that bounds the offset, in milliseconds; null in an image", Trait::nullable},
    {"error_within_ms", Type::integer, "Smallest power of ten that bounds the greatest error, in milliseconds; null in an image", Trait::nullable},
};
constexpr Column daemon_columns[] = {
    {"daemon", Type::text, "chrony, systemd-timesyncd, ntpsec, ntp, openntpd"},
    {"installed", Type::boolean, "Whether its program is there"},
    {"state", Type::text, "running or stopped; of an image enabled or disabled"},
};
constexpr Column source_columns[] = {
    {"daemon", Type::text, "Daemon whose configuration names it"},
    {"state", Type::text, "State of the daemon: running, stopped, enabled, disabled"},
    {"kind", Type::text, "server, pool, peer, refclock, sensor"},
    {"address", Type::text, "Host name or address; the driver of a reference clock"},
    {"authenticated", Type::boolean, "Whether NTS or a key protects it"},
    {"source", Type::text, "File and line; `compiled in` for what stands in none"},
};
constexpr TableDefinition tables[] = {
    {"time_sync", "State of the system clock, one row", clock_columns},
    {"time_daemons", "Time daemons that are installed, one row each", daemon_columns},
    {"time_sources", "Time sources in the configurations of installed daemons, one row a source", source_columns},
};

constexpr std::array daemons{
    ServiceDescription{"chrony", "/usr/sbin/chronyd", "chronyd", "chrony.service chronyd.service"},
    ServiceDescription{"systemd-timesyncd", "/usr/lib/systemd/systemd-timesyncd", "systemd-timesyn", "systemd-timesyncd.service"},
    ServiceDescription{"ntpsec", "/etc/ntpsec/ntp.conf", "ntpd", "ntpsec.service"},
    ServiceDescription{"ntp", "/etc/ntp.conf", "ntpd", "ntp.service ntpd.service"},
    ServiceDescription{"openntpd", "/etc/openntpd/ntpd.conf", "ntpd", "openntpd.service"},
};

std::int64_t bound_ms(std::int64_t microseconds) {
    std::int64_t bound = 1;
    while (bound < 1'000'000'000 && (microseconds > bound * 1000 || microseconds < -bound * 1000)) bound *= 10;
    return bound;
}

// What systemd-timesyncd asks where no file names a server: a constant of the distribution's build.
std::vector<std::string> compiled_in(Files& files) {
    auto release = files.read("/etc/os-release");
    if (!release) release = files.read("/usr/lib/os-release");
    std::string id;
    if (release)
        for (const text::Line& line : text::lines(release->text))
            if (line.text.starts_with("ID=")) id = text::unquoted(line.text.substr(3));
    if (id == "debian") return {"0.debian.pool.ntp.org", "1.debian.pool.ntp.org", "2.debian.pool.ntp.org", "3.debian.pool.ntp.org"};
    if (id == "ubuntu") return {"ntp.ubuntu.com"};
    return {"time1.google.com", "time2.google.com", "time3.google.com", "time4.google.com"};
}

std::vector<TimeSource> timesyncd_sources(Files& files) {
    const auto settings = parse_systemd_config(files.read_systemd_layers("systemd/timesyncd.conf", ".conf"));
    std::vector<TimeSource> sources;
    for (const char* key : {"NTP", "FallbackNTP"}) {
        for (const SystemdSetting& server : list_setting(settings, "Time", key)) sources.push_back({"server", server.value, false, server.source});
        if (!sources.empty()) return sources;
    }
    for (const std::string& server : compiled_in(files)) sources.push_back({"server", server, false, "compiled in"});
    return sources;
}

std::vector<TimeSource> sources_of(Files& files, std::string_view daemon) {
    const ReadTimeFiles read = [&](std::string_view pattern) { return read_matching(files, pattern); };
    const auto first_of = [&](std::initializer_list<const char*> paths) -> std::optional<File> {
        for (const char* path : paths)
            if (auto file = files.read(path)) return file;
        return std::nullopt;
    };
    if (daemon == "systemd-timesyncd") return timesyncd_sources(files);
    if (daemon == "chrony") {
        const auto file = first_of({"/etc/chrony/chrony.conf", "/etc/chrony.conf"});
        return file ? parse_chrony(file->path, file->text, read) : std::vector<TimeSource>{};
    }
    if (daemon == "openntpd") {
        const auto file = first_of({"/etc/openntpd/ntpd.conf"});
        return file ? parse_openntpd(file->path, file->text) : std::vector<TimeSource>{};
    }
    const auto file = daemon == "ntpsec" ? first_of({"/etc/ntpsec/ntp.conf"}) : first_of({"/etc/ntp.conf"});
    auto sources = file ? parse_ntp(file->path, file->text, read) : std::vector<TimeSource>{};
    if (daemon == "ntpsec")
        for (const auto& [path, text] : read_matching(files, "/etc/ntpsec/ntp.d/*.conf"))
            for (TimeSource& source : parse_ntp(path, text, read)) sources.push_back(std::move(source));
    return sources;
}

std::vector<Table> collect(Host& host) {
    Table clock = make_table(tables[0]);
    if (host.kernel != nullptr) {
        const KernelClock found = host.kernel->clock();
        clock.rows.push_back({found.synchronized, found.offset_us, found.maximum_error_us, bound_ms(found.offset_us), bound_ms(found.maximum_error_us)});
    } else {
        clock.rows.push_back({Value{}, Value{}, Value{}, Value{}, Value{}});
    }
    const Services services{host};
    Table installed = make_table(tables[1]);
    Table sources = make_table(tables[2]);
    for (const ServiceDescription& daemon : daemons) {
        if (!services.installed(daemon)) continue;
        const std::string state = services.state(daemon);
        installed.rows.push_back({std::string{daemon.name}, true, state});
        for (const TimeSource& source : sources_of(host.files, daemon.name))
            sources.rows.push_back({std::string{daemon.name}, state, source.kind, source.address, source.authenticated, source.source});
    }
    return {clock, installed, sources};
}

}  // namespace

extern constexpr Collector time_sync{.name = "time_sync",
                                     .version = 1,
                                     .tables = tables,
                                     .needs = Capability::dac_read_search,
                                     .cost = Cost::fast,
                                     .reads_images = true,
                                     .runs_programs = false,
                                     .sources = "adjtimex(2), /proc/*/comm, chrony.conf, timesyncd.conf, ntp.conf, ntpd.conf",
                                     .collect = collect};

}  // namespace annexa::collectors
