#include "collectors/support/pam_entry.hpp"

#include "collectors/support/account_files.hpp"
#include "collectors/support/name_service.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>

namespace annexa::collectors::pam {
namespace {

enum Fact : Facts { vouched = 1, believed = 2 };

// Whether the rule asks for membership of one group, and of nothing else: that group.
std::optional<std::string> group_asked(const Rule& rule) {
    if (rule.module != "pam_succeed_if.so") return std::nullopt;
    std::vector<std::string> words;
    for (const auto& word : rule.arguments)
        if (!word.starts_with("quiet") && word != "debug" && word != "use_uid" && word != "audit")
            words.push_back(word);
    if (words.size() != 3 || words[0] != "user" || words[1] != "ingroup") return std::nullopt;
    if (words[2].find(':') != std::string::npos) return std::nullopt;  // several groups
    return words[2];
}

bool nobody_is_in(Files& files, const std::string& name) {
    try {
        if (!further_account_files(files, "group").empty() || !further_account_files(files, "passwd").empty()) return false;
    } catch (const host_error&) {
        return false;  // a directory may name somebody
    }
    const auto group_file = files.read("/etc/group");
    const auto passwd_file = files.read("/etc/passwd");
    if (!group_file || !passwd_file) return false;
    for (const auto& group : parse_group(*group_file)) {
        if (group.name != name) continue;
        if (!group.members.empty()) return false;
        for (const auto& account : parse_passwd(*passwd_file))
            if (account.gid == group.gid) return false;
    }
    return true;
}

}  // namespace

Vouching vouching(const Rule& rule) {
    constexpr std::string_view asking[] = {"pam_unix.so",       "pam_sss.so",        "pam_ldap.so",
                                           "pam_krb5.so",       "pam_winbind.so",    "pam_google_authenticator.so",
                                           "pam_oath.so",       "pam_u2f.so",        "pam_yubico.so",
                                           "pam_pkcs11.so",     "pam_p11.so",        "pam_fprintd.so",
                                           "pam_radius.so",     "pam_tacplus.so",    "pam_radius_auth.so",
                                           "pam_duo.so",        "pam_rootok.so",     "pam_ssh_agent_auth.so",
                                           "pam_userdb.so",     "pam_rssh.so",       "pam_systemd_home.so",
                                           "pam_himmelblau.so", "pam_sss_gss.so",    "pam_mysql.so",
                                           "pam_pgsql.so",      "pam_pwdfile.so",    "pam_timestamp.so",
                                           "pam_lsass.so",      "pam_centrifydc.so", "pam_vas3.so",
                                           "pam_poldi.so",      "pam_ssh.so",        "pam_unix2.so",
                                           "pam_unix_auth.so",  "pam_extrausers.so", "pam_aad.so"};
    constexpr std::string_view deciding[] = {"pam_succeed_if.so", "pam_listfile.so", "pam_wheel.so", "pam_access.so",
                                             "pam_time.so",       "pam_rhosts.so",   "pam_ftp.so",   "pam_userpass.so"};
    const auto is_among = [&](const auto& names) {
        return std::find(std::begin(names), std::end(names), rule.module) != std::end(names);
    };
    if (is_among(asking)) return Vouching::yes;
    if (is_among(deciding) || is_bystander(rule)) return Vouching::no;
    return Vouching::unknown;
}

Entry entry_of(Files& files, const Stack& stack) {
    Stack asked = stack;
    Entry entry;
    for (Rule& rule : asked)
        if (const auto group = group_asked(rule); group && nobody_is_in(files, *group)) rule.module = "pam_deny.so";
    const auto ways = walk(asked, "auth", [](const Rule& rule, Answer answer, Facts facts) -> Facts {
        if (answer != success) return facts;
        const Vouching word = vouching(rule);
        return word == Vouching::yes ? facts | vouched : word == Vouching::unknown ? facts | believed : facts;
    });
    bool alone = false;
    for (const Way& way : ways) {
        if (!way.passes || (way.facts & vouched) != 0) continue;
        ((way.facts & believed) != 0 ? alone : entry.everybody) = true;
    }
    if (!alone) return entry;
    for (const Rule& rule : asked) {
        if (rule.substack || rule.must_fail || vouching(rule) != Vouching::unknown) continue;
        if (entry.unknown.find(rule.module) == std::string::npos)
            entry.unknown += (entry.unknown.empty() ? "" : " ") + rule.module;
    }
    return entry;
}

const Rule& opening_rule(const Stack& stack) {
    const auto find = [&](auto wanted) {
        return std::find_if(stack.begin(), stack.end(),
                            [&](const Rule& rule) { return !rule.substack && !rule.must_fail && wanted(rule); });
    };
    auto found = find([](const Rule& rule) {
        const int on_success = rule.actions[success];
        return rule.module != "pam_deny.so" && vouching(rule) != Vouching::yes &&
               (on_success == done || on_success > 0);
    });
    if (found == stack.end()) found = find([](const Rule& rule) { return rule.module == "pam_permit.so"; });
    return found == stack.end() ? stack.back() : *found;
}

void demand_sense(const std::string& service, const Stack& stack) {
    for (const std::string_view left :
         {"~", ".bak", ".old", ".orig", ".save", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".dpkg-bak", ".ucf-old",
          ".ucf-dist", ".rpmsave", ".rpmnew", ".rpmorig", ".pam-old"})
        if (service.ends_with(left)) return;
    for (const Rule& rule : stack)
        if (rule.must_fail)
            throw host_error(Reason::malformed_source, rule.source +
                                                           ": PAM cannot make sense of this line (a module or a file "
                                                           "that is missing, or an unknown word) and refuses "
                                                           "whoever comes by the service " +
                                                           text::printable(service, 80));
}

}  // namespace annexa::collectors::pam
