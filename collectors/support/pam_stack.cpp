#include "collectors/support/pam_stack.hpp"

#include "collectors/support/glob.hpp"
#include "collectors/support/secret_words.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <memory>
#include <set>

namespace annexa::collectors::pam {
namespace {

constexpr int most_nested_files = 16;  // PAM_SUBSTACK_MAX_LEVEL
constexpr std::size_t most_rules = 20000;
constexpr std::string_view folders[] = {"/etc/pam.d/", "/usr/lib/pam.d/", "/usr/etc/pam.d/"};
constexpr std::string_view types[] = {"auth", "account", "password", "session"};

constexpr std::array<std::string_view, answers> answer_names{"success",
                                                             "open_err",
                                                             "symbol_err",
                                                             "service_err",
                                                             "system_err",
                                                             "buf_err",
                                                             "perm_denied",
                                                             "auth_err",
                                                             "cred_insufficient",
                                                             "authinfo_unavail",
                                                             "user_unknown",
                                                             "maxtries",
                                                             "new_authtok_reqd",
                                                             "acct_expired",
                                                             "session_err",
                                                             "cred_unavail",
                                                             "cred_expired",
                                                             "cred_err",
                                                             "no_module_data",
                                                             "conv_err",
                                                             "authtok_err",
                                                             "authtok_recover_err",
                                                             "authtok_lock_busy",
                                                             "authtok_disable_aging",
                                                             "try_again",
                                                             "ignore",
                                                             "abort",
                                                             "authtok_expired",
                                                             "module_unknown",
                                                             "bad_item",
                                                             "conv_again",
                                                             "incomplete"};
constexpr std::array<std::string_view, 6> action_names{"ignore", "ok", "done", "bad", "die", "reset"};

void set_default(Actions& actions, int action) {
    for (int& one : actions)
        if (one == unset) one = action;
}

struct LogicalLine {
    std::string text;
    std::size_t number = 0;  // of its first line
};

// Comments go, a backslash at the end joins with the next line.
std::vector<LogicalLine> logical_lines(std::string_view text) {
    std::vector<LogicalLine> lines;
    LogicalLine current;
    for (const auto& line : text::raw_lines(text)) {
        std::string_view rest = line.text.substr(0, line.text.find('#'));
        rest = text::trimmed(rest);
        if (current.text.empty()) current.number = line.number;
        const bool continues = !rest.empty() && rest.back() == '\\';
        if (continues) rest.remove_suffix(1);
        if (!current.text.empty()) current.text += ' ';
        current.text += rest;
        if (continues) continue;
        if (!text::trimmed(current.text).empty()) lines.push_back(current);
        current = {};
    }
    if (!text::trimmed(current.text).empty()) lines.push_back(current);
    return lines;
}

// _pam_StrTok(): blanks separate, [ … ] is one token without its brackets, \] within it is ].
std::optional<std::string> next_token(std::string_view& rest) {
    rest = rest.substr(std::min(rest.find_first_not_of(" \n\t"), rest.size()));
    if (rest.empty()) return std::nullopt;
    std::string token;
    if (rest[0] != '[') {
        const auto end = std::min(rest.find_first_of(" \n\t"), rest.size());
        token = rest.substr(0, end);
        rest.remove_prefix(end);
        return token;
    }
    rest.remove_prefix(1);
    while (!rest.empty() && rest[0] != ']') {
        if (rest[0] == '\\' && rest.size() > 1 && rest[1] == ']') rest.remove_prefix(1);
        token += rest[0];
        rest.remove_prefix(1);
    }
    if (!rest.empty()) rest.remove_prefix(1);
    return token;
}

class ServiceReader {
  public:
    ServiceReader(const Reader& reader) : reader_{reader} {}

    // The file that libpam opens for a name; an absolute name is a path.
    std::optional<File> open(const std::string& name) const {
        if (!name.empty() && name[0] == '/') return reader_.file(name);
        for (const std::string_view folder : folders)
            if (auto file = reader_.file(std::string{folder} + name)) return file;
        return std::nullopt;
    }

    // Lines of the type asked for (empty: of all), for pam.conf those of one service.
    bool read(const File& file, std::string_view type, int include_level, int stack_level, Service& service,
              std::string_view of_service = {}) const {
        for (const auto& line : logical_lines(file.text)) {
            std::string_view rest = line.text;
            const std::string source = file.path + ":" + std::to_string(line.number);
            if (!of_service.empty()) {
                const auto name = next_token(rest);
                if (!name || !text::equal_without_case(*name, of_service)) continue;
            }
            auto word = next_token(rest);
            if (word && *word == "@include") {  // Debian's: all types at once
                const auto name = next_token(rest);
                if (!name || !load(*name, type, include_level + 1, stack_level, service))
                    fail_all(type, source, "@include", stack_level, service);
                continue;
            }
            take(word, rest, source, type, include_level, stack_level, service);
        }
        return true;
    }

