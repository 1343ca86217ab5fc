// Rules that nft itself loads into a network namespace, and what we read of them there.
#include "collectors/support/nft_netlink.hpp"

#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

using namespace annexa::collectors;

namespace {

std::string lines_of(const std::vector<KernelFilterChain>& chains) {
    std::string text;
    for (const KernelFilterChain& chain : chains) {
        text += chain.family + " " + chain.table + " " + chain.name;
        if (!chain.hook.empty())
            text += " " + chain.type + " " + chain.hook + " " + std::to_string(chain.priority) + " " + chain.policy;
        if (chain.dormant) text += " dormant";
        for (const std::string& rule : chain.rules) text += " [" + rule + "]";
        text += "\n";
    }
    return text;
}

// In a child with a network of its own; "-" where none can be made or nft is not there.
std::string loaded(const std::string& rules) {
    int answer[2];
    REQUIRE(::pipe2(answer, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::string said = "-";
        if (::unshare(CLONE_NEWNET) == 0) {
            FILE* nft = ::popen("nft -f - >/dev/null 2>&1", "w");
            const bool fed = nft != nullptr && std::fwrite(rules.data(), 1, rules.size(), nft) == rules.size();
            if (nft != nullptr && ::pclose(nft) == 0 && fed) {
                try {
                    said = lines_of(read_filter_chains());
                } catch (const std::exception& failure) {
                    said = failure.what();
                }
            }
        }
        (void)!::write(answer[1], said.data(), said.size());
        ::_exit(0);
    }
    ::close(answer[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(answer[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(count));
    ::close(answer[0]);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    return said;
}

}  // namespace

TEST_CASE("nft oracle: chains, policies and what their rules do are read as nft loaded them") {
    if (loaded("table inet probe {}") == "-") {
        WARN("nft cannot load rules into a namespace here");
        return;
    }
    CHECK(loaded("") == "");
    CHECK(loaded("table inet f { chain in { type filter hook input priority 5; policy drop; tcp dport 22 accept; iif "
                 "lo accept; }; }") == "inet f in filter input 5 drop [if accept] [if accept]\n");
    CHECK(loaded("table ip f { chain in { type filter hook input priority 0; accept; }; }") ==
          "ip f in filter input 0 accept [accept]\n");
    CHECK(loaded(
              "table ip6 f { chain in { type filter hook forward priority -1; counter log prefix \"x\" reject; }; }") ==
          "ip6 f in filter forward -1 accept [drop]\n");
    CHECK(loaded("table inet f { flags dormant; chain in { type filter hook input priority 0; policy drop; }; }") ==
          "inet f in filter input 0 drop dormant\n");
    CHECK(loaded("table inet f { chain more { meta mark set 1 accept; }; chain in { type filter hook input priority 0; "
                 "jump more; "
                 "ct state vmap { established : accept, invalid : drop }; limit rate 1/second drop; goto more; }; }") ==
          "inet f in filter input 0 accept [jump more] [if drop] [goto more]\ninet f more [accept]\n");
    CHECK(loaded("table inet f { chain in { type filter hook input priority 0; meta nfproto ipv4 ip saddr 10.0.0.0/8 "
                 "return; return; }; }") == "inet f in filter input 0 accept [if return] [return]\n");
    CHECK(loaded("table ip n { chain post { type nat hook postrouting priority 100; masquerade; }; }") ==
          "ip n post nat postrouting 100 accept [unknown]\n");
}

TEST_CASE("nft oracle: a condition that nearly every packet from outside answers to is told from one that few do") {
    if (loaded("table inet probe {}") == "-") {
        WARN("nft cannot load rules into a namespace here");
        return;
    }
    const auto rule = [](const std::string& text) {
        const std::string said =
            loaded("table inet f { chain in { type filter hook input priority 0; " + text + "; }; }");
        const std::size_t open = said.find('[');
        return open == std::string::npos ? said : said.substr(open + 1, said.find(']') - open - 1);
    };
    for (const char* broad :
         {"meta l4proto tcp accept", "meta l4proto { tcp, udp } accept", "ip protocol tcp accept",
          "meta nfproto ipv4 accept", "ct state new accept", "ct state new,established accept",
          "ct state != invalid accept", "iif != lo accept", "tcp dport != 22 accept", "tcp dport 1-65535 accept",
          "udp dport 1024-65535 accept", "tcp dport >= 1024 accept", "tcp dport != { 22, 80 } accept",
          "ip saddr != 192.0.2.1 accept", "meta l4proto tcp ct state new accept"}) {
        INFO(broad);
        if (std::string_view{broad}.find("{ tcp") != std::string_view::npos)
            CHECK(rule(broad) == "if accept");  // what a set holds is not looked at
        else
            CHECK(rule(broad) == "mostly accept");
    }
    for (const char* narrow :
         {"tcp dport 22 accept", "iif lo accept", "ct state established,related accept",
          "meta l4proto ipv6-icmp accept", "ip saddr 10.0.0.0/8 accept", "tcp dport 8000-9000 accept",
          "tcp dport { 22, 80 } accept", "iifname \"eth1\" accept", "iifname != \"wan0\" accept",
          "limit rate 1/second accept", "meta l4proto tcp iif lo accept", "ct state new tcp dport 22 accept",
          "ip saddr 10.0.0.1 tcp dport != 22 accept"}) {
        INFO(narrow);
        CHECK(rule(narrow) == "if accept");
    }
    CHECK(rule("ct state new drop") == "if drop");
}

TEST_CASE("nft: bytes that are no list of expressions are refused") {
    CHECK(filter_rule_text("").empty());
    CHECK_THROWS_AS(filter_rule_text("abc"), annexa::evidence::format_error);
    CHECK_THROWS_AS(filter_rule_text(std::string{"\xff\xff\x01\x00", 4}), annexa::evidence::format_error);
}
