#include "collectors/support/systemd_service.hpp"

#include "collectors/support/glob.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace annexa::collectors {
namespace {

// systemd.unit(5), table 1, of decreasing weight.
constexpr std::array<std::string_view, 13> folders{
    "/etc/systemd/system.control",   "/run/systemd/system.control",  "/run/systemd/transient",
    "/run/systemd/generator.early",  "/etc/systemd/system",          "/etc/systemd/system.attached",
    "/run/systemd/system",           "/run/systemd/system.attached", "/run/systemd/generator",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",      "/lib/systemd/system",
    "/run/systemd/generator.late"};
constexpr std::string_view suffix = ".service";
constexpr std::size_t most_expanded_bytes = std::size_t{1} << 20;

bool is_instance(std::string_view name) {
    const auto at = name.find('@');
    return at != std::string_view::npos && name.substr(at + 1) != suffix;
}
std::string template_of(std::string_view name) {
    return std::string{name.substr(0, name.find('@') + 1)} + std::string{suffix};
}

class UnitFolders {
  public:
    explicit UnitFolders(Files& files) : files_{files} {
        for (const std::string_view folder : folders) {
            const auto names = files.list(folder);
            if (!names) continue;
            for (const std::string& name : *names) {
                if (name.ends_with(suffix)) fragments_.emplace(name, std::string{folder} + "/" + name);
                if (name == "service.d" || name.ends_with(".service.d"))
                    drop_in_folders_[name].push_back(std::string{folder} + "/" + name);
            }
        }
        for (const auto& [name, path] : fragments_) find_alias(name, path);
    }

    [[nodiscard]] std::vector<ServiceUnit> units() {
        std::set<std::string> names;
        for (const auto& [name, path] : fragments_)
            if (!alias_of_.contains(name)) names.insert(name);
        // an instance has settings of its own as soon as it has a drop-in
        for (const auto& [folder, paths] : drop_in_folders_) {
            const std::string name = folder.substr(0, folder.size() - 2);
            if (is_instance(name) && fragments_.contains(template_of(name)) && !alias_of_.contains(name))
                names.insert(name);
        }
        std::vector<ServiceUnit> units;
        for (const auto& name : names)
            if (auto unit = read(name)) units.push_back(*std::move(unit));
        return units;
    }

  private:
    // A link to a unit of another name is that unit under a second name, whose drop-ins count too.
    void find_alias(const std::string& name, const std::string& path) {
        const auto target = files_.read_link(path);
        if (!target || target->ends_with("/dev/null")) return;
        const std::string real{text::file_name(*target)};
        if (real == name || !real.ends_with(suffix) || !fragments_.contains(real)) return;
        if (is_instance(name) && template_of(name) == real) return;  // an enabled instance
        alias_of_[name] = real;
    }

    [[nodiscard]] bool masked(const std::string& path) {
        const auto target = files_.read_link(path);
        return target && target->ends_with("/dev/null");
    }

    std::optional<ServiceUnit> read(const std::string& name) {
        auto fragment = fragments_.find(name);
        if (fragment == fragments_.end() && is_instance(name)) fragment = fragments_.find(template_of(name));
        if (fragment == fragments_.end() || masked(fragment->second)) return std::nullopt;
        const auto file = files_.read(fragment->second);
        if (!file || file->text.empty()) return std::nullopt;  // an empty file masks as well
        ServiceUnit unit{name, parse_systemd_config(file->path, file->text)};
        std::map<std::string, std::string> drop_ins;  // file name → path, the first folder wins
        for (const std::string& folder : drop_in_names(name)) {
            const auto found = drop_in_folders_.find(folder);
            if (found == drop_in_folders_.end()) continue;
            for (const std::string& path : found->second)
                for (const std::string& each : files_.list(path).value_or(std::vector<std::string>{}))
                    if (each.ends_with(".conf") && !each.starts_with('.')) drop_ins.emplace(each, path + "/" + each);
        }
        for (const auto& [each, path] : drop_ins) {
            if (masked(path)) continue;
            const auto more = files_.read(path);
            if (!more) continue;
            for (auto& setting : parse_systemd_config(more->path, more->text))
                unit.settings.push_back(std::move(setting));
        }
        return unit;
    }

