#include "collectors/support/sshd_keywords.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors::sshd {
namespace {

constexpr bool match = true;
constexpr bool global = false;
constexpr std::string_view yes_no = "yes no";
constexpr std::string_view forwarding = "yes all=yes no remote local";

constexpr Keyword keywords[] = {
    {"acceptenv", Kind::list, match, ""},
    {"addressfamily", Kind::choice, global, "any", "inet inet6 any"},
    {"afstokenpassing"},
    {"allowagentforwarding", Kind::flag, match, "yes", yes_no},
    {"allowgroups", Kind::list, match, ""},
    {"allowstreamlocalforwarding", Kind::choice, match, "yes", forwarding},
    {"allowtcpforwarding", Kind::choice, match, "yes", forwarding},
    {"allowusers", Kind::list, match, ""},
    {"authenticationmethods", Kind::words, match, "any"},
    {"authorizedkeyscommand", Kind::whole, match, "none"},
    {"authorizedkeyscommanduser", Kind::text, match, "none"},
    {"authorizedkeysfile", Kind::words, match, ".ssh/authorized_keys .ssh/authorized_keys2"},
    {"authorizedkeysfile2", Kind::ignored, match},
    {"authorizedprincipalscommand", Kind::whole, match, "none"},
    {"authorizedprincipalscommanduser", Kind::text, match, "none"},
    {"authorizedprincipalsfile", Kind::text, match, "none"},
    {"banner", Kind::text, match, "none"},
    {"casignaturealgorithms", Kind::algorithms, match},
    {"challengeresponseauthentication", Kind::flag, match, "", yes_no, "kbdinteractiveauthentication", {8, 7}},
    {"channeltimeout", Kind::unshown, match, "", "", "", {9, 2}},
    {"checkmail"},
    {"chrootdirectory", Kind::text, match, "none"},
    {"ciphers", Kind::algorithms, global},
    {"clientalivecountmax", Kind::number, match, "3"},
    {"clientaliveinterval", Kind::seconds, match, "0"},
    {"compression", Kind::choice, global, "yes", "yes delayed=yes no"},
    {"debianbanner", Kind::unshown, global},
    {"denygroups", Kind::list, match, ""},
    {"denyusers", Kind::list, match, ""},
    {"disableforwarding", Kind::flag, match, "no", yes_no},
    {"dsaauthentication", Kind::flag, global, "", yes_no, "pubkeyauthentication"},
    {"exposeauthinfo", Kind::flag, match, "no", yes_no},
    {"fingerprinthash", Kind::unshown, global},
    {"forcecommand", Kind::whole, match, "none"},
    {"gatewayports", Kind::choice, match, "no", "clientspecified yes no"},
    {"gssapiauthentication", Kind::flag, match, "no", yes_no},
    {"gssapicleanupcredentials", Kind::flag, global, "yes", yes_no},
    {"gssapienablek5users", Kind::unshown, match},
    {"gssapikexalgorithms", Kind::unshown, match},
    {"gssapikeyexchange", Kind::flag, global, "no", yes_no},
    {"gssapistorecredentialsonrekey", Kind::unshown, global},
    {"gssapistrictacceptorcheck", Kind::flag, global, "yes", yes_no},
    {"hostbasedacceptedalgorithms", Kind::algorithms, match, "", "", "", {8, 5}},
    {"hostbasedauthentication", Kind::flag, match, "no", yes_no},
    {"hostbasedusesnamefrompacketonly", Kind::flag, match, "no", yes_no},
    {"hostcertificate", Kind::repeated, global, ""},
    {"hostdsakey", Kind::repeated, global, "", "", "hostkey"},
    {"hostkey", Kind::repeated, global,
     "/etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key"},
    {"hostkeyagent", Kind::text, global, "none"},
    {"hostkeyalgorithms", Kind::algorithms, global},
    {"ignorerhosts", Kind::choice, match, "yes", "yes no shosts-only"},
    {"ignoreuserknownhosts", Kind::flag, global, "no", yes_no},
    {"include", Kind::unshown, match},
    {"ipqos", Kind::unshown, match},
    {"kbdinteractiveauthentication", Kind::flag, match, "yes", yes_no},
    {"keepalive", Kind::flag, global, "", yes_no, "tcpkeepalive"},
    {"kerberosauthentication", Kind::flag, match, "no", yes_no},
    {"kerberosgetafstoken"},
    {"kerberosorlocalpasswd", Kind::flag, global, "yes", yes_no},
    {"kerberostgtpassing"},
    {"kerberosticketcleanup", Kind::flag, global, "yes", yes_no},
    {"kerberosuniqueccache", Kind::unshown, global},
    {"kerberosusekuserok", Kind::unshown, match},
    {"kexalgorithms", Kind::algorithms, global},
    {"keyregenerationinterval"},
    {"listenaddress", Kind::unshown, global},
    {"logingracetime", Kind::seconds, global, "120"},
    {"loglevel", Kind::level, match, "INFO"},
    {"logverbose", Kind::unshown, match, "", "", "", {8, 5}},
    {"macs", Kind::algorithms, global},
    {"match", Kind::unshown, match},
    {"maxauthtries", Kind::number, match, "6"},
    {"maxsessions", Kind::number, match, "10"},
    {"maxstartups", Kind::startups, global, "10:30:100"},
    {"modulifile", Kind::unshown, global, "", "", "", {8, 5}},
    {"pamauthenticationviakbdint"},
    {"pamservicename", Kind::unshown, match, "", "", "", {9, 8}},
    {"passwordauthentication", Kind::flag, match, "yes", yes_no},
    {"permitemptypasswords", Kind::flag, match, "no", yes_no},
    {"permitlisten", Kind::words, match, "any"},
    {"permitopen", Kind::words, match, "any"},
    {"permitrootlogin", Kind::choice, match, "without-password",
     "without-password prohibit-password=without-password forced-commands-only yes no"},
    {"permittty", Kind::flag, match, "yes", yes_no},
    {"permittunnel", Kind::choice, match, "no", "no point-to-point ethernet yes"},
    {"permituserenvironment", Kind::text, global, "no"},
    {"permituserrc", Kind::flag, match, "yes", yes_no},
    {"persourcemaxstartups", Kind::unshown, global, "", "", "", {8, 5}},
    {"persourcenetblocksize", Kind::unshown, global, "", "", "", {8, 5}},
    {"persourcepenalties", Kind::unshown, global, "", "", "", {9, 8}},
    {"persourcepenaltyexemptlist", Kind::unshown, global, "", "", "", {9, 8}},
    {"pidfile", Kind::unshown, global},
    {"port", Kind::repeated, global, "22"},
    {"printlastlog", Kind::flag, global, "yes", yes_no},
    {"printmotd", Kind::flag, global, "yes", yes_no},
    {"protocol"},
    {"pubkeyacceptedalgorithms", Kind::algorithms, match, "", "", "", {8, 5}},
    {"pubkeyauthentication", Kind::flag, match, "yes", yes_no},
    {"pubkeyauthoptions", Kind::unshown, match},
    {"rdomain", Kind::unshown, match},
    {"refuseconnection", Kind::unshown, match, "", "", "", {9, 9}},
    {"rekeylimit", Kind::rekey, match, "0 0"},
    {"requiredrsasize", Kind::number, match, "1024", "", "", {9, 1}},
    {"reversemappingcheck"},
    {"revokedkeys", Kind::text, match, "none"},
    {"rhostsauthentication"},
    {"rhostsrsaauthentication", Kind::ignored, match},
    {"rsaauthentication", Kind::ignored, match},
    {"rsaminsize", Kind::unshown, match},
    {"securitykeyprovider", Kind::unshown, global},
    {"serverkeybits"},
    {"setenv", Kind::unshown, match},
    {"skeyauthentication", Kind::flag, match, "", yes_no, "kbdinteractiveauthentication"},
    {"sshdauthpath", Kind::unshown, global, "", "", "", {9, 9}},
    {"sshdsessionpath", Kind::unshown, global, "", "", "", {9, 8}},
    {"streamlocalbindmask", Kind::octal, match, "0177"},
    {"streamlocalbindunlink", Kind::flag, match, "no", yes_no},
    {"strictmodes", Kind::flag, global, "yes", yes_no},
    {"subsystem", Kind::unshown, match},
    {"syslogfacility", Kind::facility, global, "AUTH"},
    {"tcpkeepalive", Kind::flag, global, "yes", yes_no},
    {"trustedusercakeys", Kind::text, match, "none"},
    {"unusedconnectiontimeout", Kind::unshown, match, "", "", "", {9, 2}},
    {"usedns", Kind::flag, global, "no", yes_no},
    {"uselogin"},
    {"usepam", Kind::flag, global, "no", yes_no},
    {"useprivilegeseparation"},
    {"verifyreversemapping"},
    {"versionaddendum", Kind::whole, global, "none"},
    {"x11displayoffset", Kind::number, match, "10"},
    {"x11forwarding", Kind::flag, match, "no", yes_no},
    {"x11uselocalhost", Kind::flag, match, "yes", yes_no},
    {"xauthlocation", Kind::unshown, global},
};

// Before 8.5 and 8.7 these were so.
constexpr Keyword older[] = {
    {"challengeresponseauthentication", Kind::flag, global, "yes", yes_no},
    {"hostbasedacceptedkeytypes", Kind::algorithms, match},
    {"ignorerhosts", Kind::choice, global, "yes", "yes no shosts-only"},
    {"kbdinteractiveauthentication", Kind::flag, match, "no", yes_no},
    {"pubkeyacceptedkeytypes", Kind::algorithms, match},
    {"skeyauthentication", Kind::flag, global, "", yes_no, "challengeresponseauthentication"},
    {"subsystem", Kind::unshown, global},
};
constexpr Keyword renamed[] = {
    {"hostbasedacceptedkeytypes", Kind::algorithms, match, "", "", "hostbasedacceptedalgorithms"},
    {"pubkeyacceptedkeytypes", Kind::algorithms, match, "", "", "pubkeyacceptedalgorithms"},
};

// When each of those came to be as it is now: 8.5 renamed the key types, 8.7 made one of the two interactive settings,
// 9.5 let Subsystem stand in Match.
Release changed_in(std::string_view name) {
    if (name == "challengeresponseauthentication" || name == "kbdinteractiveauthentication" ||
        name == "skeyauthentication")
        return {8, 7};
    if (name == "subsystem") return {9, 5};
    return {8, 5};
}

constexpr std::string_view key_types =
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh."
    "com,"
    "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@"
    "openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-"
    "nistp384,"
    "ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";
constexpr std::string_view key_types_8_5 =
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh."
    "com,"
    "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@"
    "openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-rsa-cert-v01@openssh.com,ssh-ed25519,"
    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,"
    "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256,ssh-rsa";
constexpr std::string_view key_types_8_2 =
    "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@"
    "openssh.com,"
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-rsa-cert-v01@openssh.com,ecdsa-sha2-"
    "nistp256,"
    "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,sk-ssh-ed25519@openssh.com,"
    "rsa-sha2-512,rsa-sha2-256,ssh-rsa";
constexpr std::string_view key_types_8_0 =
    "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@"
    "openssh.com,"
    "ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
    "ssh-rsa-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-ed25519,rsa-sha2-512,"
    "rsa-sha2-256,ssh-rsa";
constexpr std::string_view curves =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521";
constexpr std::string_view groups =
    ",diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
    "diffie-hellman-group14-sha256";

struct DefaultList {
    std::string_view keyword;
    Release since;
    std::string_view before, list, after;
};
// The newest release first; the lists of myproposal.h.
constexpr DefaultList defaults[] = {
    {"ciphers",
     {10, 0},
     "",
     "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
     ""},
    {"ciphers",
     {0, 0},
     "",
     "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
     ""},
    {"macs",
     {0, 0},
     "",
     "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
     "hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1",
     ""},
    {"kexalgorithms",
     {10, 0},
     "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,",
     curves,
     ""},
    {"kexalgorithms",
     {9, 9},
     "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,",
     curves,
     groups},
    // Debian 12 brought the name without a domain back to its 9.2.
    {"kexalgorithms", {9, 2}, "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,", curves, groups},
    {"kexalgorithms", {9, 0}, "sntrup761x25519-sha512@openssh.com,", curves, groups},
    {"kexalgorithms",
     {8, 9},
     "",
     curves,
     ",sntrup761x25519-sha512@openssh.com,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-"
     "hellman-group18-sha512,diffie-hellman-group14-sha256"},
    {"kexalgorithms", {8, 2}, "", curves, groups},
    {"kexalgorithms",
     {0, 0},
     "",
     curves,
     ",diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-"
     "group14-sha256,diffie-hellman-group14-sha1"},
    {"casignaturealgorithms",
     {8, 5},
     "",
     "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-"
     "nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256",
     ""},
    {"casignaturealgorithms",
     {8, 2},
     "",
     "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,sk-"
     "ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256",
     ""},
    {"casignaturealgorithms",
     {0, 0},
     "",
     "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa",
     ""},
    {"hostkeyalgorithms", {8, 8}, "", key_types, ""},
    {"hostkeyalgorithms", {8, 5}, "", key_types_8_5, ""},
    {"hostkeyalgorithms", {8, 2}, "", key_types_8_2, ""},
    {"hostkeyalgorithms", {0, 0}, "", key_types_8_0, ""},
};

}  // namespace

