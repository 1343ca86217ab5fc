#include "collectors/support/scratch_folder.hpp"

#include "collectors/host.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace annexa::collectors {
namespace {

std::string place() {
    for (const char* name : {"CACHE_DIRECTORY", "TMPDIR"})
        if (const char* folder = std::getenv(name); folder != nullptr && folder[0] == '/') return folder;
    return "/tmp";
}

[[noreturn]] void fail(const std::string& path, int code) {
    throw host_error{evidence::Reason::internal, path + ": " + std::strerror(code)};
}

}  // namespace

ScratchFolder::ScratchFolder() : path_{place() + "/annexa-collect-XXXXXX"} {
    if (::mkdtemp(path_.data()) == nullptr) fail(path_, errno);
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
