#include "cli/isms/input_file.hpp"

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
    const std::string fresh = private_to_user ? file : file + ".new";
    const auto fail = [&](const std::string& why) {
        ::unlink(fresh.c_str());
        throw error(file + ": " + why);
    };
    if (!private_to_user) ::unlink(fresh.c_str());
    {
        const Descriptor out{
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, private_to_user ? 0600 : 0666)};
        if (out.number < 0) throw error(file + ": " + std::strerror(errno));
        for (std::size_t at = 0; at < bytes.size();) {
            const ssize_t written = ::write(out.number, bytes.data() + at, bytes.size() - at);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) fail(std::strerror(errno));
            at += static_cast<std::size_t>(written);
        }
        if (private_to_user && ::fsync(out.number) != 0) fail(std::strerror(errno));
    }
    if (!private_to_user && ::rename(fresh.c_str(), file.c_str()) != 0) fail(std::strerror(errno));
}

}  // namespace annexa::cli
