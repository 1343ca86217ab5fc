// Whether failed logins lock an account, service by service: wired so that every failure counts and a locked account is
// refused, and with what numbers.
//
// pam_faillock(8) needs two lines in the right order: preauth (or authsucc) to refuse, authfail to count. pam_tally2
// does both in one. Every way through the stack is walked (support/pam_walk.hpp): a line that is passed over locks
// nothing.
#include "collectors/collector.hpp"
#include "collectors/support/pam_entry.hpp"
#include "collectors/support/pam_options.hpp"
#include "collectors/support/pam_walk.hpp"

#include <algorithm>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"service", Type::text, "Service whose auth stack asks for a password, or lets in whoever comes"},
    {"module", Type::text, "pam_faillock.so, pam_tally2.so or pam_tally.so; empty where there is none"},
    {"counts_failures", Type::boolean, "Whether every wrong password is counted"},
    {"refuses_locked", Type::boolean, "Whether nobody passes with the right password while the account is locked"},
    {"deny", Type::integer, "Failures that lock; 0: never; null without a module", Trait::nullable},
    {"fail_interval", Type::integer, "Seconds within which they count; null where the module has none",
     Trait::nullable},
    {"unlock_time", Type::integer, "Seconds until it is unlocked; 0: only by an administrator; null without a module",
     Trait::nullable},
    {"even_deny_root", Type::boolean, "Whether root is locked too"},
    {"source", Type::text, "File and line that decides deny, else of the module, else of what asks for the password or lets in without"},
    {"asks", Type::text, "Module that asks for the password: pam_unix.so, else the first that may (pam_sss.so); empty: none does"},
    {"lets_everybody_in", Type::boolean,
     "Whether somebody passes for whom no module vouched: pam_permit.so where pam_unix.so should be, a `sufficient` condition, or a wrong "
     "password that is passed over"},
    {"unknown_modules", Type::text,
     "Modules on whose word alone somebody passes and of which it is not known what they ask for: pam_exec.so; empty: none"},
};
constexpr TableDefinition tables[] = {
    {"account_lockout", "Lockout after failed logins, one row a service that asks for passwords", columns},
};

enum Fact : pam::Facts { allowed = 1, refused = 2, right = 4, wrong = 8, counted = 16 };

bool is_tally(const pam::Rule& rule) { return rule.module == "pam_tally2.so" || rule.module == "pam_tally.so"; }

bool told(const pam::Rule& rule, std::string_view word) { return pam::argument(rule, word).has_value(); }

pam::Facts observe(const pam::Rule& rule, pam::Answer answer, pam::Facts facts, std::string_view asking) {
    if (rule.module == asking) return facts | (answer == pam::success ? right : wrong);
    if (is_tally(rule)) return facts | counted | (answer == pam::success ? allowed : refused);
    if (rule.module != "pam_faillock.so") return facts;
    if (told(rule, "authfail")) return facts | counted;
    return facts | (answer == pam::success ? allowed : refused);
}

Value optional_number(const std::optional<std::int64_t>& number) { return number ? Value{*number} : Value{}; }

// "never" of faillock.conf(5) is 0.
void put_never_as_zero(pam::Options& options) {
    for (const std::string_view name : {"unlock_time", "root_unlock_time"})
        if (const auto found = options.find(name); found != options.end() && found->second.value == "never")
            found->second.value = "0";
}

bool has(const pam::Way& way, pam::Facts fact) { return (way.facts & fact) != 0; }

// pam_unix where it is asked, else the first module that may ask for a password; nothing where none does (pam_rootok asks nobody).
const pam::Rule* asking_rule(const pam::Stack& stack) {
    const auto find = [&](auto wanted) {
        const auto found = std::find_if(stack.begin(), stack.end(), [&](const pam::Rule& rule) { return !rule.must_fail && !rule.substack && wanted(rule); });
        return found == stack.end() ? nullptr : &*found;
    };
    if (const auto* unix_rule = find([](const pam::Rule& rule) { return rule.module == "pam_unix.so"; })) return unix_rule;
    return find([](const pam::Rule& rule) { return rule.module != "pam_rootok.so" && !pam::is_bystander(rule); });
}

std::optional<Row> row_of(Host& host, const std::string& service, const pam::Stack& stack) {
    const pam::Rule* asking = asking_rule(stack);
    const std::string_view asks = asking == nullptr ? std::string_view{} : std::string_view{asking->module};
    const auto ways = pam::walk(stack, "auth", [&](const pam::Rule& rule, pam::Answer answer, pam::Facts facts) {
        return observe(rule, answer, facts, asks);
    });
    const pam::Entry entry = pam::entry_of(host.files, stack);
    if (asking == nullptr && !entry.everybody && entry.unknown.empty()) return std::nullopt;
    const bool counts = std::none_of(ways.begin(), ways.end(), [&](const pam::Way& way) {
        return !way.passes && has(way, wrong) && !has(way, counted) && !has(way, refused);
    });
    const bool refuses = std::none_of(ways.begin(), ways.end(), [&](const pam::Way& way) {
        return way.passes && has(way, right) && (!has(way, allowed) || has(way, refused));
    });
    pam::Options options;
    std::string module, source = asking == nullptr ? std::string{} : asking->source;
    for (const auto& rule : stack) {
        if (rule.must_fail || (rule.module != "pam_faillock.so" && !is_tally(rule))) continue;
        if (module.empty()) {
            module = rule.module;
            source = rule.source;
            const std::string path = pam::argument(rule, "conf").value_or("/etc/security/faillock.conf");
            if (module == "pam_faillock.so")
                if (const auto file = host.files.read(path)) pam::add_file(options, *file);
        }
        pam::add_arguments(options, rule);
    }
    put_never_as_zero(options);
    const bool faillock = module == "pam_faillock.so";
    std::optional<std::int64_t> deny, interval, unlock;
    if (!module.empty()) {
        // pam_tally2 locks nobody unless told how many failures, and for good unless told how long.
        deny = pam::number(options, "deny").value_or(faillock ? 3 : 0);
        unlock = pam::number(options, "unlock_time").value_or(faillock ? 600 : 0);
        if (faillock) interval = pam::number(options, "fail_interval").value_or(900);
        if (const auto found = options.find("deny"); found != options.end()) source = found->second.source;
    }
    // whoever lets in without a password is found there, whatever a module says of failures
    if (entry.everybody || !entry.unknown.empty()) source = pam::opening_rule(stack).source;
    return Row{service,
            module,
            !module.empty() && counts,
            !module.empty() && refuses,
            optional_number(deny),
            optional_number(interval),
            optional_number(unlock),
            pam::flag(options, "even_deny_root"),
            source,
            std::string{asks},
            entry.everybody,
            entry.unknown};
}

std::vector<Table> collect(Host& host) {
    const auto services = pam::services_of(host.files);
    Table table = make_table(tables[0]);
    for (const auto& [name, service] : services) {
        const auto stack = service.find("auth");
        if (stack == service.end()) continue;
        pam::demand_sense(name, stack->second);
        if (auto row = row_of(host, name, stack->second)) table.rows.push_back(*std::move(row));
    }
    return {table};
}

}  // namespace

extern constexpr Collector account_lockout{.name = "account_lockout",
                                           .version = 3,
                                           .tables = tables,
                                           .sources = "PAM's files as in pam_rules; /etc/security/faillock.conf; /etc/group and /etc/passwd where a stack asks for a group",
                                           .collect = collect};

}  // namespace annexa::collectors
