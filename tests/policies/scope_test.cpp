// The scope's rule on name, tag and network: what brings a host in, and that nothing that it says takes it out.
#include "policies/scope.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace annexa::policies;

namespace {

using Kind = ScopeCondition::Kind;
ScopeCondition called(const std::string& glob) { return {Kind::name, "", glob}; }
ScopeCondition tagged(const std::string& key, const std::string& value) { return {Kind::tag, key, value}; }
ScopeCondition within(const std::string& cidr) { return {Kind::network, "", cidr}; }

const ScopeRule production{{{called("db-*"), tagged("environment", "production"), within("10.1.0.0/16")}}};

}  // namespace

TEST_CASE("a group holds where any of its conditions does, a rule where all of its groups do") {
    HostFacts host{"h", {}, {"web-1"}, {}, {}};
    CHECK_FALSE(in_scope(production, host));
    host.tags = {{"environment", "production"}};
    CHECK(in_scope(production, host));
    const ScopeRule both{{{called("web-*"), called("db-*")}, {tagged("environment", "production")}}};
    CHECK(in_scope(both, host));
    host.names = {"mail-1"};
    CHECK_FALSE(in_scope(both, host));
    // No group: every host. A group without a condition: none, and it is said.
    CHECK(in_scope(ScopeRule{}, host));
    CHECK_FALSE(in_scope(ScopeRule{{{}}}, host));
    CHECK(scope_problems(ScopeRule{{{}}}).size() == 1);
}

TEST_CASE("the store's tag decides over what the host says under the same name") {
    HostFacts host{"h", {}, {"web-1"}, {{"environment", {"production"}}}, {}};
    CHECK(in_scope(production, host));
    host.tags = {{"environment", "test"}};
    CHECK_FALSE(in_scope(production, host));
    host.tags = {{"owner", "platform"}};
    CHECK(in_scope(production, host));
}

TEST_CASE("what a host says can bring it in and never out") {
    // Whatever it says beside what it said before: in scope it stays.
    std::mt19937 random{7};
    const std::vector<std::string> names{"db-1", "web-1", "x"}, addresses{"10.1.2.3", "10.2.0.1", "::1"};
    const std::vector<std::string> keys{"environment", "owner"}, values{"production", "test"};
    const auto one_of = [&](const std::vector<std::string>& list) { return list[random() % list.size()]; };
    std::size_t in = 0;
    for (int round = 0; round < 2000; ++round) {
        HostFacts host{"h", {}, {}, {}, {}};
        if (random() % 2) host.tags[one_of(keys)] = one_of(values);
        ScopeRule rule;
        for (unsigned group = 0; group <= random() % 2; ++group)
            rule.all_of_any.push_back(
                {called(one_of({"db-*", "web-?"})), tagged(one_of(keys), one_of(values)), within("10.1.0.0/16")});
        bool was_in = in_scope(rule, host);
        for (int said = 0; said < 6; ++said) {
            if (random() % 3 == 0) host.names.insert(one_of(names));
            if (random() % 3 == 0) host.addresses.insert(one_of(addresses));
            if (random() % 3 == 0) host.said_tags[one_of(keys)].insert(one_of(values));
            const bool is_in = in_scope(rule, host);
            CHECK((is_in || !was_in));
            was_in = is_in;
        }
        in += was_in ? 1 : 0;
    }
    CHECK(in > 100);
    CHECK(in < 2000);
}

TEST_CASE("a person's record alone takes a host out") {
    const HostFacts host{"h", {{"environment", "production"}}, {"web-1"}, {}, {}};
    Scope scope{production, {}, {}, "R-0001@1"};
    CHECK(in_scope(scope, host));
    scope.exclusions.push_back({"other", "R-0002@1"});
    CHECK(in_scope(scope, host));
    scope.exclusions.push_back({"h", "R-0003@1"});
    CHECK_FALSE(in_scope(scope, host));
    // Nothing recorded: every host.
    CHECK(in_scope(Scope{}, HostFacts{"any", {}, {}, {}, {}}));
}

TEST_CASE("globs") {
    CHECK(matches_glob("web-*", "web-1"));
    CHECK(matches_glob("web-*", "WEB-1.example"));
    CHECK(matches_glob("*", ""));
    CHECK(matches_glob("*.example", "a.b.example"));
    CHECK(matches_glob("a*b*c", "aXbYbZc"));
    CHECK(matches_glob("web-?", "web-1"));
    CHECK_FALSE(matches_glob("web-?", "web-12"));
    CHECK_FALSE(matches_glob("web-?", "web-"));
    CHECK_FALSE(matches_glob("web", "web-1"));
    CHECK_FALSE(matches_glob("", "web"));
    CHECK_FALSE(matches_glob("w.b", "web"));
    // Many stars take no exponential time.
    CHECK_FALSE(matches_glob(std::string(60, '*') + "a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST_CASE("networks of IPv4 and IPv6") {
    CHECK(in_network("10.0.0.0/8", "10.255.0.1"));
    CHECK_FALSE(in_network("10.0.0.0/8", "11.0.0.1"));
    CHECK(in_network("192.168.4.0/22", "192.168.7.255"));
    CHECK_FALSE(in_network("192.168.4.0/22", "192.168.8.0"));
    CHECK(in_network("0.0.0.0/0", "203.0.113.9"));
    CHECK_FALSE(in_network("0.0.0.0/0", "2001:db8::1"));
    CHECK(in_network("203.0.113.9", "203.0.113.9"));
    CHECK_FALSE(in_network("203.0.113.9/32", "203.0.113.8"));
    CHECK(in_network("2001:db8::/32", "2001:DB8:1::ff"));
    CHECK_FALSE(in_network("2001:db8::/32", "2001:db9::"));
    CHECK(in_network("fe80::/10", "fe80::1%eth0"));
    CHECK(in_network("::1", "0:0:0:0:0:0:0:1"));
    CHECK(in_network("10.0.0.0/8", "::ffff:10.1.2.3"));
    CHECK(in_network("::/0", "2001:db8::1"));
    for (const char* wrong : {"10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "010.0.0.0/8", "256.0.0.0/8", "2001:db8::/129",
                              "2001:db8:::/32", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "12345::", "::1::", "", "/8",
                              "fe80::1%eth0", "10.0.0.0/8x", "1.2.3.4::"}) {
        INFO(wrong);
        CHECK_FALSE(in_network(wrong, "10.0.0.1"));
        CHECK_FALSE(in_network(wrong, "::1"));
        CHECK(scope_problems(ScopeRule{{{within(wrong)}}}).size() == 1);
    }
    CHECK(scope_problems(production).empty());
    CHECK(scope_problems(ScopeRule{{{tagged("", "x"), called("")}}}).size() == 2);
}
