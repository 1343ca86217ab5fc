// What the system lets programs negotiate by default: the crypto policy of RPM systems (crypto-policies(7),
// update-crypto-policies(8)) and the defaults of libssl in openssl.cnf (config(5ssl), SSL_CONF_cmd(3)).
//
// A policy is in force when it was applied (state/current), not when it was configured; openssl follows it where its
// own configuration includes the back-end. In openssl.cnf only the section counts that openssl_conf, ssl_conf and
// system_default lead to. Where it says nothing, what was built in counts: security level 2 in Debian and Ubuntu, 1 as
// OpenSSL ships it (before 3.2); from level 1 on OpenSSL 3 speaks nothing older than TLS 1.2. A program may ask for
// less than this, and GnuTLS and NSS have settings of their own: neither is seen here.
#include "collectors/collector.hpp"
#include "collectors/support/glob.hpp"
#include "collectors/support/openssl_config.hpp"
#include "collectors/support/os_release.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>

namespace annexa::collectors {
namespace {

constexpr Column columns[] = {
    {"tool", Type::text, "What decides: crypto-policies or openssl"},
    {"policy", Type::text, "Policy that was applied: DEFAULT:SHA1; empty without crypto-policies"},
    {"configured", Type::text, "Policy that is configured; empty without crypto-policies"},
    {"openssl_follows", Type::boolean,
     "Whether openssl.cnf includes what the policy says; false without crypto-policies"},
    {"min_protocol", Type::text, "Oldest protocol that libssl speaks by default: TLSv1.2; none: any"},
    {"min_protocol_source", Type::text, "File and line that decided it, or built in"},
    {"security_level", Type::integer, "Security level of libssl by default, 0 to 5"},
    {"security_level_source", Type::text, "File and line that decided it, or built in"},
    {"fips_enabled", Type::boolean, "Whether the kernel is in FIPS mode; null for an image", Trait::nullable},
    {"source", Type::text, "File that names the policy, or openssl's configuration"},
};
constexpr TableDefinition tables[] = {
    {"crypto_policy", "Defaults of the system for TLS, one row", columns},
};

constexpr std::array<std::string_view, 5> protocols{"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

std::size_t rank(std::string_view protocol) {
    for (std::size_t i = 0; i < protocols.size(); ++i)
        if (text::equal_without_case(protocols[i], protocol)) return i;
    return protocols.size();
}

// Protocol = ALL, -SSLv3, …: the oldest that is left (SSL_CONF_cmd(3)); nothing where none is said.
std::string oldest_of(std::string_view list) {
    std::array<bool, protocols.size()> on{};
    bool relative = true;
    for (std::string_view item : text::split(list, ',')) {
        item = text::trimmed(item);
        const bool off = item.starts_with('-');
        if (off || item.starts_with('+'))
            item.remove_prefix(1);
        else if (!item.empty())
            relative = false;
        const bool all = text::equal_without_case(item, "ALL");
        for (std::size_t i = 0; i < on.size(); ++i)
            if (all || rank(item) == i) on.at(i) = !off;
    }
    if (relative) return {};  // only what was taken away or added to a default
    for (std::size_t i = 0; i < on.size(); ++i)
        if (on.at(i)) return std::string{protocols.at(i)};
    return {};
}

struct Defaults {
    std::string protocol, protocol_source;
    std::int64_t level = 1;
    std::string level_source = "built in";
};

bool has_library(Files& files, std::string_view name) {
    for (const char* folder : {"/usr/lib/*/", "/usr/lib64/", "/usr/lib/", "/lib/*/", "/lib64/"})
        if (!glob(files, std::string{folder} + std::string{name}).empty()) return true;
    return false;
}

// Debian's rules say -DOPENSSL_TLS_SECURITY_LEVEL=2; Ubuntu's level 2 refuses what is older than TLS 1.2 in 1.1 too.
bool is_like(Files& files, std::initializer_list<std::string_view> names) {
    if (!files.status("/etc/os-release") && !files.status("/usr/lib/os-release")) return false;
    const OsRelease release = read_os_release(files);
    const std::string ids = release.value("ID") + " " + release.value("ID_LIKE");
    for (const std::string_view word : text::words(ids))
        if (std::find(names.begin(), names.end(), word) != names.end()) return true;
    return false;
}

Defaults defaults_of(Files& files, const OpensslConfig& config, bool modern) {
    Defaults defaults;
    if (is_like(files, {"debian", "ubuntu"})) defaults.level = 2;
    for (const auto& [written, setting] : openssl_system_default(config)) {
        // TLS.MinProtocol is MinProtocol: what stands before a dot only makes names unlike (config(5ssl))
        const std::size_t dot = written.find('.');
        const std::string name = text::lower(dot == std::string::npos ? written : written.substr(dot + 1));
        if (name == "minprotocol" || name == "protocol") {
            std::string protocol = name == "protocol" ? oldest_of(setting.value) : setting.value;
            if (text::equal_without_case(protocol, "None")) protocol = "none";
            if (protocol.empty() || protocol.starts_with("DTLS")) continue;
            const bool weaker = protocol == "none" || rank(protocol) < rank(defaults.protocol);
            if (defaults.protocol.empty() || weaker) {
                defaults.protocol = protocol;
                defaults.protocol_source = setting.source;
            }
        } else if (name == "cipherstring") {
            const std::size_t at = setting.value.rfind("@SECLEVEL=");
            const std::string digit = at == std::string::npos ? "" : setting.value.substr(at + 10, 1);
            if (const auto level = text::integer(digit)) {
                defaults.level = *level;
                defaults.level_source = setting.source;
            }
        }
    }
    if (defaults.protocol.empty()) {
        const bool refuses_old = modern ? defaults.level >= 1 : defaults.level >= 2 && is_like(files, {"ubuntu"});
        defaults.protocol = refuses_old ? "TLSv1.2" : "TLSv1";
        defaults.protocol_source = defaults.level_source;
    }
    return defaults;
}

std::string first_word(const std::optional<File>& file) {
    if (file)
        for (const text::Line& line : text::lines(file->text, text::whole_line_comments)) return std::string{line.text};
    return {};
}

std::vector<Table> collect(Host& host) {
    Files& files = host.files;
    const bool modern = has_library(files, "libssl.so.3") || has_library(files, "libssl.so.4");
    const bool policies = files.status("/etc/crypto-policies/config").has_value();
    if (!modern && !policies && !has_library(files, "libssl.so.1.1"))
        throw not_applicable(Reason::not_installed, "neither crypto-policies nor OpenSSL's libssl is installed");
    const std::string path =
        files.status("/etc/pki/tls/openssl.cnf") ? "/etc/pki/tls/openssl.cnf" : "/etc/ssl/openssl.cnf";
    const OpensslConfig config = read_openssl_config(files, path);
    const Defaults defaults = defaults_of(files, config, modern);
    Value fips;
    if (host.kernel != nullptr) {
        const auto enabled = host.kernel->read("/proc/sys/crypto/fips_enabled");
        fips = enabled && text::trimmed(*enabled) == "1";
    }
    const auto is_policy_file = [](const OpensslSetting& setting) {
        return setting.source.starts_with("/etc/crypto-policies/") ||
               setting.source.starts_with("/usr/share/crypto-policies/");
    };
    const auto section = openssl_system_default(config);
    const bool follows = policies && std::any_of(section.begin(), section.end(),
                                                 [&](const auto& each) { return is_policy_file(each.second); });
    Table table = make_table(tables[0]);
    table.rows.push_back({std::string{policies ? "crypto-policies" : "openssl"},
                          policies ? first_word(files.read("/etc/crypto-policies/state/current")) : std::string{},
                          policies ? first_word(files.read("/etc/crypto-policies/config")) : std::string{}, follows,
                          defaults.protocol, defaults.protocol_source, defaults.level, defaults.level_source, fips,
                          policies ? std::string{"/etc/crypto-policies/state/current"} : path});
    return {table};
}

}  // namespace

extern constexpr Collector crypto_policy{
    .name = "crypto_policy",
    .tables = tables,
    .sources =
        "/etc/crypto-policies/state/current, /etc/crypto-policies/config; /etc/pki/tls/openssl.cnf or "
        "/etc/ssl/openssl.cnf and what it includes; /etc/os-release; /proc/sys/crypto/fips_enabled",
    .collect = collect};

}  // namespace annexa::collectors
