#include "collectors/support/scratch_folder.hpp"

#include "collectors/host.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace annexa::collectors {
namespace {

[[noreturn]] void fail(const std::string& path, int code) {
    throw host_error{evidence::Reason::internal, path + ": " + std::strerror(code)};
}

constexpr std::string_view prefix = "annexa-collect-";
constexpr int most_entries = 100000;  // of a folder that others write to

// A folder of ours, no link to one, locked where nobody else has it locked; empty where it is anything else.
Descriptor locked(const std::string& path, int operation) {
    Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat opened {};
    struct stat named {};
    if (!folder || ::fstat(folder.get(), &opened) != 0 || opened.st_uid != ::geteuid() ||
        (opened.st_mode & 0777U) != 0700U)
        return {};
    if (::flock(folder.get(), operation) != 0) return {};
    // somebody may have taken it away before it was locked
    if (::lstat(path.c_str(), &named) != 0 || named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) return {};
    return folder;
}

void remove_leftovers(const std::string& folder) {
    std::error_code ignored;
    int entries = 0;
    for (std::filesystem::directory_iterator each{folder, ignored}, end; !ignored && each != end;
         each.increment(ignored)) {
        if (++entries > most_entries) return;
        const std::string path = each->path().string();
        if (!each->path().filename().string().starts_with(prefix)) continue;
        if (const Descriptor lock = locked(path, LOCK_EX | LOCK_NB)) {
            std::error_code failure;
            std::filesystem::remove_all(path, failure);  // follows no link
        }
    }
}

}  // namespace

std::string scratch_place() {
    for (const char* name : {"CACHE_DIRECTORY", "TMPDIR"})
        if (const char* folder = std::getenv(name); folder != nullptr && folder[0] == '/') return folder;
    return "/tmp";
}

ScratchFolder::ScratchFolder() {
    const std::string folder = scratch_place();
    remove_leftovers(folder);
    // Another may take a folder for a leftover between its making and its locking: then it is made anew.
    for (int attempt = 0; attempt < 100 && !lock_; ++attempt) {
        path_ = folder + "/" + std::string{prefix} + "XXXXXX";
        if (::mkdtemp(path_.data()) == nullptr) fail(path_, errno);
        lock_ = locked(path_, LOCK_EX);
    }
    if (!lock_) fail(path_, EAGAIN);
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;  // links and empty folders; nothing that could be followed out of it
    std::filesystem::remove_all(path_, ignored);
}

void ScratchFolder::make_folder(const std::string& name) const {
    std::error_code failure;
    std::filesystem::create_directories(path_ + "/" + name, failure);
    if (failure) fail(path_ + "/" + name, failure.value());
}

void ScratchFolder::link(const std::string& name, const std::string& target) const {
    const std::string path = path_ + "/" + name;
    if (::symlink(target.c_str(), path.c_str()) != 0 && errno != EEXIST) fail(path, errno);
}

}  // namespace annexa::collectors
