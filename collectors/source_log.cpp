#include "collectors/source_log.hpp"

#include <algorithm>

namespace annexa::collectors {

void SourceLog::add(Source source) {
    std::string path = source.path;
    sources_.insert_or_assign(std::move(path), std::move(source));
}

void SourceLog::add_name(std::string_view name) {
    std::string general{name};
    constexpr std::string_view processes = "/proc/";
    if (name.starts_with(processes)) {
        const std::size_t end = name.find_first_not_of("0123456789", processes.size());
        if (end != processes.size() && (end == std::string_view::npos || name[end] == '/')) {
            general = "/proc/*";
            if (end != std::string_view::npos) general += name.substr(end);
        }
    }
    // Process descriptors and map files carry numbers of their own.
    for (const std::string_view numbered : {"/proc/*/fd/", "/proc/*/task/", "/proc/*/map_files/"})
        if (general.starts_with(numbered)) general = std::string{numbered} + "*";
    sources_.try_emplace(general, Source{general, std::nullopt, std::nullopt});
}

std::vector<Source> SourceLog::sources() const {
    std::vector<Source> result;
    result.reserve(sources_.size());
    for (const auto& [path, source] : sources_) result.push_back(source);
    // A collector that looks at a whole tree of the kernel says so once.
    constexpr std::ptrdiff_t most_names = 64;
    for (const std::string_view tree : {"/proc/sys/", "/sys/"}) {
        const auto within = [&](const Source& source) { return source.path.starts_with(tree); };
        if (std::count_if(result.begin(), result.end(), within) <= most_names) continue;
        std::erase_if(result, within);
        result.push_back({std::string{tree} + "*", std::nullopt, std::nullopt});
    }
    std::sort(result.begin(), result.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
    return result;
}

}  // namespace annexa::collectors