    // Of decreasing weight: its own and its aliases', an instance's template's, those of prefixes (foo-.service.d), all
    // services'.
    [[nodiscard]] std::vector<std::string> drop_in_names(const std::string& name) const {
        std::vector<std::string> own{name};
        if (is_instance(name)) own.push_back(template_of(name));
        for (const auto& [alias, real] : alias_of_)
            if (std::find(own.begin(), own.end(), real) != own.end()) own.push_back(alias);
        std::vector<std::string> names;
        for (const auto& each : own) {
            names.push_back(each + ".d");
            std::string_view stem = std::string_view{each}.substr(0, each.size() - suffix.size());
            stem = stem.substr(0, stem.find('@'));
            for (auto dash = stem.rfind('-'); dash != std::string_view::npos && dash > 0; dash = stem.rfind('-')) {
                if (dash + 1 < stem.size()) names.push_back(std::string{stem.substr(0, dash + 1)} + ".service.d");
                stem = stem.substr(0, dash);
            }
        }
        names.emplace_back("service.d");
        return names;
    }

    Files& files_;
    std::map<std::string, std::string, std::less<>> fragments_;  // name → path in the weightiest folder
    std::map<std::string, std::vector<std::string>, std::less<>> drop_in_folders_;
    std::map<std::string, std::string, std::less<>> alias_of_;
};

void add_assignments(ServiceEnvironment& environment, const SystemdSetting& setting) {
    for (const std::string& word : systemd_words(setting.value))
        if (const auto equals = word.find('='); equals != std::string::npos && equals > 0)
            environment[word.substr(0, equals)] = {word.substr(equals + 1), setting.source};
}

bool is_name_character(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What systemd itself sets while the unit runs: folders and descriptors, never options.
bool is_set_at_run_time(std::string_view name) {
    constexpr std::array<std::string_view, 6> names{"CREDENTIALS_DIRECTORY",   "RUNTIME_DIRECTORY",
                                                    "STATE_DIRECTORY",         "CACHE_DIRECTORY",
                                                    "CONFIGURATION_DIRECTORY", "MAINPID"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string without_specifiers(const std::string& word, const std::string& source) {
    std::string plain;
    for (std::size_t i = 0; i < word.size(); ++i) {
        plain += word[i];
        if (word[i] != '%') continue;
        if (i + 1 >= word.size() || word[i + 1] != '%')
            throw host_error(Reason::unsupported_format,
                             source + ": what " + text::printable(word, 80) + " stands for only systemd can tell");
        ++i;
    }
    return plain;
}

}  // namespace

std::vector<std::string> systemd_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool begun = false;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '\\' && i + 1 < line.size()) {
            const char after = line[++i];
            word += after == 's' ? ' ' : after == 't' ? '\t' : after == 'n' ? '\n' : after;
            begun = true;
        } else if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            begun = true;
        } else if (text::is_blank(c)) {
            if (begun) words.push_back(std::move(word));
            word.clear();
            begun = false;
        } else {
            word += c;
            begun = true;
        }
    }
    if (begun) words.push_back(std::move(word));
    return words;
}

std::vector<ServiceUnit> service_units(Files& files) { return UnitFolders{files}.units(); }

std::vector<ServiceCommand> service_commands(const ServiceUnit& unit) {
    std::vector<ServiceCommand> commands;
    for (const SystemdSetting& setting : unit.settings) {
        if (setting.section != "Service" || setting.key != "ExecStart") continue;
        if (setting.value.empty()) {
            commands.clear();
            continue;
        }
        std::vector<std::string> words;
        const auto finish = [&] {
            if (words.empty()) return;
            ServiceCommand command;
            command.source = setting.source;
            std::string_view program = words[0];
            bool names_itself = false;
            while (!program.empty() && std::string_view{"@-:+!|"}.find(program[0]) != std::string_view::npos) {
                if (program[0] == '|')
                    throw host_error(Reason::unsupported_format,
                                     setting.source + ": a command for a shell is not read");
                names_itself = names_itself || program[0] == '@';
                command.expands = command.expands && program[0] != ':';
                program.remove_prefix(1);
            }
            command.program = program;
            const std::size_t first = names_itself ? 2 : 1;
            if (words.size() > first)
                command.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(first), words.end());
            commands.push_back(std::move(command));
            words.clear();
        };
        for (std::string& word : systemd_words(setting.value)) {
            if (word == ";")
                finish();
            else
                words.push_back(std::move(word));
        }
        finish();
    }
    return commands;
}

