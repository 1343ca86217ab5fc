// Services of insecure protocols as they are configured and started: SNMP communities, NFS exports, what inetd and
// xinetd start, and units of systemd that are wanted or active. Packages alone do not tell: tables deb_packages does
// that.
//
// snmpd.conf(5): a directive's name is read without regard to case; a community is a password and is never said, only
// that there is one and from where it is taken. exports(5): `host (options)` with a blank between exports to all; later
// options win; all_squash maps root too. What exportfs was told by hand is in /var/lib/nfs/etab. xinetd.conf(5): a
// service is on unless it says disable = yes.
#include "collectors/collector.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/mountinfo.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"program", Type::text, "snmpd, nfs, inetd, xinetd, systemd"},
    {"name", Type::text, "SNMP directive, exported folder, service, or unit"},
    {"client", Type::text,
     "Who may come: of SNMP and NFS the address, name or group as written, * for all; else empty"},
    {"setting", Type::text,
     "SNMP: v1 and v2c; NFS: whose ids are squashed (root, none, all); inetd: the program; systemd: active, enabled, "
     "…"},
    {"source", Type::text, "File and line; the unit's name for a unit"},
};
constexpr TableDefinition tables[] = {
    {"network_services",
     "Services of insecure protocols as configured or started, one row a community, export, service or unit", columns},
};

constexpr std::array units{"telnet.socket",
                           "telnetd.service",
                           "inetutils-telnetd.service",
                           "rsh.socket",
                           "rlogin.socket",
                           "rexec.socket",
                           "tftp.socket",
                           "tftp.service",
                           "tftpd-hpa.service",
                           "atftpd.service",
                           "vsftpd.service",
                           "vsftpd.socket",
                           "proftpd.service",
                           "pure-ftpd.service",
                           "ypserv.service",
                           "ypbind.service",
                           "finger.socket",
                           "talk.socket",
                           "ntalk.socket",
                           "xinetd.service",
                           "inetd.service",
                           "openbsd-inetd.service",
                           "inetutils-inetd.service"};

constexpr int most_nested = 8;
constexpr int most_files = 256;

std::string at_line(std::string_view path, std::size_t line) { return std::string{path} + ":" + std::to_string(line); }

void add(Table& table, std::string program, std::string name, std::string client, std::string setting,
         std::string source) {
    table.rows.push_back(
        {std::move(program), std::move(name), std::move(client), std::move(setting), std::move(source)});
}

class Snmp {
  public:
    Snmp(Files& files, Table& table) : files_{files}, table_{table} {}

    void read(std::string_view path, int depth) {
        if (depth > most_nested || ++read_ > most_files)
            throw host_error{Reason::malformed_source, std::string{path} + ": expected fewer nested includes"};
        const auto file = files_.read(path);
        if (!file) return;
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
            const auto words = text::words(line.text);
            const std::string name = text::lower(words[0]);
            const std::string source = at_line(path, line.number);
            if (name == "includefile" && words.size() > 1) {
                read(words[1].starts_with('/') ? std::string{words[1]}
                                               : std::string{text::folder(path)} + "/" + std::string{words[1]},
                     depth + 1);
            } else if (name == "includedir" && words.size() > 1) {
                for (const std::string& each : files_.list(words[1]).value_or(std::vector<std::string>{}))
                    if (each.ends_with(".conf")) read(std::string{words[1]} + "/" + each, depth + 1);
            } else if (name == "rocommunity" || name == "rwcommunity" || name == "rocommunity6" ||
                       name == "rwcommunity6") {
                const bool all = words.size() < 3 || words[2] == "default";
                add(table_, "snmpd", name, all ? "*" : std::string{words[2]}, "v1, v2c", source);
            } else if (name == "com2sec" || name == "com2sec6") {
                std::size_t at = 1;  // com2sec [-Cn CONTEXT] NAME SOURCE COMMUNITY
                if (words.size() > at && words[at].starts_with("-C")) at += words[at] == "-Cn" ? 2U : 1U;
                const bool all = words.size() < at + 2 || words[at + 1] == "default";
                add(table_, "snmpd", name, all ? "*" : std::string{words[at + 1]}, "v1, v2c", source);
            }
        }
    }

  private:
    Files& files_;
    Table& table_;
    int read_ = 0;
};

