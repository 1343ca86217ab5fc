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

// What a rule asks for, and whether nearly every packet from outside answers to it: any packet of a protocol that
// services speak, any new connection, all ports, all but some.
class Condition {
  public:
    void see(const std::string& name, const Attributes& data) {
        if (name == "meta") {
            const auto key = number(data, NFTA_META_KEY);
            const bool protocol = is(key, NFT_META_L4PROTO) || is(key, NFT_META_NFPROTO) || is(key, NFT_META_PROTOCOL);
            const bool interface = is(key, NFT_META_IIF) || is(key, NFT_META_IIFNAME);
            loaded_ = protocol ? Loaded::protocol : interface ? Loaded::interface : Loaded::other;
        } else if (name == "ct") {
            loaded_ = is(number(data, NFTA_CT_KEY), NFT_CT_STATE) ? Loaded::state : Loaded::other;
            mask_.reset();
        } else if (name == "payload") {
            asks = true;  // it ends where there is nothing to load
            load_payload(data);
        } else if (name == "bitwise") {
            asks = true;
            const std::string mask = value(data, NFTA_BITWISE_MASK);
            if (mask.size() == sizeof(std::uint32_t)) {
                mask_.emplace();
                std::memcpy(&*mask_, mask.data(), mask.size());
            }
        } else if (name == "cmp") {
            compare(number(data, NFTA_CMP_OP).value_or(NFT_CMP_EQ), value(data, NFTA_CMP_DATA));
        } else if (name == "range") {
            const bool all_but = is(number(data, NFTA_RANGE_OP), NFT_RANGE_NEQ);
            note(all_but ||
                 (loaded_ == Loaded::port &&
                  port(value(data, NFTA_RANGE_TO_DATA)) - port(value(data, NFTA_RANGE_FROM_DATA)) >= nearly_all_ports));
        } else if (name == "lookup") {
            note((number(data, NFTA_LOOKUP_FLAGS).value_or(0) & NFT_LOOKUP_F_INV) != 0);
        } else {
            note(false);
        }
    }

    bool asks = false;
    [[nodiscard]] bool is_broad() const { return asks && broad_; }

  private:
    enum class Loaded { other, protocol, interface, state, port };
    static constexpr int nearly_all_ports = 60000;

    static bool is(std::optional<std::uint32_t> value, unsigned wanted) { return value && *value == wanted; }
    static std::string value(const Attributes& data, std::uint16_t type) {
        const Attributes inner = inside(data, type);
        const auto found = inner.find(NFTA_DATA_VALUE);
        return found == inner.end() ? std::string{} : std::string{found->second};
    }
    static int port(const std::string& bytes) {
        return bytes.size() == 2 ? static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]) : 0;
    }
    static bool is_loopback(const std::string& interface) {
        std::uint32_t index = 0;
        if (interface.size() == sizeof index) std::memcpy(&index, interface.data(), sizeof index);
        return index == 1 || interface.substr(0, interface.find('\0')) == "lo";
    }
    void note(bool broad) {
        asks = true;
        broad_ = broad_ && broad;
    }
    void load_payload(const Attributes& data) {
        const auto base = number(data, NFTA_PAYLOAD_BASE), offset = number(data, NFTA_PAYLOAD_OFFSET),
                   length = number(data, NFTA_PAYLOAD_LEN);
        loaded_ = Loaded::other;
        // the protocol of IPv4 and IPv6; the port that is asked for of TCP and UDP
        if (is(base, NFT_PAYLOAD_NETWORK_HEADER) && is(length, 1) && (is(offset, 9) || is(offset, 6)))
            loaded_ = Loaded::protocol;
        if (is(base, NFT_PAYLOAD_TRANSPORT_HEADER) && is(length, 2) && is(offset, 2)) loaded_ = Loaded::port;
    }
    void compare(std::uint32_t operation, const std::string& wanted) {
        constexpr std::uint32_t new_connection = 8;  // NF_CT_STATE_BIT(IP_CT_NEW)
        switch (loaded_) {
            case Loaded::state:
                return note(operation == NFT_CMP_NEQ && (!mask_ || (*mask_ & new_connection) != 0));
            case Loaded::port:
                if (operation == NFT_CMP_GTE) return note(port(wanted) <= 0xffff - nearly_all_ports);
                if (operation == NFT_CMP_LTE) return note(port(wanted) >= nearly_all_ports);
                return note(operation == NFT_CMP_NEQ);
            case Loaded::protocol: {
                const bool carries_services = wanted.size() != 1 || wanted[0] == IPPROTO_TCP ||
                                              wanted[0] == IPPROTO_UDP || wanted[0] == NFPROTO_IPV4 ||
                                              wanted[0] == NFPROTO_IPV6;
                return note(operation == NFT_CMP_NEQ || (operation == NFT_CMP_EQ && carries_services));
            }
            case Loaded::interface:  // any but loopback is outside; all but one may be a router's inner ones
                return note(operation == NFT_CMP_NEQ && is_loopback(wanted));
            case Loaded::other:
                break;
        }
        note(operation == NFT_CMP_NEQ);
    }

    Loaded loaded_ = Loaded::other;
    std::optional<std::uint32_t> mask_;
    bool broad_ = true;
};

}  // namespace

std::string filter_rule_text(std::string_view expressions) {
    static const std::set<std::string, std::less<>> idle{"counter", "log", "notrack", "last", "dup"};
    static const std::set<std::string, std::less<>> idle_targets{
        "LOG",  "NFLOG", "ULOG",   "MARK",     "CONNMARK", "TRACE",   "CT",         "NOTRACK",
        "DSCP", "TOS",   "TCPMSS", "CLASSIFY", "SET",      "SECMARK", "CONNSECMARK"};
    Condition condition;
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
            if (text(data, NFTA_MATCH_NAME) != "comment") condition.see(name, data);
        } else if (name == "target") {
            const std::string target = text(data, NFTA_TARGET_NAME);
            if (!idle_targets.contains(target)) verdict = target == "REJECT" || target == "DROP" ? "drop" : "unknown";
        } else if (name == "masq" || name == "redir" || name == "nat" || name == "tproxy" || name == "fwd" ||
                   name == "synproxy" || name == "flow_offload") {
            verdict = "unknown";
        } else if (!idle.contains(name)) {
            condition.see(name, data);  // loads, sets or compares
        }
        if (verdict.empty()) continue;
        if (!condition.asks) return verdict;
        return (condition.is_broad() && verdict == "accept" ? "mostly " : "if ") + verdict;
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
