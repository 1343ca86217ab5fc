#include "collectors/support/sshd_commands.hpp"

#include "collectors/support/processes.hpp"
#include "collectors/support/systemd_service.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace annexa::collectors::sshd {
namespace {

constexpr std::string_view with_argument = "CEbcfghkopu";  // getopt of sshd.c
constexpr std::string_view tests_only = "tTGQV";           // these print and end
constexpr std::array<std::string_view, 4> usual_units{"ssh.service", "sshd.service", "ssh@.service", "sshd@.service"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

[[noreturn]] void cannot_tell(const std::string& source, const std::string& what) {
    throw host_error(Reason::unsupported_format, source + ": " + what + ": with what settings cannot be told");
}

/// Nothing for a call that serves nobody (-t, -T) or that a listener makes for one connection (-R).
std::optional<CommandLine> parse(const std::string& started_by, const std::vector<ExpandedWord>& words) {
    CommandLine line{started_by};
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i].text;
        const std::string& source = words[i].source;
        if (word == "--" && i + 1 == words.size()) break;
        if (word.size() < 2 || word[0] != '-' || word == "--")
            throw host_error(Reason::malformed_source,
                             source + ": sshd takes no argument like " + text::printable(word, 80));
        for (std::size_t at = 1; at < word.size(); ++at) {
            const char letter = word[at];
            if (tests_only.find(letter) != std::string_view::npos || letter == 'R') return std::nullopt;
            if (letter == 'q') line.options.push_back({"LogLevel QUIET", source});
            if (letter == '4') line.options.push_back({"AddressFamily inet", source});
            if (letter == '6') line.options.push_back({"AddressFamily inet6", source});
            if (with_argument.find(letter) == std::string_view::npos) continue;
            std::string argument = word.substr(at + 1);
            if (argument.empty()) {
                if (++i >= words.size())
                    throw host_error(Reason::malformed_source,
                                     source + ": -" + std::string{letter} + " lacks its argument");
                argument = words[i].text;
            }
            switch (letter) {
                case 'o':
                    line.options.push_back({argument, source});
                    break;
                case 'f':
                    line.configuration = argument;
                    break;
                case 'p':
                    line.options.push_back({"Port " + argument, source});
                    break;
                case 'h':
                    line.options.push_back({"HostKey " + argument, source});
                    break;
                case 'c':
                    line.options.push_back({"HostCertificate " + argument, source});
                    break;
                case 'g':
                    line.options.push_back({"LoginGraceTime " + argument, source});
                    break;
                default:
                    break;
            }
            break;
        }
    }
    return line;
}

enum class Which { not_sshd, ours, another };

Which which(Host& host, std::string_view path) {
    const bool named = text::file_name(path) == "sshd";
    if (!path.starts_with('/')) return named ? Which::ours : Which::not_sshd;
    const auto found = host.files.status(path);
    const auto ours = host.files.status(program);
    if (found && ours && found->device == ours->device && found->inode == ours->inode) return Which::ours;
    return named && found ? Which::another : Which::not_sshd;
}

