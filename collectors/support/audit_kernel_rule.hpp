// Audit rules as the kernel holds them (struct audit_rule_data of linux/audit.h), printed as `auditctl -l` prints them.
#pragma once

#include <string>
#include <string_view>

namespace annexa::collectors {

/// One rule: "-w /etc/passwd -p wa -k identity" or "-a always,exit -F arch=b64 -S adjtimex,settimeofday -F key=time".
/// Throws evidence::format_error where the bytes are no rule.
std::string audit_rule_text(std::string_view raw);

}  // namespace annexa::collectors