const Keyword* find_keyword(std::string_view name, Release release) {
    for (const auto& keyword : older)
        if (keyword.name == name && release < changed_in(name)) return &keyword;
    for (const auto& keyword : renamed)
        if (keyword.name == name) return &keyword;
    const auto* const found =
        std::lower_bound(std::begin(keywords), std::end(keywords), name,
                         [](const Keyword& keyword, std::string_view wanted) { return keyword.name < wanted; });
    if (found == std::end(keywords) || found->name != name || release < found->since) return nullptr;
    return found;
}

std::vector<const Keyword*> shown_keywords(Release release) {
    std::vector<const Keyword*> shown;
    const auto add = [&](std::string_view name) {
        const Keyword* keyword = find_keyword(name, release);
        if (keyword != nullptr && keyword->real_name.empty() && keyword->kind != Kind::ignored &&
            keyword->kind != Kind::unshown)
            shown.push_back(keyword);
    };
    for (const auto& keyword : keywords) add(keyword.name);
    if (release < Release{8, 5})
        for (const std::string_view name : {"hostbasedacceptedkeytypes", "pubkeyacceptedkeytypes"}) add(name);
    std::sort(shown.begin(), shown.end(), [](const Keyword* a, const Keyword* b) { return a->name < b->name; });
    return shown;
}

