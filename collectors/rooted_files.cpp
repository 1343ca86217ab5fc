#include "collectors/rooted_files.hpp"

#include "collectors/support/md5.hpp"
#include "collectors/support/open_in_root.hpp"
#include "collectors/support/text.hpp"
#include "evidence/digest.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <type_traits>

namespace annexa::collectors {
namespace {

constexpr std::size_t most_names_in_folder = 1'000'000;

[[noreturn]] void fail(std::string_view path, int code) {
    const Reason reason = code == EACCES || code == EPERM ? Reason::permission_denied : Reason::unreadable_source;
    throw host_error(reason, text::printable(path) + ": " + std::strerror(code));
}

[[noreturn]] void refuse(std::string_view path, std::string_view why) {
    throw host_error(Reason::unreadable_source, text::printable(path) + ": " + std::string{why});
}

FileKind kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFDIR:
            return FileKind::directory;
        case S_IFLNK:
            return FileKind::symlink;
        case S_IFBLK:
            return FileKind::block;
        case S_IFCHR:
            return FileKind::character;
        case S_IFIFO:
            return FileKind::fifo;
        case S_IFSOCK:
            return FileKind::socket;
        default:
            return FileKind::regular;
    }
}

std::string descriptor_path(const Descriptor& descriptor) {
    return "/proc/self/fd/" + std::to_string(descriptor.get());
}

std::string link_target(const std::string& path) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t length = ::readlink(path.c_str(), buffer.data(), buffer.size());
    return length < 0 ? std::string{} : std::string{buffer.data(), static_cast<std::size_t>(length)};
}

bool is_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

RootedFiles::RootedFiles(std::string root, SourceLog& sources) : root_{std::move(root)}, sources_{sources} {
    root_descriptor_ = Descriptor{::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root_descriptor_ && errno != ENOENT)
        throw evidence::error(text::printable(root_) + ": " + std::strerror(errno));
    if (root_descriptor_) real_root_ = link_target(descriptor_path(root_descriptor_));
    if (real_root_ == "/") real_root_.clear();
}

Descriptor RootedFiles::resolve(std::string_view path, bool follow) const {
    if (!path.starts_with('/')) throw host_error(Reason::internal, "not an absolute path: " + text::printable(path));
    // Such names come out of damaged files; none can exist, and cut off at the NUL it would be another file's.
    if (path.find('\0') != std::string_view::npos) refuse(path, "is no name of a file");
    if (!root_descriptor_) return {};
    std::string name{path};
    for (const auto& [from, to] : moved_)
        if (is_below(path, from)) name = to + name.substr(from.size());
    if (Descriptor found = open_in_root(root_descriptor_.get(), name, follow)) return found;
    if (errno == ENOENT || errno == ENOTDIR) return {};
    if (errno == EACCES) sources_.add({std::string{path}, std::nullopt, std::nullopt});
    fail(path, errno);
}

