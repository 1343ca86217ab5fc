// The kernel's audit: whether it is on, whether a daemon takes its records, whether records were lost; auditd's settings;
// and the rules, those loaded in the kernel and those in files.
//
// Rules are told apart by meaning (support/audit_rule.hpp): the order of fields, calls and keys and the spelling of a watch
// make no difference. In an image files alone can tell; they say what will be loaded, not what is.
#include "collectors/collector.hpp"
#include "collectors/support/audit_rule.hpp"
#include "collectors/support/file_patterns.hpp"
#include "collectors/support/text.hpp"
#include "collectors/support/unit_state.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column status_columns[] = {
    {"enabled", Type::integer, "0 off, 1 on, 2 on and locked until the next boot; null in an image", Trait::nullable},
    {"daemon", Type::boolean, "Whether a daemon takes the kernel's records; null in an image", Trait::nullable},
    {"pid", Type::integer, "Process that takes them", Trait::nullable_changing},
    {"failure", Type::integer, "What a failure does: 0 nothing, 1 a kernel message, 2 a panic; null in an image", Trait::nullable},
    {"rate_limit", Type::integer, "Most records a second, 0 for no limit; null in an image", Trait::nullable},
    {"backlog_limit", Type::integer, "Most records that wait; null in an image", Trait::nullable},
    {"backlog", Type::integer, "Records that wait now", Trait::nullable_changing},
    {"lost", Type::integer, "Records lost since the last boot", Trait::nullable_changing},
    {"lost_any", Type::boolean, "Whether any record was lost since the last boot; null in an image", Trait::nullable},
    {"installed", Type::boolean, "Whether auditd is installed"},
    {"service", Type::text, "State of auditd.service: active; of an image enabled; else inactive, disabled, masked, absent, no_systemd"},
};
constexpr Column setting_columns[] = {
    {"name", Type::text, "Setting of auditd.conf, in lower case: disk_full_action"},
    {"value", Type::text, "Its value as written"},
    {"source", Type::text, "File and line"},
};
constexpr Column rule_columns[] = {
    {"origin", Type::text, "kernel: loaded; file: in the files that are loaded at boot"},
    {"list", Type::text, "exit, user, exclude, filesystem, task"},
    {"action", Type::text, "always or never"},
    {"arch", Type::text, "b64, b32; empty for both"},
    {"syscalls", Type::text, "System calls between commas, sorted, with a comma before and after: ,adjtimex,settimeofday,"},
    {"path", Type::text, "File or folder that it watches"},
    {"folder", Type::boolean, "Whether the whole folder below it"},
    {"permissions", Type::text, "Kinds of access in the order rwxa; empty where not limited"},
    {"fields", Type::text, "What else limits it: auid!=unset auid>=1000"},
    {"keys", Type::text, "Its keys"},
    {"rule", Type::text, "What it means, in one spelling; equal rules have equal texts"},
    {"source", Type::text, "File and line, or netlink"},
};
constexpr TableDefinition tables[] = {
    {"audit_status", "State of the kernel's audit, one row", status_columns},
    {"auditd_config", "Settings of auditd.conf, one row a setting", setting_columns},
    {"audit_rules", "Audit rules in the kernel and in files, one row a rule", rule_columns},
};

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : std::string{separator}) + word;
    return text;
}

void add_rules(Table& table, const char* origin, const std::vector<AuditRule>& rules) {
    for (const AuditRule& rule : rules)
        table.rows.push_back({std::string{origin}, rule.list, rule.action, rule.arch,
                              rule.syscalls.empty() ? std::string{} : "," + joined(rule.syscalls, ",") + ",", rule.path, rule.folder,
                              rule.permissions, joined(rule.fields, " "), joined(rule.keys, " "), rule.meaning(), rule.source});
}

// augenrules makes audit.rules of rules.d where that holds anything; else audit.rules is what is loaded.
std::vector<AuditRule> rules_in_files(Files& files) {
    AuditRuleFile merged;
    auto parts = read_matching(files, "/etc/audit/rules.d/*.rules");
    if (parts.empty()) parts = read_matching(files, "/etc/audit/audit.rules");
    // ls -v puts 9-x before 10-y; all -D are moved to the beginning, all -e to the end
    std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
        const auto number = [](const std::string& path) {
            const std::string_view name = text::file_name(path);
            return text::unsigned_integer(name.substr(0, name.find_first_not_of("0123456789"))).value_or(UINT64_MAX);
        };
        return number(a.first) < number(b.first);
    });
    for (const auto& [path, text] : parts) {
        AuditRuleFile one;
        parse_audit_rules(path, text, one);
        merged.rules.insert(merged.rules.end(), one.rules.begin(), one.rules.end());
    }
    return merged.rules;
}

Table settings_of(Files& files) {
    Table table = make_table(tables[1]);
    if (const auto file = files.read("/etc/audit/auditd.conf"))
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) {
            const auto pair = text::split_at(line.text, '=');
            if (!pair)
                throw host_error(Reason::malformed_source, file->path + ":" + std::to_string(line.number) + ": expected 'name = value'");
            table.rows.push_back({text::lower(pair->first), std::string{pair->second}, file->path + ":" + std::to_string(line.number)});
        }
    return table;
}

// The kernel answers about audit in the first namespaces alone, whose numbers are constants (linux/proc_ns.h).
void refuse_containers(Kernel& kernel) {
    const auto pid = kernel.read_link("/proc/self/ns/pid");
    const auto user = kernel.read_link("/proc/self/ns/user");
    if ((pid && *pid != "pid:[4026531836]") || (user && *user != "user:[4026531837]"))
        throw not_applicable(Reason::not_present, "this is a container: audit is a matter of the machine that it runs on");
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    if (host.kernel != nullptr) refuse_containers(*host.kernel);
    const bool installed = files.status("/usr/sbin/auditd").has_value() || files.status("/sbin/auditd").has_value();
    const std::string service = unit_state(host, running_units(host), "auditd.service");
    Table status = make_table(tables[0]);
    Table rules = make_table(tables[2]);
    if (host.kernel != nullptr) {
        const KernelAudit audit = host.kernel->audit();
        status.rows.push_back({std::int64_t{audit.enabled}, audit.pid != 0, std::int64_t{audit.pid}, std::int64_t{audit.failure},
                               std::int64_t{audit.rate_limit}, std::int64_t{audit.backlog_limit}, std::int64_t{audit.backlog},
                               std::int64_t{audit.lost}, audit.lost != 0, installed, service});
        std::vector<AuditRule> loaded;
        for (const std::string& text : audit.rules)
            if (auto rule = parse_audit_rule(text, "netlink")) loaded.push_back(std::move(*rule));
        add_rules(rules, "kernel", loaded);
    } else {
        status.rows.push_back({Value{}, Value{}, Value{}, Value{}, Value{}, Value{}, Value{}, Value{}, Value{}, installed, service});
    }
    add_rules(rules, "file", rules_in_files(files));
    return {status, settings_of(files), rules};
}

}  // namespace

extern constexpr Collector audit_status{.name = "audit_status",
                                        .version = 1,
                                        .tables = tables,
                                        .needs = Capability::audit_control | Capability::dac_read_search,
                                        .cost = Cost::fast,
                                        .reads_images = true,
                                        .runs_programs = false,
                                        .sources = "netlink(7) NETLINK_AUDIT, /etc/audit/rules.d, /etc/audit/audit.rules, /etc/audit/auditd.conf",
                                        .collect = collect};

}  // namespace annexa::collectors
