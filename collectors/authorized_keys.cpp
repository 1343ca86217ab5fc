// Keys that let in over SSH: for every account the files that AuthorizedKeysFile names, in every way that sshd is
// started and every Match block, and what else sshd asks for keys.
//
// Format: sshd(8), AUTHORIZED_KEYS FILE FORMAT; tokens: sshd_config(5), TOKENS. What sshd passes over (an unknown kind
// of key, a file that is none) has no row. Values of the option environment are in no row.
#include "collectors/collector.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/name_service.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/ssh_public_key.hpp"
#include "collectors/support/sshd_host.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <set>

namespace annexa::collectors {
namespace {

constexpr Column key_columns[] = {
    {"uid", Type::integer, "User id of the account that it lets in"},
    {"algorithm", Type::text, "ssh-ed25519, ssh-rsa, …"},
    {"key", Type::text, "The public key, in base64"},
    {"options", Type::text, "Options before it, as written; of environment the value is hidden"},
    {"comment", Type::text, "What stands behind it"},
    {"key_file", Type::text, "File that it stands in"},
    {"username", Type::text, "Account"},
    {"bits", Type::integer, "Length: of the modulus, the prime or the curve"},
    {"fingerprint", Type::text, "SHA256:…, as ssh-keygen -l prints it"},
    {"restricted", Type::boolean,
     "Whether it is good for one command (command=, not a shell) or from some addresses (from=, not *) alone"},
    {"authority", Type::boolean, "Whether it is no key but signs certificates that let in (cert-authority)"},
    {"source", Type::text, "File and line"},
};
constexpr Column source_columns[] = {
    {"kind", Type::text,
     "files (AuthorizedKeysFile), command (AuthorizedKeysCommand), authorities (TrustedUserCAKeys)"},
    {"name", Type::text, "As set: .ssh/authorized_keys, /usr/bin/sss_ssh_authorizedkeys %u"},
    {"match", Type::text, "Match block that sets it, as in sshd_effective"},
    {"source", Type::text, "File and line; default where none did"},
};
constexpr TableDefinition tables[] = {
    {"authorized_keys", "Public keys that let in over SSH, one row an account and key", key_columns},
    {"authorized_key_sources", "What sshd asks for keys, one row a setting", source_columns},
};

constexpr std::size_t most_keys = 100000;

std::string path_of(const std::string& pattern, const PasswdEntry& account) {
    std::string path;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 == pattern.size()) {
            path += pattern[i];
            continue;
        }
        const char token = pattern[++i];
        if (token == 'h') path += account.directory;
        if (token == 'u') path += account.name;
        if (token == 'U') path += std::to_string(account.uid);
        if (token == '%') path += '%';
    }
    return path.starts_with('/') ? path : account.directory + "/" + path;
}

std::string shown(const std::vector<std::string>& options) {
    std::string text;
    for (const std::string& option : options) {
        text += text.empty() ? "" : ",";
        const auto equals = option.find('=');
        const auto value = equals == std::string::npos ? equals : option.find('=', equals + 1);
        if (text::lower(std::string_view{option}.substr(0, equals)) == "environment") {
            text += option.substr(0, value == std::string::npos ? equals : value) + "=<hidden>\"";
            continue;
        }
        std::string words;  // credentials among a command's arguments
        for (const std::string_view word : text::split(option, ' '))
            words += (words.empty() ? "" : " ") + (word == option ? std::string{word} : without_secret(word));
        text += words;
    }
    return text;
}

bool has_option(const SshPublicKey& key, std::string_view name) {
    for (const std::string& option : key.options)
        if (text::equal_without_case(std::string_view{option}.substr(0, option.find('=')), name)) return true;
    return false;
}

std::string value_of(const std::string& option) {
    const auto equals = option.find('=');
    std::string value = equals == std::string::npos ? std::string{} : option.substr(equals + 1);
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
}

// from="*" binds nothing, nor does a command that is a shell or runs whatever is asked for.
bool is_bound(const SshPublicKey& key) {
    for (const std::string& option : key.options) {
        const std::string name = text::lower(std::string_view{option}.substr(0, option.find('=')));
        const std::string value = value_of(option);
        if (name == "from") {
            const auto patterns = text::split(value, ',');
            const auto everywhere = [](std::string_view each) { return each == "*" || each.ends_with("/0"); };
            if (std::none_of(patterns.begin(), patterns.end(), everywhere)) return true;
        }
        if (name == "command") {
            const auto words = text::words(value);
            const std::string_view program = words.empty() ? std::string_view{} : text::file_name(words[0]);
            const bool shell = words.size() == 1 && (program.ends_with("sh") || program == "su" || program == "login");
            if (!words.empty() && !shell && value.find("SSH_ORIGINAL_COMMAND") == std::string::npos) return true;
        }
    }
    return false;
}

void add_file(Table& table, Files& files, const std::string& path, const PasswdEntry& account) {
    const auto status = files.status(path);
    if (!status || status->kind != FileKind::regular) return;
    const auto file = files.read(path);
    if (!file) return;
    for (const text::Line& line : text::raw_lines(file->text)) {
        const auto key = parse_authorized_key(line.text);
        if (!key) continue;
        if (table.rows.size() >= most_keys)
            throw host_error(Reason::malformed_source, path + ": too many keys on this host");
        table.rows.push_back({std::int64_t{account.uid}, key->algorithm, key->base64, shown(key->options), key->comment,
                              path, account.name, key->bits, key->fingerprint, is_bound(*key),
                              has_option(*key, "cert-authority"), path + ":" + std::to_string(line.number)});
    }
}

std::vector<Table> collect(Host& host) {
    sshd::demand_installed(host);
    Table keys = make_table(tables[0]);
    Table sources = make_table(tables[1]);
    std::set<std::string> patterns;
    for (const auto& [match, settings] : sshd::circumstances(host))
        for (const sshd::Effective& setting : settings) {
            const bool files = setting.name == "authorizedkeysfile";
            if (!files && setting.name != "authorizedkeyscommand" && setting.name != "trustedusercakeys") continue;
            if (setting.value == "none") continue;
            sources.rows.push_back({std::string{files                                 ? "files"
                                                : setting.name == "trustedusercakeys" ? "authorities"
                                                                                      : "command"},
                                    setting.value, match, setting.source});
            if (files)
                for (const std::string_view pattern : text::words(setting.value)) patterns.emplace(pattern);
        }
    for (const PasswdEntry& account : all_accounts(host.files)) {
        std::set<std::string> paths;
        for (const std::string& pattern : patterns) paths.insert(path_of(pattern, account));
        for (const std::string& path : paths)
            if (path.starts_with('/')) add_file(keys, host.files, path, account);
    }
    return {keys, sources};
}

}  // namespace

extern constexpr Collector authorized_keys{.name = "authorized_keys",
                                           .version = 1,
                                           .tables = tables,
                                           .needs = Capability::dac_read_search,
                                           .sources =
                                               "The files that AuthorizedKeysFile names (.ssh/authorized_keys and "
                                               ".ssh/authorized_keys2 of every account); sshd's configuration as in "
                                               "sshd_effective; /etc/passwd and what nsswitch.conf names beside it",
                                           .collect = collect};

}  // namespace annexa::collectors
