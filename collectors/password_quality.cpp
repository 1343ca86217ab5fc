// What PAM demands of a new password, service by service: whether a quality module stands in the way, what it wants,
// whether old passwords are refused, and with what the new one is hashed.
//
// "Enforced" is not "there": every way through the stack is walked (support/pam_walk.hpp), and a module that a
// `sufficient` passes over, that is optional, or that comes after the password was stored, enforces nothing.
#include "collectors/collector.hpp"
#include "collectors/support/pam_entry.hpp"
#include "collectors/support/pam_options.hpp"
#include "collectors/support/pam_walk.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"service", Type::text, "Service whose password stack stores passwords, or says yes and stores none"},
    {"module", Type::text,
     "Quality module: pam_pwquality.so, pam_passwdqc.so, pam_cracklib.so; empty where there is none"},
    {"enforced", Type::boolean, "Whether no password can be stored that the module did not accept"},
    {"shortest", Type::integer,
     "Characters of the shortest password that it takes, credits counted; null without a module", Trait::nullable},
    {"minlen", Type::integer, "minlen as set or by default; null where the module has none", Trait::nullable},
    {"minclass", Type::integer, "Classes of characters that are wanted; null where the module has none",
     Trait::nullable},
    {"dcredit", Type::integer, "Digits: negative the number wanted, positive the credit", Trait::nullable},
    {"ucredit", Type::integer, "The same for upper case", Trait::nullable},
    {"lcredit", Type::integer, "The same for lower case", Trait::nullable},
    {"ocredit", Type::integer, "The same for other characters", Trait::nullable},
    {"difok", Type::integer, "Characters that must differ from the old password", Trait::nullable},
    {"maxrepeat", Type::integer, "Same characters in a row that are taken; 0: any", Trait::nullable},
    {"retry", Type::integer, "Attempts before the module gives up", Trait::nullable},
    {"dictcheck", Type::boolean, "Whether words of a dictionary are refused"},
    {"enforce_for_root", Type::boolean, "Whether root's own choice is held to it too"},
    {"local_users_only", Type::boolean, "Whether users who are not in /etc/passwd are passed over"},
    {"history_module", Type::text, "Module that remembers old passwords: pam_pwhistory.so, pam_unix.so; empty: none"},
    {"history_enforced", Type::boolean, "Whether no password can be stored that it did not accept"},
    {"remember", Type::integer, "Old passwords that are refused; null without such a module", Trait::nullable},
    {"hashing", Type::text,
     "Hash that pam_unix is told to use: yescrypt, sha512, …; empty: ENCRYPT_METHOD of login.defs"},
    {"hashing_rounds", Type::integer, "rounds= of pam_unix; null where not said", Trait::nullable},
    {"source", Type::text, "File and line that decides the length, else of the quality module, else of pam_unix"},
    {"history_source", Type::text, "File and line that decides how many are remembered, else of pam_unix"},
    {"hashing_source", Type::text, "File and line of the module that stores, else of pam_permit, else the last of the stack"},
    {"stores", Type::text, "Module that stores the password: pam_unix.so, else the first that may (pam_sss.so); empty: none does, though the stack says yes"},
};
constexpr TableDefinition tables[] = {
    {"password_quality", "Demands on new passwords, one row a service that stores them", columns},
};

enum Fact : pam::Facts { checked = 1, remembered = 2, stored = 4, stored_unchecked = 8, stored_unremembered = 16 };

bool is_quality(const pam::Rule& rule) {
    return rule.module == "pam_pwquality.so" || rule.module == "pam_passwdqc.so" || rule.module == "pam_cracklib.so";
}

const pam::Rule* find(const pam::Stack& stack, bool (*wanted)(const pam::Rule&)) {
    const auto found = std::find_if(stack.begin(), stack.end(),
                                    [&](const pam::Rule& rule) { return !rule.must_fail && wanted(rule); });
    return found == stack.end() ? nullptr : &*found;
}

pam::Facts observe(const pam::Rule& rule, pam::Answer answer, pam::Facts facts, std::string_view storing) {
    if (answer != pam::success) return facts;
    if (is_quality(rule)) return facts | checked;
    if (rule.module == "pam_pwhistory.so") return facts | remembered;
    if (rule.module != storing) return facts;
    facts |= stored;
    if ((facts & checked) == 0) facts |= stored_unchecked;
    if ((facts & remembered) == 0 && !(rule.module == "pam_unix.so" && pam::argument(rule, "remember"))) facts |= stored_unremembered;
    return facts;
}

std::vector<pam::Way> walk(const pam::Stack& stack, std::string_view storing) {
    return pam::walk(stack, "password", [&](const pam::Rule& rule, pam::Answer answer, pam::Facts facts) {
        return observe(rule, answer, facts, storing);
    });
}

Value optional_number(const std::optional<std::int64_t>& number) { return number ? Value{*number} : Value{}; }

// pam_unix: the last of these arguments wins.
std::string hashing_of(const pam::Rule& rule) {
    constexpr std::array<std::string_view, 8> names{"md5",      "bigcrypt",      "sha256",   "sha512",
                                                    "blowfish", "gost_yescrypt", "yescrypt", "des"};
    std::string hashing;
    for (const auto& word : rule.arguments)
        if (std::find(names.begin(), names.end(), word) != names.end()) hashing = word;
    return hashing;
}

