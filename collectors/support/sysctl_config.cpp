#include "collectors/support/sysctl_config.hpp"

#include "collectors/support/text.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace annexa::collectors {
namespace {

/// Repeated and trailing slashes and "." components are nothing, the leading slash goes.
std::string simplified(std::string_view path) {
    std::string result;
    for (const std::string_view part : text::split(path, '/'))
        if (!part.empty() && part != ".") result += (result.empty() ? "" : "/") + std::string{part};
    return result;
}

}  // namespace

std::string normalized_sysctl(std::string_view name) {
    std::string key{name};
    const std::size_t first = key.find_first_of("/.");
    if (first != std::string::npos && key[first] == '.')
        for (char& c : key) c = c == '.' ? '/' : c == '/' ? '.' : c;
    return simplified(key);
}

std::string sysctl_name(std::string_view path) {
    std::string name{path};
    for (char& c : name) c = c == '/' ? '.' : c == '.' ? '/' : c;
    return name;
}

bool is_glob(std::string_view key) { return key.find_first_of("*?[") != std::string_view::npos; }

void SysctlConfig::add(const File& file) {
    for (const text::Line& line : text::lines(file.text, text::whole_line_comments_or_semicolon)) {
        const std::string source = file.path + ":" + std::to_string(line.number);
        const auto assignment = text::split_at(line.text, '=');
        std::string_view name = assignment ? assignment->first : line.text;
        const bool dash = name.starts_with('-');
        if (!assignment && !dash) throw host_error(Reason::malformed_source, source + ": expected NAME = VALUE");
        if (dash) name.remove_prefix(1);
        SysctlOption option{normalized_sysctl(text::trimmed(name)), std::nullopt, source};
        if (assignment) option.value = std::string{assignment->second};
        if (option.key.empty())
            throw host_error(Reason::malformed_source, source + ": expected the name of a parameter");
        std::erase_if(options_, [&](const SysctlOption& earlier) { return earlier.key == option.key; });
        options_.push_back(std::move(option));
    }
}

const SysctlOption* SysctlConfig::find(std::string_view path) const {
    const std::string key{path};
    const SysctlOption* found = nullptr;
    for (const SysctlOption& option : options_) {
        if (option.key == key) return option.value ? &option : nullptr;
        if (option.value && is_glob(option.key) &&
            ::fnmatch(option.key.c_str(), key.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0)
            found = &option;
    }
    return found;
}

}  // namespace annexa::collectors
