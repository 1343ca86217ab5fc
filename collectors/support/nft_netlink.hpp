// nf_tables as loaded, over NETLINK_NETFILTER (linux/netfilter/nf_tables.h): chains, and of their rules what they do to
// a packet.
#pragma once

#include "collectors/host.hpp"

#include <string>
#include <string_view>

namespace annexa::collectors {

/// Empty where this kernel has no nf_tables. Throws host_error where it refuses (it answers to CAP_NET_ADMIN).
std::vector<KernelFilterChain> read_filter_chains();

/// What a rule's list of expressions does: "accept", "if drop", "jump NAME"; empty where it decides nothing. A match of
/// iptables counts as a condition, its target by its name. Throws evidence::format_error for bytes that are no such
/// list.
std::string filter_rule_text(std::string_view expressions);

}  // namespace annexa::collectors