// A line of exports in words: quotes and octal codes undone, a word in quotes is one.
std::vector<std::string> export_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false, any = false;
    for (const char c : line) {
        if (c == '"') {
            quoted = !quoted;
            any = true;
        } else if (c == '#' && !quoted && !any) {
            break;
        } else if (!quoted && text::is_blank(c)) {
            if (any) words.push_back(unescape_mount(word));
            word.clear();
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (any) words.push_back(unescape_mount(word));
    return words;
}

std::string squashed(std::string_view defaults, std::string_view options) {
    bool root = true, all = false;
    for (const std::string_view list : {defaults, options})
        for (const std::string_view option : text::split(list, ',')) {
            if (option == "root_squash")
                root = true;
            else if (option == "no_root_squash")
                root = false;
            else if (option == "all_squash")
                all = true;
            else if (option == "no_all_squash")
                all = false;
        }
    return all ? "all" : root ? "root" : "none";
}

void read_exports(Table& table, std::string_view path, std::string_view content) {
    std::string joined;
    std::size_t began = 0;
    for (const text::Line& line : text::raw_lines(content)) {
        if (joined.empty()) began = line.number;
        std::string_view part = line.text;
        const bool continues = part.ends_with('\\');
        if (continues) part.remove_suffix(1);
        joined += part;
        joined += ' ';
        if (continues) continue;
        const auto words = export_words(joined);
        joined.clear();
        if (words.empty()) continue;
        std::string defaults;
        bool clients = false;
        for (std::size_t i = 1; i < words.size(); ++i) {
            const std::string& word = words[i];
            if (word.starts_with('-')) {
                defaults = word.substr(1);
                continue;
            }
            const std::size_t open = word.find('(');
            const std::string client = word.substr(0, open);
            if (open != std::string::npos && !word.ends_with(')'))
                throw host_error{Reason::malformed_source,
                                 at_line(path, began) + ": expected ) behind the options of a client"};
            const std::string options = open == std::string::npos ? "" : word.substr(open + 1, word.size() - open - 2);
            add(table, "nfs", words[0], client.empty() ? "*" : client, squashed(defaults, options),
                at_line(path, began));
            clients = true;
        }
        if (!clients) add(table, "nfs", words[0], "*", squashed(defaults, ""), at_line(path, began));
    }
}

void read_inetd(Table& table, std::string_view path, std::string_view content) {
    for (const text::Line& line : text::lines(content, text::whole_line_comments)) {
        const auto words = text::words(line.text);
        if (words.size() < 6) continue;                 // an address for the lines that follow
        const std::size_t colon = words[0].rfind(':');  // address:service
        const std::string_view program = words.size() > 6 && text::file_name(words[5]) == "tcpd" ? words[6] : words[5];
        add(table, "inetd", std::string{colon == std::string_view::npos ? words[0] : words[0].substr(colon + 1)}, "",
            std::string{program}, at_line(path, line.number));
    }
}

void read_xinetd(Table& table, std::string_view path, std::string_view content) {
    std::string service, server;
    std::size_t began = 0;
    bool disabled = false;
    for (const text::Line& line : text::lines(content, text::whole_line_comments)) {
        if (const auto words = text::words(line.text); words[0] == "service" && words.size() > 1) {
            service = words[1];
            server.clear();
            began = line.number;
            disabled = false;
        } else if (line.text == "}") {
            if (!service.empty() && !disabled) add(table, "xinetd", service, "", server, at_line(path, began));
            service.clear();
        } else if (const auto pair = text::split_at(line.text, '='); pair && !service.empty()) {
            if (pair->first == "disable") disabled = pair->second == "yes";
            if (pair->first == "server") server = pair->second;
        }
    }
}

bool installed(Files& files, std::initializer_list<const char*> programs) {
    return std::any_of(programs.begin(), programs.end(),
                       [&](const char* program) { return files.status(program).has_value(); });
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    Table table = make_table(tables[0]);
    if (installed(files, {"/usr/sbin/snmpd"})) {
        Snmp snmp{files, table};
        for (const char* path : {"/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.local.conf", "/usr/share/snmp/snmpd.conf"})
            snmp.read(path, 0);
    }
    if (installed(files, {"/usr/sbin/exportfs", "/sbin/exportfs"})) {
        for (const char* pattern : {"/etc/exports", "/etc/exports.d/*.exports"})
            for (const auto& [path, content] : read_matching(files, pattern)) read_exports(table, path, content);
        if (host.kernel != nullptr)
            if (const auto etab = files.read("/var/lib/nfs/etab")) read_exports(table, etab->path, etab->text);
    }
    if (installed(files, {"/usr/sbin/inetd", "/usr/sbin/inetutils-inetd"}))
        for (const char* pattern : {"/etc/inetd.conf", "/etc/inetd.d/*"})
            for (const auto& [path, content] : read_matching(files, pattern)) read_inetd(table, path, content);
    if (installed(files, {"/usr/sbin/xinetd"}))
        for (const char* pattern : {"/etc/xinetd.conf", "/etc/xinetd.d/*"})
            for (const auto& [path, content] : read_matching(files, pattern)) read_xinetd(table, path, content);
    const auto running = running_units(host);
    for (const char* unit : units) {
        const std::string state = unit_state(host, running, unit);
        if (state != "absent" && state != "masked") add(table, "systemd", unit, "", state, unit);
    }
    return {table};
}

}  // namespace

extern constexpr Collector network_services{
    .name = "network_services",
    .tables = tables,
    .needs = Capability::dac_read_search,
    .sources =
        "/etc/snmp/snmpd.conf and what it includes, /etc/exports, /etc/exports.d, /var/lib/nfs/etab, "
        "/etc/inetd.conf, /etc/xinetd.d, units of systemd",
    .collect = collect};

}  // namespace annexa::collectors
