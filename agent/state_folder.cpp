#include "agent/state_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace annexa::agent {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
    throw evidence::error("cannot " + what + " " + path.string() + ": " + std::strerror(errno));
}

std::string holder(int lock) {
    char text[32] = {};
    const ssize_t count = pread(lock, text, sizeof text - 1, 0);
    std::string id{text, count > 0 ? static_cast<std::size_t>(count) : 0};
    while (!id.empty() && id.back() == '\n') id.pop_back();
    return id.empty() ? "another process" : "process " + id;
}

}  // namespace

StateFolder StateFolder::open(const std::filesystem::path& path) {
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("make the state folder", path);
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) fail("look at the state folder", path);
    if (!S_ISDIR(status.st_mode)) throw evidence::error("the state folder " + path.string() + " is no folder");
    if (status.st_uid != geteuid())
        throw evidence::error("the state folder " + path.string() + " belongs to user " +
                              std::to_string(status.st_uid) + "; run this as that user");
    if ((status.st_mode & 0077) != 0 && chmod(path.c_str(), 0700) != 0) fail("protect the state folder", path);

    const std::filesystem::path lock_path = path / "lock";
    Descriptor lock{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) fail("open", lock_path);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            throw folder_in_use("the state folder " + path.string() + " is used by " + holder(lock.get()));
        fail("lock", lock_path);
    }
    const std::string id = std::to_string(getpid()) + "\n";
    if (ftruncate(lock.get(), 0) != 0 || pwrite(lock.get(), id.data(), id.size(), 0) != static_cast<ssize_t>(id.size()))
        fail("write", lock_path);
    return {path, std::move(lock)};
}

}  // namespace annexa::agent
