#include "agent/daily_results.hpp"

#include "agent/files.hpp"
#include "evidence/errors.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace annexa::agent {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

std::optional<std::filesystem::path> from_environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || value[0] != '/') return std::nullopt;
    return std::filesystem::path{value};
}

/// Of this user, and nobody else may write to it; a link is neither.
bool is_own(const std::filesystem::path& path, mode_t type) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == type && status.st_uid == ::geteuid() &&
           (status.st_mode & 022U) == 0;
}

std::optional<std::filesystem::path> place() {
    if (const auto given = from_environment("CACHE_DIRECTORY")) return given;
    if (::geteuid() == 0) return "/var/cache/annexa-agent";
    if (const auto given = from_environment("XDG_CACHE_HOME")) return *given / "annexa-agent";
    if (const auto home = from_environment("HOME")) return *home / ".cache" / "annexa-agent";
    return std::nullopt;
}

}  // namespace

std::optional<std::filesystem::path> cache_folder() {
    auto folder = place();
    if (!folder) return std::nullopt;
    ::mkdir(folder->c_str(), 0700);  // no more than the last folder: a home without .cache gets none
    if (!is_own(*folder, S_IFDIR)) return std::nullopt;
    return folder;
}

std::filesystem::path DailyResults::file_of(std::string_view collector) const {
    return *folder_ / ("deep-" + std::string{collector} + ".json");
}

std::optional<Collected> DailyResults::recall(std::string_view collector, int version, evidence::Instant now) const {
    if (!folder_ || !is_own(file_of(collector), S_IFREG)) return std::nullopt;
    try {
        const std::optional<std::string> text = read_file(file_of(collector), most_bytes);
        if (!text) return std::nullopt;
        Collected result = parse_collected(*text);
        const bool fits = result.collector == collector && result.version == version &&
                          result.status == evidence::Status::ok && result.collected_at <= now &&
                          now - result.collected_at < kept_for;
        return fits ? std::optional{std::move(result)} : std::nullopt;
    } catch (const evidence::error&) {
        return std::nullopt;  // it is made anew
    }
}

void DailyResults::remember(const Collected& result) const {
    if (!folder_ || result.status != evidence::Status::ok) return;
    try {
        write_file(file_of(result.collector), to_json(result));
    } catch (const evidence::error&) {
        // a full disk costs time at the next check, and nothing else
    }
}

}  // namespace annexa::agent
