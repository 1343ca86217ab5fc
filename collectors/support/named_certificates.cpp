#include "collectors/support/named_certificates.hpp"

#include "collectors/support/glob.hpp"

#include <algorithm>

namespace annexa::collectors {

void IncludeBudget::take(std::string_view path, int depth) {
    constexpr int most_files = 5000, most_depth = 16;
    if (depth > most_depth || ++files_ > most_files)
        throw host_error(Reason::malformed_source, std::string{path} + ": expected fewer nested includes");
}

std::string IncludeBudget::place(std::string_view path, std::size_t line) {
    return std::string{path} + ":" + std::to_string(line);
}

bool any_installed(Files& files, const std::vector<std::string_view>& programs) {
    return std::any_of(programs.begin(), programs.end(),
                       [&](std::string_view program) { return !glob(files, program).empty(); });
}

std::string absolute_path(std::string_view path, std::string_view folder) {
    if (path.starts_with('/')) return std::string{path};
    return std::string{folder} + (folder.ends_with('/') ? "" : "/") + std::string{path};
}

}  // namespace annexa::collectors
