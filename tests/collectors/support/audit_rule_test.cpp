#include "collectors/support/audit_rule.hpp"

#include "collectors/host.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

namespace {
std::string meaning(std::string_view text) {
    const auto rule = parse_audit_rule(text, "/r:1");
    return rule ? rule->meaning() : "none";
}
}  // namespace

TEST_CASE("audit rules that mean the same are equal") {
    const auto [a, b] = GENERATE(table<std::string, std::string>({
        {"-w /etc/passwd -p wa -k identity", "-a always,exit -F path=/etc/passwd -F perm=aw -F key=other"},
        {"-w /etc/passwd -p wa", "-a exit,always -S all -F path=/etc/passwd -F perm=wa"},
        {"-w /etc/sudoers.d/ -p wa", "-a always,exit -F dir=/etc/sudoers.d -F perm=wa"},
        {"-w /etc/shadow", "-w /etc/shadow -p rwxa"},
        {"-a always,exit -F arch=b64 -S adjtimex,settimeofday -k t",
         "-a exit,always -F key=u -S settimeofday -F arch=x86_64 -S adjtimex"},
        {"-a always,exit -S chmod -F auid>=1000 -F auid!=unset", "-a always,exit -F auid!=4294967295 -F auid>=1000 -S chmod"},
        {"-a always,exit -S chmod -F auid!=-1", "-A always,exit -S chmod -F loginuid!=unset"},
        {"-a always,exit -S execve -C uid!=euid", "-a always,exit -C euid!=uid -S execve"},
    }));
    INFO(a);
    INFO(b);
    CHECK(meaning(a) == meaning(b));
}

TEST_CASE("audit rules that mean something else differ") {
    const auto [a, b] = GENERATE(table<std::string, std::string>({
        {"-w /etc/passwd -p wa", "-w /etc/passwd -p r"},
        {"-w /etc/passwd -p wa", "-a never,exit -F path=/etc/passwd -F perm=wa"},
        {"-a always,exit -F arch=b64 -S open", "-a always,exit -F arch=b32 -S open"},
        {"-a always,exit -S open -F auid>=1000", "-a always,exit -S open -F auid>1000"},
        {"-w /etc/a -p wa", "-w /etc/a/ -p wa"},
    }));
    INFO(a);
    CHECK(meaning(a) != meaning(b));
}

TEST_CASE("audit rule files: -D forgets, controls are kept, lines are named") {
    AuditRuleFile file;
    parse_audit_rules("/etc/audit/rules.d/audit.rules",
                      "-w /gone -p wa\n-D\n-b 8192\n--backlog_wait_time 60000\n-f 1\n# comment\n\n-w /etc/passwd -p wa -k id # x\n-e 2\n", file);
    REQUIRE(file.rules.size() == 1);
    CHECK(file.deletes_all);
    CHECK(file.rules[0].source == "/etc/audit/rules.d/audit.rules:8");
    CHECK(file.rules[0].keys == std::vector<std::string>{"id"});
    CHECK(file.controls.at("e") == "2");
    CHECK(file.controls.at("b") == "8192");
}

TEST_CASE("what is no audit rule is refused with its line") {
    const auto text = GENERATE("-a always -S open", "-w", "-w relative -p w", "-w /x -p q", "-a perhaps,exit -S open",
                               "-S open", "-a always,exit -F auid", "--watch /x; -w /y", "-a always,exit -Z x");
    INFO(text);
    if (std::string_view{text}.starts_with("--")) CHECK_FALSE(parse_audit_rule(text, "/r:7"));
    else CHECK_THROWS_WITH(parse_audit_rule(text, "/r:7"), Catch::StartsWith("/r:7: "));
}
