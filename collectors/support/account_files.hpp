// /etc/passwd, /etc/group, /etc/shadow and /etc/gshadow as glibc reads them: passwd(5), group(5), shadow(5), gshadow(5) and
// nss_files.
//
// glibc skips blank lines and comments, takes a line whose last fields are missing (`toor::0:0` is an account with uid
// 0 and no password), and drops a line whose numbers are none. We take what it takes; what it would drop, and NIS
// compat lines (+, -), we cannot vouch for: they throw host_error (malformed_source, unsupported_format), never fewer
// rows.
#pragma once

#include "collectors/host.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// What stands in a password field, without what it says.
enum class PasswordField { empty, locked, shadowed, hash };

struct PasswdEntry {
    std::string name, gecos, directory, shell;
    std::uint32_t uid = 0, gid = 0;
    PasswordField password = PasswordField::shadowed;
    std::string source;  // /etc/passwd:12
};

struct GroupEntry {
    std::string name;
    std::uint32_t gid = 0;
    std::vector<std::string> members;
    PasswordField password = PasswordField::shadowed;
    std::string source;
};

/// What a crypt(5) string says of itself: never the string.
struct HashDescription {
    std::string algorithm;  // "yescrypt", "sha512crypt", … ; "unknown" where no prefix is known
    std::optional<std::int64_t>
        rounds;  // sha*crypt: rounds; bcrypt, sunmd5: log2 cost or rounds; yescrypt: its cost digit
};

struct ShadowEntry {
    std::string name;
    std::string status;                   // active, locked, empty, not_set
    std::optional<HashDescription> hash;  // of a locked account too: unlocking brings it back
    std::optional<std::int64_t> last_change, minimum, maximum, warning, inactive, expire, flag;  // days
    std::string source;
};

struct GroupShadowEntry {
    std::string name;
    std::string password_status;  // set (a hash), empty, locked
    std::vector<std::string> administrators, members;
    std::string source;
};

/// Whoever starts a system has an account of uid 0 and a group: a file without any is emptied or cut off (malformed_source), not a
/// host without accounts, of which every check would say that there is nothing to find. A further file (name_service.hpp) may be empty.
enum class Which { main, further };
std::vector<PasswdEntry> parse_passwd(const File& file, Which which = Which::main);
std::vector<GroupEntry> parse_group(const File& file, Which which = Which::main);
std::vector<ShadowEntry> parse_shadow(const File& file);
std::vector<GroupShadowEntry> parse_group_shadow(const File& file);

/// A hash as crypt(5) of libxcrypt names it: $y$ yescrypt, $gy$ gost-yescrypt, $7$ scrypt, $2a$ … bcrypt, $6$
/// sha512crypt, $5$ sha256crypt, $1$ md5crypt, $sha1$, $md5 sunmd5, $3$ nthash, _ bsdicrypt, thirteen characters
/// descrypt.
HashDescription describe_hash(std::string_view hash);

std::string_view password_field_name(PasswordField field);

}  // namespace annexa::collectors