  private:
    bool load(const std::string& name, std::string_view type, int include_level, int stack_level,
              Service& service) const {
        if (include_level >= most_nested_files) return false;
        const auto file = open(name);
        return file && read(*file, type, include_level, stack_level, service);
    }

    static void add(Service& service, const std::string& type, Rule rule) {
        Stack& stack = service[type];
        if (stack.size() >= most_rules)
            throw host_error(evidence::Reason::malformed_source, rule.source + ": too many lines");
        stack.push_back(std::move(rule));
    }

    static void fail_all(std::string_view type, const std::string& source, const std::string& control, int level,
                         Service& service) {
        for (const std::string_view one : types)
            if (type.empty() || type == one) {
                Rule rule;
                rule.control = control;
                rule.actions.fill(bad);
                rule.level = level;
                rule.must_fail = true;
                rule.source = source;
                add(service, std::string{one}, std::move(rule));
            }
    }

    void take(const std::optional<std::string>& first, std::string_view rest, const std::string& source,
              std::string_view type, int include_level, int stack_level, Service& service) const {
        Rule rule;
        rule.level = stack_level;
        rule.source = source;
        std::string name = first.value_or("");
        if (!name.empty() && name[0] == '-') {
            rule.optional_module = true;
            name.erase(0, 1);
        }
        name = text::lower(name);
        if (std::find(std::begin(types), std::end(types), name) == std::end(types)) {
            rule.must_fail = true;
            name = type.empty() ? "auth" : std::string{type};  // libpam's choice: the most sensitive
        }
        if (!type.empty() && name != type) return;
        const auto control = next_token(rest);
        const auto module = next_token(rest);
        rule.control = control.value_or("");
        const std::string lower = text::lower(rule.control);
        if (control && (lower == "include" || lower == "substack")) {
            const bool substack = lower == "substack";
            if (substack) {
                Rule mark = rule;
                mark.substack = true;
                mark.module = module.value_or("");
                add(service, name, std::move(mark));
            }
            if (module && load(*module, name, include_level + 1, stack_level + (substack ? 1 : 0), service)) return;
            rule.actions.fill(bad);
            rule.must_fail = true;
            rule.module = module.value_or("");
            add(service, name, std::move(rule));
            return;
        }
        rule.actions = parse_control(rule.control);
        if (!control || !module) rule.must_fail = true;
        if (module) rule.module = text::file_name(*module);
        while (const auto argument = next_token(rest)) rule.arguments.push_back(*argument);
        add(service, name, std::move(rule));
    }