Descriptor RootedFiles::reopen(const Descriptor& handle, std::string_view path, int flags) {
    struct statfs system {};
    if (::fstatfs(handle.get(), &system) == 0 && (system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC))
        refuse(path, "belongs to a running kernel, not to the files of a host");
    // Through the handle, so that what was checked is what is opened, whatever happens to the path meanwhile.
    Descriptor descriptor{
        ::open(descriptor_path(handle).c_str(), flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!descriptor) {
        const int code = errno;
        sources_.add({std::string{path}, std::nullopt, std::nullopt});
        fail(path, code);
    }
    return descriptor;
}

std::string RootedFiles::real_path(const Descriptor& handle, std::string_view path) const {
    const std::string target = link_target(descriptor_path(handle));
    if (target.empty() || !target.starts_with(real_root_)) return std::string{path};
    const std::string inside = target.substr(real_root_.size());
    for (const auto& [from, to] : moved_)
        if (is_below(inside, to)) return from + inside.substr(to.size());
    return inside.empty() ? "/" : inside;
}

FileStatus RootedFiles::status_of(const Descriptor& handle, const std::string& path) const {
    struct stat found {};
    if (::fstat(handle.get(), &found) != 0) fail(path, errno);
    FileStatus result;
    result.kind = kind_of(found.st_mode);
    result.mode = found.st_mode & 07777U;
    result.uid = found.st_uid;
    result.gid = found.st_gid;
    result.size_bytes = static_cast<std::uint64_t>(found.st_size);
    result.modified = found.st_mtim.tv_sec;
    result.modified_ns = found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec;
    result.changed_ns = found.st_ctim.tv_sec * 1'000'000'000 + found.st_ctim.tv_nsec;
    result.device = found.st_dev;
    result.inode = found.st_ino;
    result.links = found.st_nlink;
    return adjusted(path, result);
}

std::optional<FileStatus> RootedFiles::status(std::string_view path) {
    const Descriptor handle = resolve(path, true);
    if (!handle) return std::nullopt;
    return status_of(handle, real_path(handle, path));
}

std::optional<FileStatus> RootedFiles::status_of_link(std::string_view path) {
    const Descriptor handle = resolve(path, false);
    if (!handle) return std::nullopt;
    return status_of(handle, std::string{path});
}

std::optional<File> RootedFiles::read(std::string_view path, std::size_t most_bytes) {
    std::optional<std::string> bytes = read_bytes(path, most_bytes, true);
    if (!bytes) return std::nullopt;
    return File{std::string{path}, std::move(*bytes)};
}

std::optional<std::string> RootedFiles::read_head(std::string_view path, std::size_t bytes) {
    return read_bytes(path, bytes, false);
}

std::optional<std::string> RootedFiles::read_bytes(std::string_view path, std::size_t most_bytes, bool whole) {
    const Descriptor handle = resolve(path, true);
    if (!handle) return std::nullopt;
    const std::string real = real_path(handle, path);
    const FileStatus found = status_of(handle, real);
    if (found.kind == FileKind::directory) fail(path, EISDIR);
    if (found.kind != FileKind::regular) refuse(path, "is a special file, which is never opened");
    if (whole && found.size_bytes > most_bytes) refuse(path, "is larger than " + std::to_string(most_bytes) + " bytes");
    const auto log = [&](std::optional<std::string> digest, std::optional<std::uint64_t> size) {
        sources_.add({std::string{path}, std::move(digest), size});
    };
    try {
        permit(std::string{path});
        permit(real);
    } catch (...) {
        log(std::nullopt, std::nullopt);
        throw;
    }
    const Descriptor descriptor = reopen(handle, path, 0);

    std::string result;
    const std::size_t wanted = whole ? most_bytes + 1 : most_bytes;  // one more shows that there is more
    while (result.size() < wanted) {
        const std::size_t before = result.size();
        result.resize(std::min(wanted, before + std::max<std::size_t>(found.size_bytes + 1, 4096)));
        const ssize_t count = ::read(descriptor.get(), result.data() + before, result.size() - before);
        const int code = errno;
        result.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count < 0 && code == EINTR) continue;
        if (count < 0) {
            log(std::nullopt, std::nullopt);
            fail(path, code);
        }
        if (count == 0) break;
    }
    if (whole && result.size() > most_bytes) refuse(path, "is larger than " + std::to_string(most_bytes) + " bytes");
    const bool digest = whole && everybody_may_read(real, found);
    log(digest ? std::optional{evidence::sha256(result).hex()} : std::nullopt,
        whole ? std::optional<std::uint64_t>{result.size()} : std::nullopt);
    return result;
}

bool RootedFiles::everybody_may_read(const std::string& real, const FileStatus& status) {
    return (status.mode & S_IROTH) != 0 && everybody_may_enter(std::string{text::folder(real)});
}

