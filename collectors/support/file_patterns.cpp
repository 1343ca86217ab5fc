#include "collectors/support/file_patterns.hpp"

#include "collectors/support/text.hpp"

#include <fnmatch.h>

namespace annexa::collectors {

std::vector<std::pair<std::string, std::string>> read_matching(Files& files, std::string_view pattern) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto add = [&](const std::string& path) {
        const auto status = files.status(path);
        if (!status || status->kind != FileKind::regular) return;
        if (auto file = files.read(path)) found.emplace_back(path, std::move(file->text));
    };
    if (!pattern.starts_with('/')) return found;
    const std::string name{text::file_name(pattern)};
    if (name.find_first_of("*?[") == std::string::npos) {
        add(std::string{pattern});
        return found;
    }
    const std::string folder{text::folder(pattern)};
    const auto status = files.status(folder);
    if (!status || status->kind != FileKind::directory) return found;
    for (const std::string& each : files.list(folder).value_or(std::vector<std::string>{}))
        if (::fnmatch(name.c_str(), each.c_str(), FNM_PERIOD) == 0) add((folder == "/" ? "" : folder) + "/" + each);
    return found;
}

}  // namespace annexa::collectors
