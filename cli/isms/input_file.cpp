#include "cli/isms/input_file.hpp"

#include "cli/sheets/file.hpp"
#include "evidence/errors.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace annexa::cli {
namespace {

using evidence::error;

std::string bounded(std::istream& in, const std::string& name, std::size_t most_bytes) {
    std::string bytes;
    char part[65536];
    while (in.read(part, sizeof part) || in.gcount() > 0) {
        bytes.append(part, static_cast<std::size_t>(in.gcount()));
        if (bytes.size() > most_bytes)
            throw error(name + ": is larger than " + std::to_string(most_bytes >> 20) + " MiB, the most that is read");
    }
    if (in.bad()) throw error(name + ": cannot be read");
    return bytes;
}

struct Descriptor {
    int number = -1;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

/// A file that is not there yet, on the disk before this returns.
void write_new(const std::string& file, const std::string& bytes, mode_t mode) {
    const Descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
    const auto fail = [&] {
        const std::string why = std::strerror(errno);
        if (out.number >= 0) ::unlink(file.c_str());
        throw error(file + ": " + why);
    };
    if (out.number < 0) fail();
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t written = ::write(out.number, bytes.data() + at, bytes.size() - at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail();
        at += static_cast<std::size_t>(written);
    }
    if (::fsync(out.number) != 0) fail();
}

}  // namespace

std::string read_input(const std::string& file, std::size_t most_bytes) {
    if (file == "-") return bounded(std::cin, "standard input", most_bytes);
    std::error_code problem;
    if (std::filesystem::is_directory(file, problem)) throw error(file + ": is a folder, expected a file");
    std::ifstream in{file, std::ios::binary};
    if (!in) throw error(file + ": " + std::strerror(errno));
    return bounded(in, file, most_bytes);
}

void write_output(const std::string& file, const std::string& bytes, bool private_to_user) {
    if (private_to_user) return write_new(file, bytes, 0600);
    sheets::write_whole(file, std::cout,
                        [&](const std::filesystem::path& path) { write_new(path.string(), bytes, 0666); });
}

}  // namespace annexa::cli
