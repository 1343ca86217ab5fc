#include "collectors/support/audit_netlink.hpp"

#include "collectors/support/audit_kernel_rule.hpp"
#include "collectors/support/netlink.hpp"

#include <linux/audit.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace annexa::collectors {
namespace {

KernelAudit status_of(const std::string& payload) {
    audit_status status{};  // older kernels send fewer members
    std::memcpy(&status, payload.data(), std::min(payload.size(), sizeof status));
    KernelAudit audit;
    audit.enabled = status.enabled;
    audit.failure = status.failure;
    audit.pid = status.pid;
    audit.rate_limit = status.rate_limit;
    audit.backlog_limit = status.backlog_limit;
    audit.lost = status.lost;
    audit.backlog = status.backlog;
    return audit;
}

}  // namespace

KernelAudit read_audit() {
    try {
        netlink::Socket socket{NETLINK_AUDIT};
        KernelAudit audit = status_of(socket.ask(AUDIT_GET, {}).payload);
        for (const netlink::Message& message : socket.dump(AUDIT_LIST_RULES, {}, 0))
            if (message.type == AUDIT_LIST_RULES) audit.rules.push_back(audit_rule_text(message.payload));
        return audit;
    } catch (const std::system_error& failure) {
        const int code = failure.code().value();
        if (code == EPROTONOSUPPORT) throw not_applicable(Reason::not_present, "this kernel has no audit");
        const Reason reason = code == EPERM || code == EACCES ? Reason::permission_denied : Reason::kernel_refused;
        throw host_error(reason, "audit: " + failure.code().message());
    }
}

}  // namespace annexa::collectors