std::string default_algorithms(std::string_view keyword, Release release) {
    // The three lists of key types have one default.
    if (keyword.substr(0, 9) == "hostbased" || keyword.substr(0, 14) == "pubkeyaccepted") keyword = "hostkeyalgorithms";
    for (const auto& list : defaults)
        if (list.keyword == keyword && release >= list.since)
            return std::string{list.before} + std::string{list.list} + std::string{list.after};
    return {};
}

std::vector<std::string> known_algorithms(std::string_view keyword) {
    if (keyword == "ciphers")
        return {"3des-cbc",
                "aes128-cbc",
                "aes192-cbc",
                "aes256-cbc",
                "aes128-ctr",
                "aes192-ctr",
                "aes256-ctr",
                "aes128-gcm@openssh.com",
                "aes256-gcm@openssh.com",
                "chacha20-poly1305@openssh.com"};
    if (keyword == "macs")
        return {"hmac-sha1",
                "hmac-sha1-96",
                "hmac-sha2-256",
                "hmac-sha2-512",
                "hmac-md5",
                "hmac-md5-96",
                "umac-64@openssh.com",
                "umac-128@openssh.com",
                "hmac-sha1-etm@openssh.com",
                "hmac-sha1-96-etm@openssh.com",
                "hmac-sha2-256-etm@openssh.com",
                "hmac-sha2-512-etm@openssh.com",
                "hmac-md5-etm@openssh.com",
                "hmac-md5-96-etm@openssh.com",
                "umac-64-etm@openssh.com",
                "umac-128-etm@openssh.com"};
    if (keyword == "kexalgorithms")
        return {"diffie-hellman-group1-sha1",
                "diffie-hellman-group14-sha1",
                "diffie-hellman-group14-sha256",
                "diffie-hellman-group16-sha512",
                "diffie-hellman-group18-sha512",
                "diffie-hellman-group-exchange-sha1",
                "diffie-hellman-group-exchange-sha256",
                "ecdh-sha2-nistp256",
                "ecdh-sha2-nistp384",
                "ecdh-sha2-nistp521",
                "curve25519-sha256",
                "curve25519-sha256@libssh.org",
                "sntrup761x25519-sha512",
                "sntrup761x25519-sha512@openssh.com",
                "mlkem768x25519-sha256"};
    return {"ssh-ed25519",
            "ssh-ed25519-cert-v01@openssh.com",
            "sk-ssh-ed25519@openssh.com",
            "sk-ssh-ed25519-cert-v01@openssh.com",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp256-cert-v01@openssh.com",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp384-cert-v01@openssh.com",
            "ecdsa-sha2-nistp521",
            "ecdsa-sha2-nistp521-cert-v01@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com",
            "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
            "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
            "ssh-dss",
            "ssh-dss-cert-v01@openssh.com",
            "ssh-rsa",
            "ssh-rsa-cert-v01@openssh.com",
            "rsa-sha2-256",
            "rsa-sha2-256-cert-v01@openssh.com",
            "rsa-sha2-512",
            "rsa-sha2-512-cert-v01@openssh.com"};
}

}  // namespace annexa::collectors::sshd
