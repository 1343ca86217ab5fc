#include "collectors/support/open_in_root.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <utility>
#include <vector>

namespace annexa::collectors {
namespace {

constexpr int most_links = 40;  // as path_resolution(7) has it
constexpr int handle = O_PATH | O_NOFOLLOW | O_CLOEXEC;
constexpr ino_t root_of_proc = 1;  // PROC_ROOT_INO

Descriptor none(int code) {
    errno = code;
    return {};
}

/// The names in a path; an empty one at its end where it ends with a slash, which only a folder may.
std::deque<std::string> names_in(const std::string& path) {
    std::deque<std::string> names;
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const bool last = end == path.size();
        if (end != begin || (last && !path.empty())) names.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

bool is_proc(int descriptor) {
    struct statfs system {};
    return ::fstatfs(descriptor, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/// Links at the top of /proc (self, mounts, net) are names; those further down lead where no name does.
bool is_magic(int link, int folder) {
    struct stat parent {};
    return is_proc(link) && (!is_proc(folder) || ::fstat(folder, &parent) != 0 || parent.st_ino != root_of_proc);
}

}  // namespace

Descriptor walk_in_root(int root, const std::string& path, bool follow) {
    if (path.empty()) return none(ENOENT);
    if (path.size() >= PATH_MAX) return none(ENAMETOOLONG);
    std::vector<Descriptor> way;  // from the root to where we are
    way.emplace_back(::openat(root, ".", handle | O_DIRECTORY));
    if (!way.back()) return {};
    std::deque<std::string> names = names_in(path);
    int links = 0;
    while (!names.empty()) {
        const std::string name = std::move(names.front());
        names.pop_front();
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            if (way.size() > 1) way.pop_back();
            continue;
        }
        Descriptor next{::openat(way.back().get(), name.c_str(), handle)};
        struct stat found {};
        if (!next || ::fstat(next.get(), &found) != 0) return {};
        if (!S_ISLNK(found.st_mode)) {
            if (!names.empty() && !S_ISDIR(found.st_mode)) return none(ENOTDIR);
            way.push_back(std::move(next));
            continue;
        }
        if (names.empty() && !follow) return next;
        if (++links > most_links || is_magic(next.get(), way.back().get())) return none(ELOOP);
        std::array<char, PATH_MAX> target{};
        const ssize_t length = ::readlinkat(next.get(), "", target.data(), target.size());
        if (length <= 0) return length < 0 ? Descriptor{} : none(ENOENT);
        if (static_cast<std::size_t>(length) == target.size()) return none(ENAMETOOLONG);
        if (target[0] == '/') way.erase(way.begin() + 1, way.end());
        const std::deque<std::string> inner = names_in({target.data(), static_cast<std::size_t>(length)});
        names.insert(names.begin(), inner.begin(), inner.end());
    }
    return std::move(way.back());
}

Descriptor open_in_root(int root, const std::string& path, bool follow) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC | (follow ? 0U : O_NOFOLLOW);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: something was renamed during a walk over "..", and the kernel cannot say where it ended (openat2(2)).
    for (int attempt = 0; attempt < 100; ++attempt) {
        const long descriptor = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
        if (descriptor >= 0) return Descriptor{static_cast<int>(descriptor)};
        if (errno != EAGAIN && errno != EINTR) break;
    }
    return errno == ENOSYS ? walk_in_root(root, path, follow) : Descriptor{};
}

}  // namespace annexa::collectors
