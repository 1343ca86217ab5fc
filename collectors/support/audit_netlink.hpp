// The audit subsystem's status and rules, over NETLINK_AUDIT.
#pragma once

#include "collectors/host.hpp"

namespace annexa::collectors {

/// Throws not_applicable where this kernel has no audit, host_error where it refuses (it answers to CAP_AUDIT_CONTROL).
KernelAudit read_audit();

}  // namespace annexa::collectors