ServiceEnvironment parse_environment_file(const File& file) {
    ServiceEnvironment environment;
    const std::string_view rest = file.text;
    std::size_t i = 0, line = 1;
    const auto skip_line = [&] {
        while (i < rest.size() && rest[i] != '\n') ++i;
    };
    while (i < rest.size()) {
        while (i < rest.size() && text::is_blank(rest[i])) line += rest[i++] == '\n' ? 1 : 0;
        if (i >= rest.size()) break;
        if (rest[i] == '#' || rest[i] == ';') {
            skip_line();
            continue;
        }
        const std::size_t begin = i;
        const std::string source = file.path + ":" + std::to_string(line);
        while (i < rest.size() && rest[i] != '=' && rest[i] != '\n') ++i;
        if (i >= rest.size() || rest[i] == '\n') continue;
        std::string name{text::trimmed(rest.substr(begin, i - begin))};
        if (name.starts_with("export "))
            name = text::trimmed(std::string_view{name}.substr(7));  // for what a shell reads
        ++i;
        while (i < rest.size() && (rest[i] == ' ' || rest[i] == '\t')) ++i;
        std::string value;
        std::size_t kept = 0;  // blanks behind this are not part of the value
        char quote = 0;
        for (; i < rest.size() && (quote != 0 || rest[i] != '\n'); ++i) {
            const char c = rest[i];
            if (c == '\n') ++line;
            if (c == '\\' && quote != '\'' && i + 1 < rest.size()) {
                const char after = rest[++i];
                if (after == '\n')
                    ++line;
                else if (quote == '"' && std::string_view{"\"\\`$"}.find(after) == std::string_view::npos)
                    value += {'\\', after};
                else
                    value += after;
                kept = value.size();
            } else if (quote != 0 && c == quote) {
                quote = 0;
                kept = value.size();
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else {
                value += c;
                if (quote != 0 || (c != ' ' && c != '\t' && c != '\r')) kept = value.size();
            }
        }
        value.resize(std::min(kept, value.size()));
        if (!name.empty()) environment[name] = {std::move(value), source};
    }
    return environment;
}

ServiceEnvironment service_environment(Files& files, const ServiceUnit& unit) {
    ServiceEnvironment environment;
    const auto take = [&](const std::vector<SystemdSetting>& settings, std::string_view section, std::string_view key) {
        ServiceEnvironment assigned;
        for (const SystemdSetting& setting : settings) {
            if (setting.section != section || setting.key != key) continue;
            if (setting.value.empty()) assigned.clear();
            add_assignments(assigned, setting);
        }
        for (auto& [name, variable] : assigned) environment[name] = std::move(variable);
    };
    take(parse_systemd_config(files.read_systemd_layers("systemd/system.conf", ".conf")), "Manager",
         "DefaultEnvironment");
    if (const auto passed = list_setting(unit.settings, "Service", "PassEnvironment"); !passed.empty())
        throw host_error(Reason::unsupported_format,
                         passed.front().source + ": what the environment of systemd holds is in no file");
    take(unit.settings, "Service", "Environment");
    for (const SystemdSetting& setting : list_setting(unit.settings, "Service", "EnvironmentFile")) {
        std::string path = without_specifiers(setting.value, setting.source);
        if (path.starts_with('-')) path.erase(0, 1);
        if (!path.starts_with('/')) continue;  // systemd ignores it
        for (const std::string& each : glob(files, path))
            if (const auto file = files.read(each))
                for (auto& [name, variable] : parse_environment_file(*file)) environment[name] = std::move(variable);
    }
    return environment;
}

std::vector<ExpandedWord> expanded_arguments(const ServiceCommand& command, const ServiceEnvironment& environment) {
    std::vector<ExpandedWord> words;
    for (const std::string& written : command.arguments) {
        const std::string word = without_specifiers(written, command.source);
        if (!command.expands) {
            words.push_back({word, command.source});
            continue;
        }
        if (word.size() > 1 && word[0] == '$' && std::all_of(word.begin() + 1, word.end(), is_name_character)) {
            if (const auto found = environment.find(word.substr(1)); found != environment.end())
                for (std::string& each : systemd_words(found->second.value))
                    words.push_back({std::move(each), found->second.source});
            continue;
        }
        ExpandedWord expanded{{}, command.source};
        for (std::size_t i = 0; i < word.size(); ++i) {
            const auto close = word.compare(i, 2, "${") == 0 ? word.find('}', i) : std::string::npos;
            if (close != std::string::npos) {
                const std::string name = word.substr(i + 2, close - i - 2);
                if (const auto found = environment.find(name); found != environment.end()) {
                    expanded.text += found->second.value;
                    expanded.source = found->second.source;
                } else if (is_set_at_run_time(name)) {
                    expanded.text += "${" + name + "}";
                }
                i = close;
            } else {
                if (word.compare(i, 2, "$$") == 0) ++i;
                expanded.text += word[i];
            }
            if (expanded.text.size() > most_expanded_bytes)
                throw host_error(Reason::malformed_source, command.source + ": a command that is too long");
        }
        words.push_back(std::move(expanded));
    }
    return words;
}

}  // namespace annexa::collectors
