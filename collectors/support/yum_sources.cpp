#include "collectors/support/yum_sources.hpp"

#include "collectors/support/file_patterns.hpp"
#include "collectors/support/text.hpp"

#include <array>
#include <optional>

namespace annexa::collectors {
namespace {

// Sections, name = value; a line that begins with a blank goes on with the value before it.
std::vector<YumSource> sections_of(std::string_view path, std::string_view content) {
    std::vector<YumSource> sections;
    std::string* last = nullptr;
    for (const text::Line& line : text::raw_lines(content)) {
        const std::string_view said = text::trimmed(line.text);
        if (said.empty() || said.starts_with('#') || said.starts_with(';')) continue;
        const std::string place = std::string{path} + ":" + std::to_string(line.number);
        if (text::is_blank(line.text[0]) && last != nullptr) {
            *last += (last->empty() ? "" : " ") + std::string{said};
            continue;
        }
        if (said.starts_with('[')) {
            const std::size_t close = said.find(']');
            if (close == std::string_view::npos)
                throw host_error{Reason::malformed_source, place + ": expected ] behind the id of a repository"};
            sections.push_back({std::string{said.substr(1, close - 1)}, std::string{path}, line.number, {}, true, {}});
            last = nullptr;
            continue;
        }
        const auto pair = text::split_at(said, '=');
        if (!pair || sections.empty())
            throw host_error{Reason::malformed_source, place + ": expected a setting within a section"};
        last = &(sections.back().options[text::lower(pair->first)] = std::string{pair->second});
    }
    return sections;
}

std::optional<bool> boolean(std::string_view value) {
    const std::string word = text::lower(value);
    if (word == "1" || word == "yes" || word == "true" || word == "on" || word == "enabled") return true;
    if (word == "0" || word == "no" || word == "false" || word == "off" || word == "disabled") return false;
    return std::nullopt;
}

std::optional<bool> option(const YumSource& section, std::string_view name) {
    const auto found = section.options.find(name);
    return found == section.options.end() ? std::nullopt : boolean(found->second);
}

struct Main {
    YumSource section;
    bool checks_packages, checks_index;
    std::string where;  // of what decides gpgcheck
};

// dnf checks nothing unless it is told to (gpgcheck is false by default); zypper checks unless it is told not to.
Main main_of(Files& files, const char* path, bool by_default) {
    Main main{{}, by_default, false, std::string{"gpgcheck is off by default"}};
    const auto file = files.read(path);
    if (!file) return main;
    for (const YumSource& section : sections_of(file->path, file->text)) {
        if (section.id != "main") continue;
        if (const auto value = option(section, "gpgcheck")) {
            main.checks_packages = *value;
            main.where = "gpgcheck=0 (" + file->path + ")";
        }
        main.checks_index = option(section, "repo_gpgcheck").value_or(main.checks_index);
    }
    return main;
}

void add(Files& files, const char* pattern, const Main& main, std::vector<YumSource>& sources) {
    for (const auto& [path, content] : read_matching(files, pattern))
        for (YumSource& section : sections_of(path, content)) {
            if (section.id == "main") continue;
            section.enabled = option(section, "enabled").value_or(true);
            const auto packages = option(section, "gpgcheck");
            const bool checked = packages.value_or(main.checks_packages) ||
                                 option(section, "repo_gpgcheck").value_or(main.checks_index) ||
                                 option(section, "pkg_gpgcheck").value_or(false);
            if (!checked) section.unchecked_because = packages ? "gpgcheck=0" : main.where;
            sources.push_back(std::move(section));
        }
}

}  // namespace

std::vector<YumSource> read_yum_sources(Files& files) {
    std::vector<YumSource> sources;
    const char* main = files.status("/etc/dnf/dnf.conf") ? "/etc/dnf/dnf.conf" : "/etc/yum.conf";
    const Main of_dnf = main_of(files, main, false);
    for (const char* pattern : {"/etc/yum.repos.d/*.repo", "/etc/distro.repos.d/*.repo", "/etc/yum/repos.d/*.repo"})
        add(files, pattern, of_dnf, sources);
    add(files, "/etc/zypp/repos.d/*.repo", main_of(files, "/etc/zypp/zypp.conf", true), sources);
    return sources;
}

std::string repository_host(std::string_view address) {
    const std::size_t scheme = address.find("://");
    if (scheme == std::string_view::npos) return text::lower(address.substr(0, address.find(':') + 1));
    if (address.starts_with("file:") || address.starts_with("dir:") || address.starts_with("iso:") ||
        address.starts_with("cd:") || address.starts_with("dvd:") || address.starts_with("hd:"))
        return text::lower(address.substr(0, scheme + 1));
    std::string_view host = address.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
    if (const std::size_t port = host.rfind(':'); port != std::string_view::npos && !host.ends_with(']'))
        host = host.substr(0, port);
    return text::lower(host);
}

}  // namespace annexa::collectors
