#include "collectors/support/account_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace annexa::collectors {
namespace {

struct NumberedLine {
    std::string_view text;
    int number;
};

std::vector<NumberedLine> entries_of(const File& file) {
    std::vector<NumberedLine> lines;
    std::string_view rest = file.text;
    for (int number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        const auto start = line.find_first_not_of(" \t\r\f\v");
        if (start == std::string_view::npos || line[start] == '#') continue;
        line.remove_prefix(start);
        if (line[0] == '+' || line[0] == '-')
            throw host_error(
                evidence::Reason::unsupported_format,
                file.path + ":" + std::to_string(number) + ": a NIS compat entry; its accounts are not in this file");
        lines.push_back({line, number});
    }
    return lines;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

[[noreturn]] void malformed(const std::string& source, const std::string& what) {
    throw host_error(evidence::Reason::malformed_source, source + ": " + what);
}

std::uint32_t identity(std::string_view field, const std::string& source, std::string_view name) {
    std::uint32_t value = 0;
    const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (code != std::errc{} || end != field.data() + field.size() || field.empty())
        malformed(source, "expected a number as " + std::string{name});
    return value;
}

std::string_view at(const std::vector<std::string_view>& fields, std::size_t index) {
    return index < fields.size() ? fields[index] : std::string_view{};
}

// The last field of a line is the rest of it, colons and all: "x:a:b,eve" has the members "a:b" and "eve".
std::string_view rest_from(std::string_view line, std::string_view field) {
    return line.substr(static_cast<std::size_t>(field.data() - line.data()));
}

std::vector<std::string> names_in(std::string_view list) {
    std::vector<std::string> names;
    for (std::string_view name : split(list, ',')) {
        while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
        while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
        if (!name.empty()) names.emplace_back(name);
    }
    return names;
}

bool is_hash_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

// A hash of some kind, as opposed to what crypt(3) can never yield.
bool looks_like_hash(std::string_view field) {
    if (field.size() >= 3 && field[0] == '$') return true;
    if (field.size() == 20 && field[0] == '_') return true;
    return field.size() >= 13 && std::all_of(field.begin(), field.end(), is_hash_character);
}

PasswordField password_field(std::string_view field) {
    if (field.empty()) return PasswordField::empty;
    if (field == "x") return PasswordField::shadowed;
    std::string_view behind = field;
    while (!behind.empty() && (behind[0] == '!' || behind[0] == '*')) behind.remove_prefix(1);
    return looks_like_hash(behind) ? PasswordField::hash : PasswordField::locked;
}

std::optional<std::int64_t> number_from(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> days(std::string_view field, const std::string& source, std::string_view name) {
    if (field.empty()) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (code != std::errc{} || end != field.data() + field.size())
        malformed(source, "expected a number of days as " + std::string{name});
    if (value == -1)
        return std::nullopt;  // chage(1) writes -1 for what is switched off, getspent reads an empty field as -1
    return value;
}

// The rounds of "$5$rounds=N$…" and "$6$rounds=N$…"; 5000 where they are not written (crypt(5)).
std::int64_t sha_rounds(std::string_view after_prefix) {
    constexpr std::string_view word = "rounds=";
    if (after_prefix.substr(0, word.size()) != word) return 5000;
    return number_from(after_prefix.substr(word.size())).value_or(5000);
}

// The cost parameter N of yescrypt and scrypt settings: one character of ./0-9A-Za-z, log2 of N.
std::optional<std::int64_t> encoded_cost(char c) {
    constexpr std::string_view alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const auto index = alphabet.find(c);
    if (index == std::string_view::npos) return std::nullopt;
    return static_cast<std::int64_t>(index);
}

}  // namespace

std::string_view password_field_name(PasswordField field) {
    switch (field) {
        case PasswordField::empty:
            return "empty";
        case PasswordField::locked:
            return "locked";
        case PasswordField::shadowed:
            return "shadowed";
        case PasswordField::hash:
            return "hash";
    }
    return "hash";
}

HashDescription describe_hash(std::string_view hash) {
    const auto begins = [&](std::string_view prefix) { return hash.substr(0, prefix.size()) == prefix; };
    if (begins("$y$") || begins("$gy$")) {
        const std::string_view setting = hash.substr(begins("$y$") ? 3 : 4);
        // "j9T": flavour, then N; crypt_gensalt's counts 1 … 11 give '7', '8', '9' … as N.
        return {begins("$y$") ? "yescrypt" : "gost-yescrypt",
                setting.size() > 1 ? encoded_cost(setting[1]) : std::nullopt};
    }
    if (begins("$7$")) return {"scrypt", hash.size() > 3 ? encoded_cost(hash[3]) : std::nullopt};
    if (begins("$6$")) return {"sha512crypt", sha_rounds(hash.substr(3))};
    if (begins("$5$")) return {"sha256crypt", sha_rounds(hash.substr(3))};
    if (begins("$2$") || begins("$2a$") || begins("$2b$") || begins("$2x$") || begins("$2y$")) {
        const std::string_view rest = hash.substr(hash.find('$', 1) + 1);
        return {begins("$2x$") ? "bcrypt-x" : begins("$2a$") ? "bcrypt-a" : "bcrypt", number_from(rest)};
    }
    if (begins("$sha1$")) return {"sha1crypt", number_from(hash.substr(6))};
    if (begins("$md5,rounds=")) return {"sunmd5", number_from(hash.substr(12))};
    if (begins("$md5")) return {"sunmd5", std::nullopt};
    if (begins("$1$") || begins("$apr1$")) return {"md5crypt", std::nullopt};
    if (begins("$3$")) return {"nthash", std::nullopt};
    if (hash.size() == 20 && hash[0] == '_') return {"bsdicrypt", std::nullopt};
    if (hash.size() == 13 && std::all_of(hash.begin(), hash.end(), is_hash_character))
        return {"descrypt", std::nullopt};
    if (hash.size() > 13 && std::all_of(hash.begin(), hash.end(), is_hash_character)) return {"bigcrypt", std::nullopt};
    return {"unknown", std::nullopt};
}

std::vector<PasswdEntry> parse_passwd(const File& file, Which which) {
    std::vector<PasswdEntry> entries;
    for (const auto& [text, number] : entries_of(file)) {
        const std::string source = file.path + ":" + std::to_string(number);
        const auto fields = split(text, ':');
        if (fields.size() < 4) malformed(source, "expected name:password:uid:gid:comment:directory:shell");
        if (fields[0].empty()) malformed(source, "expected a name");
        PasswdEntry entry;
        entry.name = fields[0];
        entry.password = password_field(fields[1]);
        entry.uid = identity(fields[2], source, "uid");
        entry.gid = identity(fields[3], source, "gid");
        entry.gecos = at(fields, 4);
        entry.directory = at(fields, 5);
        if (fields.size() > 6) entry.shell = rest_from(text, fields[6]);
        entry.source = source;
        entries.push_back(std::move(entry));
    }
    if (which == Which::main && std::none_of(entries.begin(), entries.end(), [](const PasswdEntry& entry) { return entry.uid == 0; }))
        malformed(file.path, "expected an account of uid 0 among its " + std::to_string(entries.size()) + ": emptied or cut off?");
    return entries;
}

std::vector<GroupEntry> parse_group(const File& file, Which which) {
    std::vector<GroupEntry> entries;
    for (const auto& [text, number] : entries_of(file)) {
        const std::string source = file.path + ":" + std::to_string(number);
        const auto fields = split(text, ':');
        if (fields.size() < 3) malformed(source, "expected name:password:gid:members");
        if (fields[0].empty()) malformed(source, "expected a name");
        GroupEntry entry;
        entry.name = fields[0];
        entry.password = password_field(fields[1]);
        entry.gid = identity(fields[2], source, "gid");
        if (fields.size() > 3) entry.members = names_in(rest_from(text, fields[3]));
        entry.source = source;
        entries.push_back(std::move(entry));
    }
    if (which == Which::main && entries.empty()) malformed(file.path, "expected a group, found none: emptied?");
    return entries;
}

std::vector<ShadowEntry> parse_shadow(const File& file) {
    std::vector<ShadowEntry> entries;
    for (const auto& [text, number] : entries_of(file)) {
        const std::string source = file.path + ":" + std::to_string(number);
        const auto fields = split(text, ':');
        if (fields.size() < 2) malformed(source, "expected name:password:last change:…");
        if (fields[0].empty()) malformed(source, "expected a name");
        ShadowEntry entry;
        entry.name = fields[0];
        const std::string_view password = fields[1];
        std::string_view behind = password;
        while (!behind.empty() && (behind[0] == '!' || behind[0] == '*')) behind.remove_prefix(1);
        if (password.substr(0, 4) == "*LK*") behind = password.substr(4);
        const bool hash = looks_like_hash(behind);
        if (hash) entry.hash = describe_hash(behind);
        if (password.empty())
            entry.status = "empty";
        else if (password == "!!")
            entry.status = "not_set";  // useradd of Red Hat: no password was ever given
        else if (hash && behind.size() == password.size())
            entry.status = "active";
        else
            entry.status = "locked";
        entry.last_change = days(at(fields, 2), source, "last change");
        entry.minimum = days(at(fields, 3), source, "minimum age");
        entry.maximum = days(at(fields, 4), source, "maximum age");
        entry.warning = days(at(fields, 5), source, "warning");
        entry.inactive = days(at(fields, 6), source, "inactivity");
        entry.expire = days(at(fields, 7), source, "expiry");
        entry.flag = days(at(fields, 8), source, "flag");
        entry.source = source;
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<GroupShadowEntry> parse_group_shadow(const File& file) {
    std::vector<GroupShadowEntry> entries;
    for (const auto& [text, number] : entries_of(file)) {
        const std::string source = file.path + ":" + std::to_string(number);
        const auto fields = split(text, ':');
        if (fields.size() < 2) malformed(source, "expected name:password:administrators:members");
        if (fields[0].empty()) malformed(source, "expected a name");
        GroupShadowEntry entry;
        entry.name = fields[0];
        entry.password_status = fields[1].empty() ? "empty" : looks_like_hash(fields[1]) ? "set" : "locked";
        entry.administrators = names_in(at(fields, 2));
        if (fields.size() > 3) entry.members = names_in(rest_from(text, fields[3]));
        entry.source = source;
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace annexa::collectors
