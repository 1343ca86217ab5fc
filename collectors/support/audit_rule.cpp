#include "collectors/support/audit_rule.hpp"

#include "collectors/host.hpp"

#include <algorithm>
#include <cctype>

namespace annexa::collectors {
namespace {

[[noreturn]] void refuse(std::string_view source, const std::string& what) {
    throw host_error{evidence::Reason::malformed_source, std::string{source} + ": " + what};
}

// auditctl splits at blanks; quotes group only where a shell stands before it (rule files have none), but a value may be
// quoted in rules.d by habit: those quotes are dropped.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    char quote = '\0';
    bool any = false;
    for (const char c : text) {
        if (quote != '\0') {
            if (c == quote) quote = '\0';
            else word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            any = true;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            if (any || !word.empty()) words.push_back(std::move(word));
            word.clear();
            any = false;
        } else {
            word += c;
        }
    }
    if (any || !word.empty()) words.push_back(std::move(word));
    return words;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

void sort_and_unify(std::vector<std::string>& words) {
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : std::string{separator}) + word;
    return text;
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

std::string permissions_of(std::string_view letters, std::string_view source) {
    std::string ordered;
    for (const char letter : std::string_view{"rwxa"})
        if (letters.find(letter) != std::string_view::npos) ordered += letter;
    if (letters.find_first_not_of("rwxa") != std::string_view::npos)
        refuse(source, "permissions are of r, w, x and a, not '" + std::string{letters} + "'");
    return ordered;
}

void list_and_action(AuditRule& rule, std::string_view text, std::string_view source) {
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) refuse(source, "expected LIST,ACTION after -a");
    rule.list = text.substr(0, comma);
    rule.action = text.substr(comma + 1);
    if (rule.list == "always" || rule.list == "never" || rule.list == "possible") std::swap(rule.list, rule.action);
    if (rule.action != "always" && rule.action != "never") refuse(source, "unknown action '" + rule.action + "'");
}

std::string architecture(std::string_view name) {
    if (name == "x86_64" || name == "aarch64" || name == "ppc64" || name == "ppc64le" || name == "s390x" || name == "ia64")
        return "b64";
    if (name == "i386" || name == "i686" || name == "i586" || name == "arm" || name == "armv7l" || name == "ppc" || name == "s390")
        return "b32";
    return std::string{name};
}

void field(AuditRule& rule, std::string_view text, std::string_view source) {
    std::size_t at = text.find_first_of("=!<>&");
    if (at == std::string_view::npos || at == 0) refuse(source, "expected a comparison, not '" + std::string{text} + "'");
    std::size_t end = at + 1;
    while (end < text.size() && (text[end] == '=' || text[end] == '&')) ++end;
    const std::string name{text.substr(0, at)};
    const std::string sign{text.substr(at, end - at)};
    std::string value{text.substr(end)};
    const bool equal = sign == "=";
    if (name == "arch" && equal) {
        rule.arch = architecture(value);
    } else if ((name == "path" || name == "dir") && equal) {
        rule.folder = name == "dir" || value.ends_with('/');
        rule.path = without_slash(value);
    } else if (name == "perm" && equal) {
        rule.permissions = permissions_of(value, source);
    } else if (name == "key" && equal) {
        for (std::string& key : split(value, "\x01")) rule.keys.push_back(std::move(key));
    } else {
        if ((name == "auid" || name == "loginuid" || name == "sessionid") && (value == "-1" || value == "4294967295"))
            value = "unset";
        if (name == "uid" || name == "gid" || name == "euid" || name == "egid")
            if (value == "root") value = "0";
        if (name == "success" && (value == "yes" || value == "1")) value = "1";
        if (name == "success" && value == "no") value = "0";
        rule.fields.push_back((name == "loginuid" ? "auid" : name) + sign + value);
    }
}

// a!=b and b!=a are the same comparison of two fields
std::string comparison(std::string_view text, std::string_view source) {
    const std::size_t at = text.find_first_of("=!");
    if (at == std::string_view::npos || at == 0) refuse(source, "expected a comparison after -C");
    const std::size_t length = text[at] == '!' ? 2 : 1;
    std::string left{text.substr(0, at)};
    std::string right{text.substr(std::min(at + length, text.size()))};
    if (right < left) std::swap(left, right);
    return left + (length == 2 ? "!=" : "=") + right;
}

bool is_control(const std::string& option) {
    for (const char* each : {"-D", "-b", "-f", "-e", "-r", "-i", "-c", "-q", "-R", "-s", "-t", "-l", "-m", "-v"})
        if (option == each) return true;
    return option.starts_with("--");
}

}  // namespace

