#include "agent/files.hpp"

#include "agent/descriptor.hpp"
#include "evidence/errors.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace annexa::agent {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
    throw evidence::error("cannot " + what + " " + path.string() + ": " + std::strerror(errno));
}

}  // namespace

void sync_folder(const std::filesystem::path& folder) {
    const Descriptor opened{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!opened || fsync(opened.get()) != 0) fail("make durable the folder", folder);
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
    const std::filesystem::path fresh = path.string() + ".new";
    const auto give_up = [&](const char* what) {
        const int code = errno;
        unlink(fresh.c_str());
        errno = code;
        fail(what, path);
    };
    {
        const Descriptor file{open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!file) fail("write", path);
        if (fchmod(file.get(), 0600) != 0) give_up("protect");
        while (!bytes.empty()) {
            const ssize_t count = write(file.get(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) give_up("write");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        if (fsync(file.get()) != 0) give_up("make durable");
    }
    if (rename(fresh.c_str(), path.c_str()) != 0) give_up("replace");
    sync_folder(path.parent_path());
}

std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t most_bytes) {
    const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!file) {
        if (errno == ENOENT) return std::nullopt;
        fail("read", path);
    }
    std::string bytes;
    char buffer[16384];
    for (;;) {
        const ssize_t count = read(file.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("read", path);
        if (count == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (bytes.size() > most_bytes)
            throw evidence::error(path.string() + " is larger than " + std::to_string(most_bytes) + " bytes");
    }
}

void remove_file(const std::filesystem::path& path) {
    if (unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return;
        fail("remove", path);
    }
    sync_folder(path.parent_path());
}

}  // namespace annexa::agent
