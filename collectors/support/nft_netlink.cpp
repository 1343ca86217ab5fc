#include "collectors/support/nft_netlink.hpp"

#include "collectors/support/netlink.hpp"
#include "evidence/errors.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>

namespace annexa::collectors {
namespace {

constexpr int most_attempts = 5;

using Attributes = std::map<std::uint16_t, std::string_view>;

Attributes nested(std::string_view payload, std::size_t offset = 0) {
    Attributes result;
    for (const netlink::Attribute& each : netlink::attributes(payload, offset)) result[each.type] = each.value;
    return result;
}

std::string text(const Attributes& attributes, std::uint16_t type) {
    const auto found = attributes.find(type);
    if (found == attributes.end()) return {};
    return std::string{found->second.substr(0, found->second.find('\0'))};
}

std::optional<std::uint32_t> number(const Attributes& attributes, std::uint16_t type) {
    const auto found = attributes.find(type);
    if (found == attributes.end() || found->second.size() != 4) return std::nullopt;
    std::uint32_t value = 0;
    std::memcpy(&value, found->second.data(), sizeof value);
    return ntohl(value);
}

Attributes inside(const Attributes& attributes, std::uint16_t type) {
    const auto found = attributes.find(type);
    return found == attributes.end() ? Attributes{} : nested(found->second);
}

std::string family_name(unsigned family) {
    switch (family) {
        case NFPROTO_INET:
            return "inet";
        case NFPROTO_IPV4:
            return "ip";
        case NFPROTO_IPV6:
            return "ip6";
        case NFPROTO_ARP:
            return "arp";
        case NFPROTO_BRIDGE:
            return "bridge";
        case NFPROTO_NETDEV:
            return "netdev";
        default:
            return std::to_string(family);
    }
}

std::string hook_name(unsigned family, std::uint32_t hook) {
    constexpr std::array<const char*, 6> names{"prerouting", "input", "forward", "output", "postrouting", "ingress"};
    const bool ordinary =
        family == NFPROTO_INET || family == NFPROTO_IPV4 || family == NFPROTO_IPV6 || family == NFPROTO_BRIDGE;
    return ordinary && hook < names.size() ? names.at(hook) : std::to_string(hook);
}

std::string verdict_text(const Attributes& verdict) {
    const auto code = number(verdict, NFTA_VERDICT_CODE);
    if (!code) return "unknown";
    switch (static_cast<std::int32_t>(*code)) {
        case NF_ACCEPT:
            return "accept";
        case NF_DROP:
            return "drop";
        case NFT_CONTINUE:
        case NFT_BREAK:
            return {};
        case NFT_JUMP:
            return "jump " + text(verdict, NFTA_VERDICT_CHAIN);
        case NFT_GOTO:
            return "goto " + text(verdict, NFTA_VERDICT_CHAIN);
        case NFT_RETURN:
            return "return";
        default:
            return (*code & NF_VERDICT_MASK) == NF_QUEUE ? "queue" : "unknown";
    }
}

struct Message {
    unsigned family = 0;
    Attributes attributes;
};

Message opened(const netlink::Message& message) {
    if (message.payload.size() < sizeof(nfgenmsg)) throw evidence::format_error(0, "a whole nfgenmsg");
    return {static_cast<unsigned char>(message.payload[0]), nested(message.payload, sizeof(nfgenmsg))};
}

constexpr std::uint16_t request(int type) { return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type); }

std::vector<netlink::Message> dump(netlink::Socket& socket, int type) {
    const nfgenmsg header{.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0, .res_id = 0};
    return socket.dump(request(type), {reinterpret_cast<const char*>(&header), sizeof header}, NLM_F_DUMP);
}

std::uint32_t generation(netlink::Socket& socket) {
    const nfgenmsg header{.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0, .res_id = 0};
    const auto answer = socket.ask(request(NFT_MSG_GETGEN), {reinterpret_cast<const char*>(&header), sizeof header});
    return number(opened(answer).attributes, NFTA_GEN_ID).value_or(0);
}

std::vector<KernelFilterChain> chains_now(netlink::Socket& socket) {
    std::set<std::pair<unsigned, std::string>> dormant;
    for (const netlink::Message& each : dump(socket, NFT_MSG_GETTABLE)) {
        const Message table = opened(each);
        if ((number(table.attributes, NFTA_TABLE_FLAGS).value_or(0) & NFT_TABLE_F_DORMANT) != 0)
            dormant.emplace(table.family, text(table.attributes, NFTA_TABLE_NAME));
    }
    std::map<std::tuple<unsigned, std::string, std::string>, KernelFilterChain> chains;
    for (const netlink::Message& each : dump(socket, NFT_MSG_GETCHAIN)) {
        const auto [family, attributes] = opened(each);
        KernelFilterChain chain{.family = family_name(family),
                                .table = text(attributes, NFTA_CHAIN_TABLE),
                                .name = text(attributes, NFTA_CHAIN_NAME)};
        chain.dormant = dormant.contains({family, chain.table});
        if (const Attributes hook = inside(attributes, NFTA_CHAIN_HOOK); !hook.empty()) {
            chain.type = text(attributes, NFTA_CHAIN_TYPE);
            chain.hook = hook_name(family, number(hook, NFTA_HOOK_HOOKNUM).value_or(0));
            chain.priority = static_cast<std::int32_t>(number(hook, NFTA_HOOK_PRIORITY).value_or(0));
            chain.policy = number(attributes, NFTA_CHAIN_POLICY).value_or(NF_ACCEPT) == NF_DROP ? "drop" : "accept";
        }
        chains[{family, chain.table, chain.name}] = std::move(chain);
    }
    for (const netlink::Message& each : dump(socket, NFT_MSG_GETRULE)) {
        const auto [family, attributes] = opened(each);
        const auto chain = chains.find({family, text(attributes, NFTA_RULE_TABLE), text(attributes, NFTA_RULE_CHAIN)});
        const auto expressions = attributes.find(NFTA_RULE_EXPRESSIONS);
        if (chain == chains.end() || expressions == attributes.end()) continue;
        if (std::string rule = filter_rule_text(expressions->second); !rule.empty())
            chain->second.rules.push_back(std::move(rule));
    }
    std::vector<KernelFilterChain> result;
    for (auto& [key, chain] : chains) result.push_back(std::move(chain));
    return result;
}

}  // namespace

