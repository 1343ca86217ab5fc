// Rules of the kernel's audit as auditctl(8) writes them, brought to one form, so that two rules that mean the same are
// equal whatever the order of their fields, system calls and keys and whether a file is watched by -w or by -F path.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct AuditRule {
    std::string list;                   // exit, user, exclude, filesystem, task, io_uring
    std::string action;                 // always, never
    std::string arch;                   // b64, b32; empty: both
    std::vector<std::string> syscalls;  // sorted; empty for watches, {"all"} where none or all is said
    std::string path;                   // of path=, dir= or -w, without a trailing slash
    bool folder = false;                // dir=, or a -w that ends in /: the whole tree
    std::string permissions;            // in the order rwxa; empty: not limited
    std::vector<std::string> fields;    // what else limits it: auid>=1000, auid!=unset; sorted
    std::vector<std::string> keys;      // sorted
    std::string source;

    /// One text for one meaning: equal texts, equal rules. Keys are left out: they only name a rule.
    [[nodiscard]] std::string meaning() const;
};

/// What rule files say besides rules.
struct AuditRuleFile {
    std::vector<AuditRule> rules;
    std::map<std::string, std::string> controls;  // e (enabled), f (failure), b (backlog_limit), r (rate_limit)
    bool deletes_all = false;                     // a -D came (and took what stood before it)
};

/// One rule's text (`-a always,exit -F arch=b64 -S adjtimex -k time`). Nothing for controls (-D, -b 8192) and empty lines;
/// throws host_error(malformed_source, "SOURCE: what").
std::optional<AuditRule> parse_audit_rule(std::string_view text, std::string_view source);

/// A *.rules file. Applied in order onto `file`, as auditctl -R does.
void parse_audit_rules(std::string_view path, std::string_view text, AuditRuleFile& file);

}  // namespace annexa::collectors
