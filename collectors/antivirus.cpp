// Anti-malware programs and how old what they know is.
//
// ClamAV: clamd runs or not; its signature files (main, daily, bytecode) bear in their first 512 bytes when they were
// built: fields between colons, the last one Unix seconds (libclamav/cvd.c). Of others we know no form of signatures:
// they are named, with null.
#include "collectors/collector.hpp"
#include "collectors/support/service.hpp"
#include "collectors/support/text.hpp"

#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"program", Type::text, "clamav, or another"},
    {"state", Type::text, "running or stopped; of an image enabled or disabled"},
    {"signatures", Type::text,
     "File of the newest daily signatures; empty where none is there or its form is not known"},
    {"signatures_built", Type::integer,
     "When they were built, Unix seconds; null where there are none or their form is not known", Trait::nullable},
};
constexpr TableDefinition tables[] = {
    {"antivirus", "Anti-malware programs, one row a program that is installed", columns},
};

constexpr ServiceDescription clamd{"clamav", "/usr/sbin/clamd", "clamd",
                                   "clamav-daemon.service clamd@scan.service clamd.service"};
constexpr std::array others{
    ServiceDescription{"mdatp", "/opt/microsoft/mdatp/sbin/wdavdaemon", "wdavdaemon", "mdatp.service"},
    ServiceDescription{"falcon-sensor", "/opt/CrowdStrike/falcond", "falcond", "falcon-sensor.service"},
    ServiceDescription{"sophos", "/opt/sophos-spl/base/bin/sophos_watchdog", "sophos_watchdog", "sophos-spl.service"},
    ServiceDescription{"eset", "/opt/eset/efs/sbin/startd", "startd", "efs.service"},
    ServiceDescription{"sentinelone", "/opt/sentinelone/bin/sentinelctl", "s1-agent", "sentinelone.service"},
};

std::vector<Table> collect(Host& host) {
    const Services services{host};
    Table table = make_table(tables[0]);
    if (services.installed(clamd)) {
        std::string newest;
        Value built;
        for (const char* path : {"/var/lib/clamav/daily.cld", "/var/lib/clamav/daily.cvd"}) {
            const auto head = host.files.read_head(path, 512);
            if (!head) continue;
            const auto fields = text::split(text::trimmed(*head), ':');
            const auto seconds =
                fields.size() < 9 || fields[0] != "ClamAV-VDB" ? std::nullopt : text::integer(text::trimmed(fields[8]));
            if (!seconds)
                throw host_error(Reason::malformed_source,
                                 std::string{path} + ": expected the header of a signature file of ClamAV");
            if (newest.empty() || *seconds > std::get<std::int64_t>(built)) {
                newest = path;
                built = *seconds;
            }
        }
        table.rows.push_back({std::string{clamd.name}, services.state(clamd), newest, built});
    }
    for (const ServiceDescription& other : others)
        if (services.installed(other))
            table.rows.push_back({std::string{other.name}, services.state(other), std::string{}, Value{}});
    return {table};
}

}  // namespace

extern constexpr Collector antivirus{.name = "antivirus",
                                     .tables = tables,
                                     .needs = Capability::dac_read_search,
                                     .sources = "/var/lib/clamav, /proc/*/comm, units of systemd",
                                     .collect = collect};

}  // namespace annexa::collectors