std::string AuditRule::meaning() const {
    std::string text = action + "," + list;
    if (!arch.empty()) text += " arch=" + arch;
    if (!syscalls.empty()) text += " syscalls=" + joined(syscalls, ",");
    if (!path.empty()) text += (folder ? " dir=" : " path=") + path;
    if (!permissions.empty()) text += " perm=" + permissions;
    for (const std::string& each : fields) text += " " + each;
    return text;
}

std::optional<AuditRule> parse_audit_rule(std::string_view text, std::string_view source) {
    const auto words = words_of(text);
    if (words.empty() || words[0].starts_with('#') || is_control(words[0])) return std::nullopt;
    AuditRule rule;
    rule.source = source;
    bool watch = false;
    bool said = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& option = words[i];
        if (option.starts_with('#')) break;
        if (i + 1 >= words.size()) refuse(source, "'" + option + "' needs a value");
        const std::string& value = words[++i];
        if (option == "-a" || option == "-A") {
            list_and_action(rule, value, source);
            said = true;
        } else if (option == "-d" || option == "-W") {
            return std::nullopt;  // takes a rule away: the kernel is asked where that matters
        } else if (option == "-w") {
            watch = true;
            said = true;
            rule.list = "exit";
            rule.action = "always";
            rule.folder = value.ends_with('/');
            rule.path = without_slash(value);
            if (!rule.path.starts_with('/')) refuse(source, "a watch needs an absolute path");
        } else if (option == "-p") {
            rule.permissions = permissions_of(value, source);
        } else if (option == "-k") {
            rule.keys.push_back(value);
        } else if (option == "-S") {
            for (std::string& name : split(value, ",")) rule.syscalls.push_back(std::move(name));
        } else if (option == "-F") {
            field(rule, value, source);
        } else if (option == "-C") {
            rule.fields.push_back(comparison(value, source));
        } else {
            refuse(source, "unknown option '" + option + "'");
        }
    }
    if (!said) refuse(source, "neither -a nor -w");
    if (watch && rule.permissions.empty()) rule.permissions = "rwxa";
    sort_and_unify(rule.syscalls);
    sort_and_unify(rule.fields);
    sort_and_unify(rule.keys);
    const bool all = std::find(rule.syscalls.begin(), rule.syscalls.end(), "all") != rule.syscalls.end();
    // a rule about a path with a perm is what -w makes; without -S it means every call
    const bool by_path = !rule.path.empty() && !rule.permissions.empty();
    if (all || (rule.syscalls.empty() && (rule.list == "exit" || rule.list == "entry"))) rule.syscalls = {"all"};
    if (by_path && rule.syscalls == std::vector<std::string>{"all"}) rule.syscalls.clear();
    return rule;
}

void parse_audit_rules(std::string_view path, std::string_view text, AuditRuleFile& file) {
    int number = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        const std::string source = std::string{path} + ":" + std::to_string(++number);
        const auto words = words_of(line);
        if (words.empty() || words[0].starts_with('#')) continue;
        if (words[0] == "-D") {
            file.rules.clear();
            file.deletes_all = true;
        } else if (words[0].size() == 2 && words.size() > 1 &&
                   std::string_view{"befr"}.find(words[0][1]) != std::string_view::npos && words[0][0] == '-') {
            file.controls[words[0].substr(1)] = words[1];
        } else if (auto rule = parse_audit_rule(line, source)) {
            file.rules.push_back(std::move(*rule));
        }
    }
}

}  // namespace annexa::collectors