    const Reader& reader_;
};

}  // namespace

Actions parse_control(std::string_view control) {
    Actions actions;
    actions.fill(unset);
    const std::string word = text::lower(control);
    const bool required = word == "required";
    const bool requisite = word == "requisite";
    if (required || requisite || word == "optional" || word == "sufficient") {
        const int good = word == "sufficient" ? done : ok;
        actions[success] = actions[new_authtok_reqd] = good;
        if (required || requisite) actions[ignored] = ignore;
        set_default(actions, required ? bad : requisite ? die : ignore);
        return actions;
    }
    const auto refuse = [&] {
        actions.fill(bad);
        return actions;
    };
    std::string_view rest = control;
    const auto skip = [&] { rest = rest.substr(std::min(rest.find_first_not_of(" \t\n\v\f\r"), rest.size())); };
    for (skip(); !rest.empty(); skip()) {
        // libpam compares prefixes in the order of its list.
        std::size_t answer = answers + 1;
        for (std::size_t i = 0; i < answers && answer > answers; ++i)
            if (rest.substr(0, answer_names[i].size()) == answer_names[i]) answer = i;
        if (answer > answers && rest.substr(0, 7) == "default") answer = answers;
        if (answer > answers) return refuse();
        rest.remove_prefix(answer == answers ? 7 : answer_names[answer].size());
        skip();
        if (rest.empty() || rest[0] != '=') return refuse();
        rest.remove_prefix(1);
        skip();
        if (rest.empty()) return refuse();
        int action = 1;
        for (std::size_t i = 0; i < action_names.size() && action > 0; ++i)
            if (rest.substr(0, action_names[i].size()) == action_names[i]) {
                action = -static_cast<int>(i);
                rest.remove_prefix(action_names[i].size());
            }
        if (action > 0) {
            const auto end = std::min(rest.find_first_not_of("0123456789"), rest.size());
            const auto jump = text::integer(rest.substr(0, end));
            if (!jump || *jump < 1 || *jump > 100000) return refuse();
            action = static_cast<int>(*jump);
            rest.remove_prefix(end);
        }
        if (answer == answers)
            set_default(actions, action);
        else
            actions[answer] = action;
    }
    set_default(actions, bad);
    return actions;
}

std::map<std::string, Service> read_services(const Reader& reader) {
    const ServiceReader files{reader};
    std::map<std::string, Service> services;
    bool any_folder = false;
    std::set<std::string> names;
    for (const std::string_view folder : folders)
        if (const auto found = reader.folder(folder.substr(0, folder.size() - 1))) {
            any_folder = true;
            names.insert(found->begin(), found->end());
        }
    if (any_folder) {
        for (const auto& name : names)
            if (const auto file = files.open(name)) files.read(*file, {}, 0, 0, services[name]);
    } else if (const auto file = reader.file("/etc/pam.conf")) {
        for (const auto& line : logical_lines(file->text)) {
            std::string_view rest = line.text;
            if (const auto name = next_token(rest)) names.insert(text::lower(*name));
        }
        for (const auto& name : names) files.read(*file, {}, 0, 0, services[name], name);
    }
    if (const auto other = services.find("other"); other != services.end())
        for (auto& [name, service] : services)
            for (const auto& [type, stack] : other->second)
                if (!service.contains(type)) service[type] = stack;
    return services;
}

Reader reader_of(Files& files) {
    // Many services include the same few files: each is read once.
    const auto known = std::make_shared<std::map<std::string, std::optional<File>, std::less<>>>();
    return {.file =
                [&files, known](std::string_view path) {
                    const auto found = known->find(path);
                    if (found != known->end()) return found->second;
                    return known->emplace(std::string{path}, files.read(path)).first->second;
                },
            .folder = [&files](std::string_view path) -> std::optional<std::vector<std::string>> {
                auto names = files.list(path);
                if (!names) return std::nullopt;
                std::erase_if(*names, [&](const std::string& name) {
                    const auto status = files.status(std::string{path} + "/" + name);
                    return !status || status->kind != FileKind::regular;
                });
                return names;
            }};
}

bool configured(Files& files) {
    constexpr const char* places[] = {"/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d", "/etc/pam.conf"};
    return std::any_of(std::begin(places), std::end(places), [&](const char* path) { return files.status(path).has_value(); });
}

namespace {

bool library_installed(Files& files) {
    constexpr std::string_view libraries[] = {"/usr/lib/*/libpam.so.0", "/lib/*/libpam.so.0",   "/usr/lib64/libpam.so.0",
                                              "/lib64/libpam.so.0",     "/usr/lib/libpam.so.0", "/lib/libpam.so.0"};
    return std::any_of(std::begin(libraries), std::end(libraries), [&](std::string_view library) { return !glob(files, library).empty(); });
}

}  // namespace

bool present(Files& files) { return configured(files) || library_installed(files); }

std::map<std::string, Service> services_of(Files& files) {
    if (!present(files)) throw not_applicable(evidence::Reason::not_installed, "PAM has no configuration here");
    // Packages put files into /usr/lib/pam.d; who has no /etc/pam.d beside them has lost what decides of logins.
    if (!files.status("/etc/pam.d") && !files.status("/etc/pam.conf") && library_installed(files))
        throw host_error(evidence::Reason::unreadable_source,
                         "/etc/pam.d: does not exist, though PAM is installed: what it would demand nobody can say");
    auto services = read_services(reader_of(files));
    const bool any = std::any_of(services.begin(), services.end(), [](const auto& each) { return !each.second.empty(); });
    if (!any) throw host_error(evidence::Reason::malformed_source, "/etc/pam.d: expected services with rules, found none: emptied?");
    return services;
}

std::optional<std::string> argument(const Rule& rule, std::string_view name) {
    std::optional<std::string> value;
    for (const auto& word : rule.arguments) {
        if (word == name)
            value = "";
        else if (word.size() > name.size() && word.compare(0, name.size(), name) == 0 && word[name.size()] == '=')
            value = word.substr(name.size() + 1);
    }
    return value;
}

std::string joined_arguments(const Rule& rule) {
    std::string text;
    for (const auto& argument : rule.arguments) {
        const std::string word = without_secret(argument);
        if (!text.empty()) text += ' ';
        text += word.find(' ') == std::string::npos ? word : "[" + word + "]";
    }
    return text;
}

}  // namespace annexa::collectors::pam
