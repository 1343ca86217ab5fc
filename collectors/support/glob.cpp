#include "collectors/support/glob.hpp"

#include "collectors/support/text.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace annexa::collectors {

std::vector<std::string> glob(Files& files, std::string_view pattern) {
    constexpr std::size_t most_paths = 100000;
    std::vector<std::string> found{""};
    for (const std::string_view part : text::split(pattern, '/')) {
        if (part.empty()) continue;
        const std::string wanted{part};
        const bool wild = wanted.find_first_of("*?[") != std::string::npos;
        std::vector<std::string> longer;
        for (const auto& path : found) {
            if (!wild) {
                const std::string next = path + "/" + wanted;
                if (files.status(next)) longer.push_back(next);
                continue;
            }
            const auto status = files.status(path.empty() ? "/" : path);
            if (!status || status->kind != FileKind::directory) continue;
            for (const auto& name : files.list(path.empty() ? "/" : path).value_or(std::vector<std::string>{}))
                if (fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) == 0 && longer.size() < most_paths)
                    longer.push_back(path + "/" + name);
        }
        found = std::move(longer);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace annexa::collectors