// sh -c "exec /usr/sbin/sshd …", env sshd …
bool mentions_sshd(const ServiceCommand& command) {
    constexpr std::array<std::string_view, 4> starters{"sh", "bash", "dash", "env"};
    const bool starter = is_among(starters, text::file_name(command.program));
    for (const std::string& argument : command.arguments) {
        std::string_view rest = argument;
        while (!rest.empty()) {
            const auto end = std::min(rest.find_first_of(" \t\n;&|()'\"`="), rest.size());
            const std::string_view token = rest.substr(0, end);
            if (token.ends_with("bin/sshd") || (starter && token == "sshd")) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return false;
}

// Where the unit sees other files than we read.
void refuse_other_root(const ServiceUnit& unit, const std::string& source) {
    for (const SystemdSetting& setting : unit.settings) {
        if (setting.section != "Service" || setting.value.empty()) continue;
        const bool other_root = setting.key == "RootDirectory" ? setting.value != "/" : setting.key == "RootImage";
        const bool other_files = setting.key == "BindPaths" || setting.key == "BindReadOnlyPaths" ||
                                 setting.key == "TemporaryFileSystem" || setting.key == "MountImages" ||
                                 setting.key == "ExtensionImages" || setting.key == "ExtensionDirectories";
        if (other_root || (other_files && setting.value.find("/etc") != std::string::npos) ||
            setting.key == "ExtensionImages")
            cannot_tell(source, unit.name + " runs sshd with other files (" + setting.key + ")");
    }
}

std::string joined(std::string_view first, const std::vector<ExpandedWord>& words) {
    std::string text{first};
    for (const auto& word : words) text += " " + word.text;
    return text;
}

struct Started {
    CommandLine line;
    std::string words;  // as a listener prints them in its title
};

std::vector<Started> of_units(Host& host) {
    std::vector<Started> all;
    for (const ServiceUnit& unit : service_units(host.files)) {
        std::optional<ServiceEnvironment> environment;
        for (const ServiceCommand& command : service_commands(unit)) {
            const Which what = which(host, command.program);
            if (what != Which::ours) {
                if (what == Which::another)
                    cannot_tell(command.source,
                                unit.name + " starts another sshd, " + text::printable(command.program, 80));
                if (mentions_sshd(command) || is_among(usual_units, unit.name))
                    cannot_tell(command.source, unit.name + " starts sshd by " + text::printable(command.program, 80));
                continue;
            }
            refuse_other_root(unit, command.source);
            if (!environment) environment = service_environment(host.files, unit);
            const auto words = expanded_arguments(command, *environment);
            auto line = parse(unit.name, words);
            if (!line) continue;
            if (line->configuration != "none" && !line->configuration.starts_with('/'))
                line->configuration.insert(0, "/");
            all.push_back({*std::move(line), joined(command.program, words)});
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Started& a, const Started& b) {
        const auto rank = [](const Started& each) {
            return std::find(usual_units.begin(), usual_units.end(), each.line.started_by) - usual_units.begin();
        };
        return rank(a) < rank(b);
    });
    return all;
}

// Without a unit: SSHD_OPTS of Debian's init script, OPTIONS of Red Hat's.
Started of_init_script(Host& host) {
    std::vector<ExpandedWord> words;
    for (const auto& [path, name] : {std::pair{"/etc/default/ssh", "SSHD_OPTS"}, {"/etc/sysconfig/sshd", "OPTIONS"}}) {
        const auto file = host.files.read(path);
        if (!file) continue;
        const auto environment = parse_environment_file(*file);
        if (const auto found = environment.find(name); found != environment.end())
            for (std::string& word : systemd_words(found->second.value))
                words.push_back({std::move(word), found->second.source});
    }
    auto line = parse("", words);
    return {line ? *std::move(line) : CommandLine{""}, joined(program, words)};
}

std::vector<std::string> arguments_of(std::string_view command_line) {
    while (command_line.ends_with('\0')) command_line.remove_suffix(1);
    std::vector<std::string> words;
    for (const std::string_view word : text::split(command_line, '\0')) words.emplace_back(word);
    return words;
}

// A process in a PID namespace of its own belongs to a container, which has files of its own.
bool in_container(std::string_view status) {
    for (const auto& line : text::lines(status))
        if (line.text.starts_with("NSpid:")) return text::words(line.text).size() > 2;
    return false;
}

// A listener's title is "sshd: /usr/sbin/sshd -D -o X=y [listener] 0 of 10-100 startups": its words, with their ends
// lost.
std::optional<CommandLine> of_title(std::string_view title, const std::vector<Started>& known) {
    const auto end = title.find(" [listener]");
    const std::string_view words = title.substr(0, end);
    for (const Started& each : known)
        if (end == std::string_view::npos ? each.words.starts_with(words) : each.words == words) return each.line;
    const std::string source = "the process sshd: " + text::printable(words, 200);
    if (end == std::string_view::npos) cannot_tell(source, "a title that is cut off");
    const auto parts = text::words(words);
    std::vector<ExpandedWord> arguments;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (!parts[i].starts_with('-') && !parts[i - 1].starts_with('-'))
            cannot_tell(source, "options with blanks in them");
        arguments.push_back({std::string{parts[i]}, source});
    }
    return parse(text::printable(words, 200), arguments);
}

std::vector<CommandLine> of_processes(Host& host, const std::vector<Started>& known) {
    std::vector<CommandLine> lines;
    if (host.kernel == nullptr) return lines;
    const auto read = [&](const std::string& path) -> std::string {
        try {
            return host.kernel->read(path).value_or("");
        } catch (const host_error&) {
            return {};  // it ended meanwhile
        }
    };
    for (const std::string& number : process_numbers(*host.kernel)) {
        const std::string folder = "/proc/" + number;
        if (text::trimmed(read(folder + "/comm")) != "sshd" || in_container(read(folder + "/status"))) continue;
        const auto words = arguments_of(read(folder + "/cmdline"));
        if (words.empty() || words[0].empty()) continue;
        std::optional<CommandLine> line;
        std::string_view path = words[0];
        if (path.starts_with("sshd: ")) {
            std::string_view title = path.substr(6);
            if (!title.starts_with('/')) continue;  // a connection: "sshd: alice [priv]"
            path = title.substr(0, title.find(' '));
            line = of_title(title, known);
        } else {
            std::vector<ExpandedWord> arguments;
            std::string shown = words[0];
            for (std::size_t i = 1; i < words.size(); ++i) shown += " " + words[i];
            shown = text::printable(shown, 200);
            for (std::size_t i = 1; i < words.size(); ++i) arguments.push_back({words[i], "the process " + shown});
            line = parse(shown, arguments);
        }
        if (which(host, path) != Which::ours) cannot_tell("the process " + text::printable(path, 200), "another sshd");
        if (!line) continue;
        if (line->configuration != "none" && !line->configuration.starts_with('/'))
            cannot_tell("the process " + line->started_by, "-f with a path from where it was started");
        lines.push_back(*std::move(line));
    }
    return lines;
}

}  // namespace

bool CommandLine::same_settings(const CommandLine& other) const {
    return configuration == other.configuration &&
           std::equal(options.begin(), options.end(), other.options.begin(), other.options.end(),
                      [](const CommandLineOption& a, const CommandLineOption& b) { return a.text == b.text; });
}

std::vector<CommandLine> command_lines(Host& host) {
    auto started = of_units(host);
    if (started.empty()) started.push_back(of_init_script(host));
    std::vector<CommandLine> lines;
    const auto add = [&](const CommandLine& line) {
        if (std::none_of(lines.begin(), lines.end(),
                         [&](const CommandLine& known) { return known.same_settings(line); }))
            lines.push_back(line);
    };
    for (const Started& each : started) add(each.line);
    for (const CommandLine& line : of_processes(host, started)) add(line);
    return lines;
}

void refuse_other_programs(Host& host) { of_units(host); }

}  // namespace annexa::collectors::sshd
