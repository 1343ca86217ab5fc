// Audit rule files.
#include "collectors/host.hpp"
#include "collectors/support/audit_rule.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace annexa::collectors;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try {
        AuditRuleFile file;
        parse_audit_rules("/f", text, file);
        for (const AuditRule& rule : file.rules) (void)rule.meaning();
    } catch (const host_error&) {  // refused, with a reason
    }
    return 0;
}