bool RootedFiles::everybody_may_enter(const std::string& folder) {
    if (const auto known = enterable_.find(folder); known != enterable_.end()) return known->second;
    const std::optional<FileStatus> found = status_of_link(folder);
    bool result = found && (found->mode & S_IXOTH) != 0;
    if (result && folder != "/") result = everybody_may_enter(std::string{text::folder(folder)});
    return enterable_[folder] = result;
}

std::optional<std::vector<std::string>> RootedFiles::list(std::string_view path) {
    const Descriptor handle = resolve(path, true);
    if (!handle) return std::nullopt;
    const std::string real = real_path(handle, path);
    if (status_of(handle, real).kind != FileKind::directory) fail(path, ENOTDIR);
    permit(std::string{path});
    permit(real);
    Descriptor descriptor = reopen(handle, path, O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(descriptor.get()), &::closedir};
    if (!stream) fail(path, errno);
    (void)descriptor.release();  // closedir closes it
    std::vector<std::string> names;
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr && errno != 0) fail(path, errno);
        if (entry == nullptr) break;
        const std::string_view name = &entry->d_name[0];
        if (name == "." || name == "..") continue;
        if (names.size() == most_names_in_folder) refuse(path, "holds more names than annexa reads");
        names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> RootedFiles::read_link(std::string_view path) {
    const Descriptor handle = resolve(path, false);
    if (!handle || status_of(handle, std::string{path}).kind != FileKind::symlink) return std::nullopt;
    std::array<char, PATH_MAX> buffer{};
    const ssize_t length = ::readlinkat(handle.get(), "", buffer.data(), buffer.size());
    if (length < 0) fail(path, errno);
    return std::string{buffer.data(), static_cast<std::size_t>(length)};
}

std::optional<std::string> RootedFiles::attribute(std::string_view path, std::string_view name) {
    const Descriptor handle = resolve(path, true);
    if (!handle) return std::nullopt;
    std::array<char, 65536> buffer{};  // XATTR_SIZE_MAX
    const ssize_t length =
        ::getxattr(descriptor_path(handle).c_str(), std::string{name}.c_str(), buffer.data(), buffer.size());
    if (length < 0 && (errno == ENODATA || errno == ENOTSUP)) return std::nullopt;
    if (length < 0) fail(path, errno);
    return std::string{buffer.data(), static_cast<std::size_t>(length)};
}

std::optional<std::string> RootedFiles::path_for_library(std::string_view path) {
    const Descriptor handle = resolve(path, true);
    if (!handle) return std::nullopt;
    const std::string real = real_path(handle, path);
    const FileStatus found = status_of(handle, real);
    if (found.kind != FileKind::regular) refuse(path, "is no regular file");
    sources_.add({std::string{path}, std::nullopt, found.size_bytes});
    permit(std::string{path});
    permit(real);
    for_libraries_.push_back(reopen(handle, path, 0));
    return descriptor_path(for_libraries_.back());
}

template <class Digest>
std::optional<std::string> RootedFiles::digest(std::string_view path) {
    const Descriptor handle = resolve(path, false);
    if (!handle || status_of(handle, std::string{path}).kind != FileKind::regular) return std::nullopt;
    permit(std::string{path});
    const Descriptor descriptor = reopen(handle, path, 0);
    Digest digest;
    std::vector<char> piece(std::size_t{256} << 10);
    while (true) {
        const ssize_t count = ::read(descriptor.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(path, errno);
        if (count == 0) break;
        digest.add(std::string_view{piece.data(), static_cast<std::size_t>(count)});
    }
    if constexpr (std::is_same_v<Digest, Md5>)
        return digest.finish();
    else
        return digest.finish().hex();
}

std::optional<std::string> RootedFiles::md5(std::string_view path) { return digest<Md5>(path); }
std::optional<std::string> RootedFiles::sha256(std::string_view path) { return digest<evidence::Hasher>(path); }

FileStatus RootedFiles::adjusted(const std::string& /*path*/, FileStatus status) const { return status; }
void RootedFiles::permit(const std::string& /*path*/) const {}

}  // namespace annexa::collectors
