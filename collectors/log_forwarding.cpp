// Where logs are sent: forwarding actions of rsyslog, destinations of syslog-ng, systemd-journal-upload; over TLS or
// not.
//
// Configuration of a program that does not run forwards nothing: each row says what state its program is in. What other
// shippers do (Fluent Bit, Vector, …) is in configurations that annexa does not read; they are named with encrypted
// null. Of what the host logs only the facilities of security (auth, authpriv) are followed through filters and
// rulesets; a filter on text, program or host cannot be told, and then it is null whether they pass.
#include "collectors/collector.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/log_config.hpp"
#include "collectors/support/service.hpp"
#include "collectors/support/systemd_config.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"program", Type::text, "rsyslog, syslog-ng, systemd-journal-upload, or another shipper"},
    {"state", Type::text, "running or stopped; of an image enabled or disabled"},
    {"protocol", Type::text, "udp, tcp, relp, https, or the output's own name; unknown for another shipper"},
    {"target", Type::text, "Host or address; empty for another shipper"},
    {"port", Type::text, "Port as configured, or the protocol's own"},
    {"encrypted", Type::boolean, "Whether over TLS; null where the configuration is not read", Trait::nullable},
    {"peer_verification", Type::text, "How the receiver is known, as configured; empty where nothing is said"},
    {"source", Type::text, "File and line; the program for another shipper"},
    {"takes_auth", Type::boolean,
     "Whether all that this host logs as facility auth, from severity info up, goes there; null where it cannot be "
     "told",
     Trait::nullable},
    {"takes_authpriv", Type::boolean, "The same of facility authpriv", Trait::nullable},
    {"condition", Type::text,
     "What stands before it: mail.*, a condition at /etc/rsyslog.conf:9; empty where nothing does"},
};
constexpr TableDefinition tables[] = {
    {"log_forwarding", "Where logs are sent to, one row a forwarding action", columns},
};

constexpr ServiceDescription rsyslog{"rsyslog", "/usr/sbin/rsyslogd", "rsyslogd", "rsyslog.service"};
constexpr ServiceDescription syslog_ng{"syslog-ng", "/usr/sbin/syslog-ng", "syslog-ng", "syslog-ng.service"};
constexpr ServiceDescription journal_upload{"systemd-journal-upload", "/usr/lib/systemd/systemd-journal-upload",
                                            "systemd-journal", "systemd-journal-upload.service"};
constexpr std::array others{
    ServiceDescription{"fluent-bit", "/opt/fluent-bit/bin/fluent-bit", "fluent-bit", "fluent-bit.service"},
    ServiceDescription{"vector", "/usr/bin/vector", "vector", "vector.service"},
    ServiceDescription{"filebeat", "/usr/share/filebeat/bin/filebeat", "filebeat", "filebeat.service"},
    ServiceDescription{"promtail", "/usr/bin/promtail", "promtail", "promtail.service"},
    ServiceDescription{"alloy", "/usr/bin/alloy", "alloy", "alloy.service"},
    ServiceDescription{"nxlog", "/usr/bin/nxlog", "nxlog", "nxlog.service"},
};

// The upload's name is cut off in /proc/PID/comm, as is journald's; its program's path is not.
std::string upload_state(Host& host, const Services& services) {
    if (host.kernel == nullptr) return services.state(journal_upload);
    const auto units = running_units(host);
    return unit_state(host, units, "systemd-journal-upload.service") == "active" ? "running" : "stopped";
}

Value known(const std::optional<bool>& answer) { return answer ? Value{*answer} : Value{}; }

// rsyslog's imuxsock gets what journald hands on; where nothing is said Debian's journald does.
bool journal_forwards(Host& host) {
    const auto settings = parse_systemd_config(host.files.read_systemd_layers("systemd/journald.conf", ".conf"));
    const auto setting = last_setting(settings, "Journal", "ForwardToSyslog");
    return !setting || systemd_boolean(setting->value).value_or(true);
}

void add(Table& table, std::string_view program, const std::string& state, const std::vector<LogForward>& forwards) {
    for (const LogForward& forward : forwards)
        table.rows.push_back({std::string{program}, state, forward.protocol, forward.target, forward.port, forward.tls,
                              forward.authentication, forward.source, known(forward.takes.takes(false)),
                              known(forward.takes.takes(true)), forward.condition});
}

// [Upload] URL=https://host:19532; without a scheme it is https
std::vector<LogForward> upload_targets(Files& files) {
    const auto settings = parse_systemd_config(files.read_systemd_layers("systemd/journal-upload.conf", ".conf"));
    const auto url = last_setting(settings, "Upload", "URL");
    if (!url) return {};
    const bool plain = text::lower(url->value).starts_with("http://");
    std::string target = url->value;
    if (const std::size_t scheme = target.find("://"); scheme != std::string::npos) target = target.substr(scheme + 3);
    target = target.substr(0, target.find('/'));
    std::string port = "19532";
    if (const std::size_t colon = target.rfind(':');
        colon != std::string::npos && target.find(']', colon) == std::string::npos) {
        port = target.substr(colon + 1);
        target.resize(colon);
    }
    return {{plain ? "http" : "https", target, port, !plain, plain ? "" : "certificate", url->source,
             LogSelection::all(Known::yes), ""}};
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const Services services{host};
    const ReadIncluded include = [&](std::string_view pattern) { return read_matching(files, pattern); };
    Table table = make_table(tables[0]);
    if (services.installed(rsyslog))
        if (const auto file = files.read("/etc/rsyslog.conf"))
            add(table, rsyslog.name, services.state(rsyslog),
                parse_rsyslog(file->path, file->text, include, journal_forwards(host)));
    if (services.installed(syslog_ng))
        if (const auto file = files.read("/etc/syslog-ng/syslog-ng.conf"))
            add(table, syslog_ng.name, services.state(syslog_ng),
                parse_syslog_ng(file->path, file->text, [&](std::string_view pattern) {
                    return read_matching(files, pattern.starts_with('/') ? std::string{pattern}
                                                                         : "/etc/syslog-ng/" + std::string{pattern});
                }));
    if (services.installed(journal_upload))
        add(table, journal_upload.name, upload_state(host, services), upload_targets(files));
    for (const ServiceDescription& other : others)
        if (services.installed(other))
            table.rows.push_back({std::string{other.name}, services.state(other), std::string{"unknown"}, std::string{},
                                  std::string{}, Value{}, std::string{}, std::string{other.program}, Value{}, Value{},
                                  std::string{}});
    return {table};
}

}  // namespace

extern constexpr Collector log_forwarding{.name = "log_forwarding",
                                          .version = 2,
                                          .tables = tables,
                                          .needs = Capability::dac_read_search,
                                          .cost = Cost::fast,
                                          .reads_images = true,
                                          .runs_programs = false,
                                          .sources =
                                              "/etc/rsyslog.conf, /etc/syslog-ng/syslog-ng.conf, what they include, "
                                              "journal-upload.conf, journald.conf, /proc/*/comm",
                                          .collect = collect};

}  // namespace annexa::collectors
