#include "server-stub/files.hpp"

#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace annexa::store {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) { throw evidence::error(path.string() + ": " + std::strerror(errno)); }

class Descriptor {
  public:
    explicit Descriptor(int number) : number_{number} {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

/// Takes the half-written file away again unless it was kept.
class Partial {
  public:
    explicit Partial(std::filesystem::path path) : path_{std::move(path)} {}
    ~Partial() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    Partial(const Partial&) = delete;
    Partial& operator=(const Partial&) = delete;
    void keep() { path_.clear(); }

  private:
    std::filesystem::path path_;
};

}  // namespace

std::string read_file(const std::filesystem::path& file, std::size_t most_bytes) {
    const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (descriptor.get() < 0) fail(file);
    std::string bytes(most_bytes + 1, '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t count = ::read(descriptor.get(), bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(file);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size > most_bytes) throw evidence::error(file.string() + ": longer than " + std::to_string(most_bytes) + " bytes");
    bytes.resize(size);
    return bytes;
}

void write_file(const std::filesystem::path& file, std::string_view bytes, unsigned mode) {
    // A name of its own: two may write the same file at once, and a full disk may leave nothing beside it.
    const std::filesystem::path beside = file.string() + ".tmp-" + evidence::to_hex(evidence::random_bytes(8));
    Partial partial{beside};
    {
        const Descriptor descriptor{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode))};
        if (descriptor.get() < 0) fail(beside);
        if (::fchmod(descriptor.get(), static_cast<mode_t>(mode)) != 0) fail(beside);
        std::size_t written = 0;
        while (written < bytes.size()) {
            const ssize_t count = ::write(descriptor.get(), bytes.data() + written, bytes.size() - written);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail(beside);
            written += static_cast<std::size_t>(count);
        }
        if (::fsync(descriptor.get()) != 0) fail(beside);
    }
    if (::rename(beside.c_str(), file.c_str()) != 0) fail(file);
    partial.keep();
    sync_folder(file.parent_path());
}

void sync_folder(const std::filesystem::path& folder) {
    const Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0) fail(folder);
}

}  // namespace annexa::store
