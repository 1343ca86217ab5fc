// What the firewall does to packets that no rule speaks of, as the kernel has it loaded (nf_tables; iptables-nft loads
// into it too).
//
// A packet is dropped as soon as one base chain of its hook drops it, so one that drops by default is enough (nft(8)).
// A chain decides by its first rule without a condition, or with one that nearly every packet answers to (any TCP, any
// new connection), else by its policy; a jump leads on. Rules of legacy iptables
// can be read through a raw internet socket alone, which collectors do not have: where there are any, nothing is said.
#include "collectors/collector.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace annexa::collectors {
namespace {

constexpr Column rule_columns[] = {
    {"family", Type::text, "inet, ip, ip6, arp, bridge, netdev"},
    {"table_name", Type::text, "Table"},
    {"chain", Type::text, "Chain"},
    {"type", Type::text, "Of a base chain: filter, nat, route; else empty"},
    {"hook", Type::text, "Of a base chain: input, forward, output, …; else empty"},
    {"priority", Type::integer, "Of a base chain; 0 for others"},
    {"policy", Type::text, "Of a base chain: accept, drop; else empty"},
    {"dormant", Type::boolean, "Whether its table is switched off"},
    {"unconditional", Type::text,
     "First rule without a condition that ends it: accept, drop, return, goto NAME; empty where there is none"},
};
constexpr Column default_columns[] = {
    {"protocol", Type::text, "ipv4, ipv6"},
    {"hook", Type::text, "input, forward"},
    {"in_use", Type::boolean,
     "input: whether this host has an address of it beside loopback (IPv4 is taken to); forward: whether it forwards"},
    {"verdict", Type::text, "Of packets that no rule speaks of: drop, accept, none (no chain), unknown"},
    {"decided_by", Type::text, "Chain that decides: inet filter input; empty where there is none"},
};
constexpr TableDefinition tables[] = {
    {"firewall_rules", "Chains of nf_tables as loaded and what ends them, one row a chain", rule_columns},
    {"firewall_defaults", "What becomes of packets that no rule speaks of, one row a protocol and hook",
     default_columns},
};

constexpr int most_jumps = 32;
constexpr int most_steps = 100000;

using Chains = std::vector<KernelFilterChain>;

class Fate {
  public:
    explicit Fate(const Chains& chains) {
        for (const KernelFilterChain& chain : chains) by_name_[{chain.family, chain.table, chain.name}] = &chain;
    }

    // "accept", "drop", "unknown"; of a chain that is jumped to also empty: it comes back.
    std::string of(const KernelFilterChain& chain, int depth = 0) {
        if (depth > most_jumps) return "unknown";
        for (const std::string& rule : chain.rules) {
            if (++steps_ > most_steps) return "unknown";
            if (rule.starts_with("if ")) continue;
            if (rule == "mostly accept") return "accept";
            if (rule == "accept" || rule == "drop") return rule;
            if (rule == "return") break;
            const bool gone = rule.starts_with("goto ");
            if (!gone && !rule.starts_with("jump ")) return "unknown";
            const auto found = by_name_.find({chain.family, chain.table, rule.substr(5)});
            if (found == by_name_.end()) return "unknown";
            const std::string fate = of(*found->second, depth + 1);
            if (!fate.empty()) return fate;
            if (gone) break;
        }
        return chain.policy;
    }

  private:
    std::map<std::tuple<std::string, std::string, std::string>, const KernelFilterChain*> by_name_;
    int steps_ = 0;
};

std::string ending(const KernelFilterChain& chain) {
    for (const std::string& rule : chain.rules)
        if (!rule.starts_with("if ") && !rule.starts_with("mostly ") && !rule.starts_with("jump ")) return rule;
    return {};
}

void add_default(Table& table, const Chains& chains, const char* protocol, const char* family, const char* hook,
                 bool in_use) {
    std::string verdict = "none", decided_by;
    for (const KernelFilterChain& chain : chains) {
        if (chain.dormant || chain.type != "filter" || chain.hook != hook ||
            (chain.family != "inet" && chain.family != family))
            continue;
        const std::string fate = Fate{chains}.of(chain);
        const auto rank = [](const std::string& text) {
            return text == "drop" ? 3 : text == "unknown" ? 2 : text == "accept" ? 1 : 0;
        };
        if (rank(fate) <= rank(verdict)) continue;
        verdict = fate;
        decided_by = chain.family + " " + chain.table + " " + chain.name;
    }
    table.rows.push_back({std::string{protocol}, std::string{hook}, in_use, verdict, decided_by});
}

bool holds_one(Kernel& kernel, const char* path) { return text::trimmed(kernel.read(path).value_or("")) == "1"; }

// A line an address: "fe80… 02 40 20 80 eth0". IPv4 is taken to be in use.
bool has_ipv6(Kernel& kernel) {
    const std::string addresses = kernel.read("/proc/net/if_inet6").value_or("");
    for (const text::Line& line : text::lines(addresses))
        if (!line.text.ends_with(" lo")) return true;
    return false;
}

std::vector<Table> collect(Host& host) {
    Kernel& kernel = running_kernel(host);
    for (const char* path : {"/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"})
        if (const auto names = kernel.read(path); names && !text::trimmed(*names).empty())
            throw host_error(Reason::legacy_rules_unread,
                             std::string{path} + ": rules of legacy iptables are loaded (" +
                                 text::printable(text::words(*names).front()) + ", …), which annexa cannot read");
    const Chains chains = kernel.filter_chains();
    Table rules = make_table(tables[0]);
    for (const KernelFilterChain& chain : chains)
        rules.rows.push_back({chain.family, chain.table, chain.name, chain.type, chain.hook, chain.priority,
                              chain.policy, chain.dormant, ending(chain)});
    Table defaults = make_table(tables[1]);
    add_default(defaults, chains, "ipv4", "ip", "input", true);
    add_default(defaults, chains, "ipv6", "ip6", "input", has_ipv6(kernel));
    add_default(defaults, chains, "ipv4", "ip", "forward", holds_one(kernel, "/proc/sys/net/ipv4/ip_forward"));
    add_default(defaults, chains, "ipv6", "ip6", "forward",
                holds_one(kernel, "/proc/sys/net/ipv6/conf/all/forwarding"));
    return {rules, defaults};
}

}  // namespace

extern constexpr Collector firewall_rules{
    .name = "firewall_rules",
    .version = 2,
    .tables = tables,
    .needs = Capability::net_admin | Capability::dac_read_search,  // ip_tables_names is only root's
    .reads_images = false,
    .sources =
        "NETLINK_NETFILTER (nf_tables), /proc/net/ip_tables_names, /proc/net/ip6_tables_names, /proc/net/if_inet6",
    .collect = collect};

}  // namespace annexa::collectors
