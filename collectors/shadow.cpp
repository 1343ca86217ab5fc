// What /etc/shadow says of each password but for the password: state, kind of hash, age. No hash, no salt and no part
// of either leaves this file.
//
// Grammar: shadow(5) as glibc reads it (support/account_files.hpp); hashes: crypt(5) of libxcrypt. An empty number of
// days and -1 both mean "not set" and are null.
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/name_service.hpp"

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"password_status", Type::text,
     "active (a hash), empty (no password asked for), locked (! or * before it, or nothing that a password could "
     "match), "
     "not_set (!!: none was ever given)"},
    {"hash_alg", Type::text,
     "Kind of the hash, also of a locked one: yescrypt, gost-yescrypt, scrypt, bcrypt, bcrypt-a, bcrypt-x, "
     "sha512crypt, "
     "sha256crypt, sha1crypt, sunmd5, md5crypt, nthash, bsdicrypt, descrypt, bigcrypt, unknown; empty where there is "
     "none"},
    {"last_change", Type::integer, "Day of the last change, counted from 1970-01-01; 0 means: change at next login",
     Trait::nullable},
    {"min", Type::integer, "Days before it may be changed again", Trait::nullable},
    {"max", Type::integer, "Days before it must be changed; null: never", Trait::nullable},
    {"warning", Type::integer, "Days of warning before that", Trait::nullable},
    {"inactive", Type::integer, "Days after expiry before the account is locked", Trait::nullable},
    {"expire", Type::integer, "Day on which the account expires, counted from 1970-01-01; null: never",
     Trait::nullable},
    {"flag", Type::integer, "Reserved field", Trait::nullable},
    {"username", Type::text, "Login name"},
    {"rounds", Type::integer,
     "Cost of the hash: rounds of sha256crypt and sha512crypt (5000 where not written), log2 rounds of bcrypt, the "
     "cost "
     "character of yescrypt and scrypt as a number; null for other kinds",
     Trait::nullable},
    {"source", Type::text, "File and line: /etc/shadow:1"},
};
constexpr TableDefinition tables[] = {
    {"shadow", "State, kind and age of local passwords, one row a line of /etc/shadow", columns},
};

Value optional_number(const std::optional<std::int64_t>& number) { return number ? Value{*number} : Value{}; }

/// Without the file, or with none but blank lines in it, passwords are in /etc/passwd, which the table users tells; a check of both
/// must still be made. But where a line of /etc/passwd sends its reader here (x), what that password is nobody knows.
void demand_unless_unshadowed(Host& host, const std::string& what) {
    const auto passwd = host.files.read("/etc/passwd");
    if (!passwd) throw host_error(Reason::unreadable_source, "/etc/shadow: " + what + ", and /etc/passwd does not exist");
    for (const PasswdEntry& account : parse_passwd(*passwd))
        if (account.password == PasswordField::shadowed)
            throw host_error(Reason::unreadable_source, "/etc/shadow: " + what + ", and " + account.source + " has its password there");
}

std::vector<Table> collect(Host& host) {
    const auto file = host.files.read("/etc/shadow");
    Table table = make_table(tables[0]);
    auto entries = file ? parse_shadow(*file) : std::vector<ShadowEntry>{};
    if (entries.empty()) demand_unless_unshadowed(host, file ? "holds no account" : "does not exist");
    for (const File& more : further_account_files(host.files, "shadow"))
        for (auto& entry : parse_shadow(more)) entries.push_back(std::move(entry));
    for (const auto& entry : entries)
        table.rows.push_back(
            {entry.status, entry.hash ? entry.hash->algorithm : std::string{}, optional_number(entry.last_change),
             optional_number(entry.minimum), optional_number(entry.maximum), optional_number(entry.warning),
             optional_number(entry.inactive), optional_number(entry.expire), optional_number(entry.flag), entry.name,
             entry.hash ? optional_number(entry.hash->rounds) : Value{}, entry.source});
    return {table};
}

}  // namespace

extern constexpr Collector shadow{.name = "shadow",
                                  .version = 3,
                                  .tables = tables,
                                  .needs = Capability::dac_read_search,
                                  .sources = "/etc/shadow, /etc/nsswitch.conf; those of extrausers and altfiles where it names them",
                                  .collect = collect};

}  // namespace annexa::collectors