/// `rule` is what stores the password, or what says yes in its place.
Row row_of(Host& host, const std::string& service, const pam::Stack& stack, const pam::Rule& rule, bool stores,
           const std::vector<pam::Way>& ways) {
    const bool by_unix = stores && rule.module == "pam_unix.so";
    const auto never = [&](pam::Facts fact) {
        return std::none_of(ways.begin(), ways.end(),
                            [&](const pam::Way& way) { return way.passes && (way.facts & fact) != 0; });
    };
    const pam::Rule* quality = find(stack, is_quality);
    pam::Options options;
    if (quality != nullptr) {
        if (quality->module == "pam_pwquality.so")
            options = pam::pwquality_options(host.files, *quality);
        else
            pam::add_arguments(options, *quality);
        if (const auto file = options.find("config"); quality->module == "pam_passwdqc.so" && file != options.end())
            if (const auto settings = host.files.read(file->second.value)) {
                options.clear();
                pam::add_file(options, *settings);
                pam::add_arguments(options, *quality);
            }
    }
    const bool libpwquality = quality != nullptr && quality->module == "pam_pwquality.so";
    const bool passwdqc = quality != nullptr && quality->module == "pam_passwdqc.so";
    const auto setting = [&](std::string_view name, std::int64_t fallback) -> Value {
        if (!libpwquality) return optional_number(passwdqc ? std::nullopt : pam::number(options, name));
        return Value{pam::number(options, name).value_or(fallback)};
    };
    std::string length_source = quality != nullptr ? quality->source : rule.source;
    if (const auto found = options.find(passwdqc ? "min" : "minlen"); found != options.end())
        length_source = found->second.source;
    bool for_root = pam::flag(options, "enforce_for_root");
    bool enforcing = !libpwquality || pam::number(options, "enforcing").value_or(1) != 0;
    if (passwdqc) {
        const auto enforce = options.find("enforce");
        for_root = enforce == options.end() || enforce->second.value == "everyone";
        enforcing = enforce == options.end() || enforce->second.value != "none";
    }

    const pam::Rule* history = find(stack, [](const pam::Rule& each) { return each.module == "pam_pwhistory.so"; });
    std::optional<std::int64_t> remember;
    std::string history_module, history_source = rule.source;
    if (history != nullptr) {
        pam::Options settings;
        if (const auto file = host.files.read("/etc/security/pwhistory.conf")) pam::add_file(settings, *file);
        pam::add_arguments(settings, *history);
        remember = pam::number(settings, "remember").value_or(10);
        history_module = history->module;
        const auto found = settings.find("remember");
        history_source = found == settings.end() ? history->source : found->second.source;
    } else if (const auto value = pam::argument(rule, "remember"); by_unix && value) {
        remember = text::integer(*value).value_or(0);
        history_module = rule.module;
    }
    const auto rounds = by_unix ? pam::argument(rule, "rounds") : std::nullopt;
    return {service,
            quality != nullptr ? quality->module : std::string{},
            quality != nullptr && enforcing && never(stored_unchecked),
            quality != nullptr ? optional_number(pam::shortest_password(*quality, options)) : Value{},
            passwdqc ? Value{} : setting("minlen", 8),
            setting("minclass", 0),
            setting("dcredit", 0),
            setting("ucredit", 0),
            setting("lcredit", 0),
            setting("ocredit", 0),
            setting("difok", 1),
            setting("maxrepeat", 0),
            setting("retry", 1),
            quality != nullptr && (!libpwquality || pam::number(options, "dictcheck").value_or(1) != 0),
            for_root,
            pam::flag(options, "local_users_only"),
            history_module,
            !history_module.empty() && remember.value_or(0) > 0 && never(stored_unremembered),
            optional_number(remember),
            by_unix ? hashing_of(rule) : std::string{},
            rounds ? optional_number(text::integer(*rounds)) : Value{},
            length_source,
            history_source,
            rule.source,
            stores ? rule.module : std::string{}};
}

void add_row(Table& table, Host& host, const std::string& service, const pam::Stack& stack) {
    const auto passes_with = [](const std::vector<pam::Way>& ways, pam::Facts facts) {
        return std::any_of(ways.begin(), ways.end(), [&](const pam::Way& way) { return way.passes && (way.facts & facts) == facts; });
    };
    const pam::Rule* unix_rule = find(stack, [](const pam::Rule& rule) { return rule.module == "pam_unix.so"; });
    const pam::Rule* other = find(stack, [](const pam::Rule& rule) { return !rule.substack && rule.module != "pam_unix.so" && !pam::is_bystander(rule); });
    for (const pam::Rule* storing : {unix_rule, other}) {
        if (storing == nullptr) continue;
        const auto ways = walk(stack, storing->module);
        if (!passes_with(ways, stored)) continue;
        table.rows.push_back(row_of(host, service, stack, *storing, true, ways));
        return;
    }
    // Nothing stores, and still a new password is taken for set: whoever changed one believes that the old no longer holds.
    const auto ways = walk(stack, {});
    if (!passes_with(ways, 0)) return;
    const pam::Rule* permit = find(stack, [](const pam::Rule& rule) { return rule.module == "pam_permit.so"; });
    table.rows.push_back(row_of(host, service, stack, permit == nullptr ? stack.back() : *permit, false, ways));
}

std::vector<Table> collect(Host& host) {
    const auto services = pam::services_of(host.files);
    Table table = make_table(tables[0]);
    for (const auto& [name, service] : services)
        if (const auto stack = service.find("password"); stack != service.end()) {
            pam::demand_sense(name, stack->second);
            add_row(table, host, name, stack->second);
        }
    return {table};
}

}  // namespace

extern constexpr Collector password_quality{
    .name = "password_quality",
    .version = 3,
    .tables = tables,
    .sources = "PAM's files as in pam_rules; /etc/security/pwquality.conf with its .d, /etc/security/pwhistory.conf",
    .collect = collect};

}  // namespace annexa::collectors
