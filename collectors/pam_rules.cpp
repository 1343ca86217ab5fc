// The modules that PAM asks, service by service and type by type, with includes and substacks in their place.
//
// Grammar: pam.d(5), pam.conf(5), libpam's own parser (support/pam_stack.hpp). A type that a service has no line of is
// what the service `other` says.
#include "collectors/collector.hpp"
#include "collectors/support/pam_stack.hpp"
#include "collectors/support/pam_walk.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"service", Type::text, "Name that a program gives to PAM: sshd, login, su"},
    {"type", Type::text, "auth, account, password or session"},
    {"position", Type::integer, "Place in the resolved stack, from 1"},
    {"level", Type::integer, "How many substacks the line stands in"},
    {"control", Type::text, "required, sufficient, … or the list that stands in brackets; substack begins one"},
    {"module", Type::text, "Module's file name; of a substack the file that it holds"},
    {"arguments", Type::text, "Arguments, one with blanks in brackets"},
    {"valid", Type::boolean, "False where libpam cannot make sense of the line: it counts as a module that fails"},
    {"source", Type::text, "File and line: /etc/pam.d/common-auth:17"},
    {"unavoidable", Type::boolean,
     "Of auth: whether nobody passes the stack unless this module was asked and did not refuse, whatever else answers"},
};
constexpr TableDefinition tables[] = {
    {"pam_rules", "PAM's stacks as resolved, one row a line of a service's stack", columns},
};

// A module that is told to pass over those who have not set it up is no hindrance to them.
bool passes_over_strangers(const pam::Rule& rule) {
    constexpr std::array<std::string_view, 4> words{"nullok", "nouserok", "failmode", "allow_missing"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return pam::argument(rule, word).has_value(); });
}

/// Walks all ways through the stack: jumps, substacks and sufficient modules before it lead past a rule.
bool is_unavoidable(const pam::Stack& stack, const pam::Rule& asked) {
    if (asked.substack || asked.must_fail || passes_over_strangers(asked) || pam::is_bystander(asked)) return false;
    const auto ways = pam::walk(stack, "auth", [&](const pam::Rule& rule, pam::Answer answer, pam::Facts facts) {
        const bool agreed = answer == pam::success || answer == pam::ignored;
        return &rule == &asked && agreed ? 1U : facts;
    });
    return std::none_of(ways.begin(), ways.end(), [](const pam::Way& way) { return way.passes && way.facts == 0; });
}

std::vector<Table> collect(Host& host) {
    const auto services = pam::services_of(host.files);
    Table table = make_table(tables[0]);
    for (const auto& [name, service] : services)
        for (const auto& [type, stack] : service) {
            std::int64_t position = 0;
            for (const auto& rule : stack)
                table.rows.push_back({name, type, ++position, std::int64_t{rule.level}, rule.control, rule.module,
                                      pam::joined_arguments(rule), !rule.must_fail, rule.source,
                                      type == "auth" && is_unavoidable(stack, rule)});
        }
    return {table};
}

}  // namespace

extern constexpr Collector pam_rules{
    .name = "pam_rules",
    .version = 2,
    .tables = tables,
    .sources = "/etc/pam.d, /usr/lib/pam.d, /usr/etc/pam.d, or /etc/pam.conf where there are none",
    .collect = collect};

}  // namespace annexa::collectors