std::string filter_rule_text(std::string_view expressions) {
    static const std::set<std::string, std::less<>> idle{"counter", "log", "notrack", "last", "dup"};
    static const std::set<std::string, std::less<>> idle_targets{
        "LOG",  "NFLOG", "ULOG",   "MARK",     "CONNMARK", "TRACE",   "CT",         "NOTRACK",
        "DSCP", "TOS",   "TCPMSS", "CLASSIFY", "SET",      "SECMARK", "CONNSECMARK"};
    bool conditional = false;
    for (const netlink::Attribute& element : netlink::attributes(expressions, 0)) {
        const Attributes expression = nested(element.value);
        const std::string name = text(expression, NFTA_EXPR_NAME);
        const Attributes data = inside(expression, NFTA_EXPR_DATA);
        std::string verdict;
        if (name == "immediate") {
            if (number(data, NFTA_IMMEDIATE_DREG) != std::uint32_t{NFT_REG_VERDICT}) continue;
            verdict = verdict_text(inside(inside(data, NFTA_IMMEDIATE_DATA), NFTA_DATA_VERDICT));
        } else if (name == "reject") {
            verdict = "drop";
        } else if (name == "queue") {
            verdict = "queue";
        } else if (name == "match") {
            conditional = conditional || text(data, NFTA_MATCH_NAME) != "comment";
        } else if (name == "target") {
            const std::string target = text(data, NFTA_TARGET_NAME);
            if (!idle_targets.contains(target)) verdict = target == "REJECT" || target == "DROP" ? "drop" : "unknown";
        } else if (name == "masq" || name == "redir" || name == "nat" || name == "tproxy" || name == "fwd" ||
                   name == "synproxy" || name == "flow_offload") {
            verdict = "unknown";
        } else if (name == "meta" || name == "ct") {
            continue;  // loads or sets; what compares it comes behind it
        } else if (!idle.contains(name)) {
            conditional = true;  // cmp, lookup, limit, …, or what loads and stops where there is nothing to load
        }
        if (!verdict.empty()) return conditional ? "if " + verdict : verdict;
    }
    return {};
}

std::vector<KernelFilterChain> read_filter_chains() {
    try {
        netlink::Socket socket{NETLINK_NETFILTER};
        // What changed meanwhile would be half old and half new.
        for (int attempt = 0; attempt < most_attempts; ++attempt) {
            const std::uint32_t before = generation(socket);
            std::vector<KernelFilterChain> chains = chains_now(socket);
            if (generation(socket) == before) return chains;
        }
        throw host_error(Reason::kernel_refused, "nf_tables: the rules change too quickly to be read");
    } catch (const std::system_error& failure) {
        const int code = failure.code().value();
        // no netfilter, or the module nf_tables is neither built in nor loaded
        if (code == EPROTONOSUPPORT || code == EOPNOTSUPP || code == EINVAL) return {};
        const Reason reason = code == EPERM || code == EACCES ? Reason::permission_denied : Reason::kernel_refused;
        throw host_error(reason, "nf_tables: " + failure.code().message());
    } catch (const evidence::format_error& failure) {
        throw host_error(Reason::kernel_refused, std::string{"nf_tables: "} + failure.what());
    }
}

}  // namespace annexa::collectors
