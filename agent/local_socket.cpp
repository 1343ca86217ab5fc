#include "agent/local_socket.hpp"

#include "evidence/errors.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace annexa::agent {
namespace {

constexpr std::size_t longest_request = 4096;
constexpr std::size_t longest_answer = std::size_t{4} << 20;

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
    throw evidence::error("cannot " + what + " the socket " + path.string() + ": " + std::strerror(errno));
}

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path) throw evidence::error("the path of the socket is too long: " + text);
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

std::optional<std::string> read_line(int connection, std::size_t longest, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::string line;
    char buffer[4096];
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return std::nullopt;
        pollfd watched{connection, POLLIN, 0};
        if (poll(&watched, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return std::nullopt;
        if (watched.revents == 0) continue;
        const ssize_t count = recv(connection, buffer, sizeof buffer, 0);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) return std::nullopt;
        line.append(buffer, static_cast<std::size_t>(count));
        if (const std::size_t end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
        if (line.size() > longest) return std::nullopt;
    }
}

}  // namespace

LocalListener::LocalListener(std::filesystem::path path) : path_{std::move(path)} {
    std::error_code ignored;
    std::filesystem::create_directories(path_.parent_path(), ignored);
    const sockaddr_un address = address_of(path_);
    listener_ = Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!listener_) fail("make", path_);
    // The lock of the state folder is held: who listened there before is gone, unless it works in another folder.
    const Descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        throw evidence::error("another agent listens at " + path_.string() + "; give this one its own `socket`");
    unlink(path_.c_str());
    const mode_t before = umask(0177);
    const int bound = bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    umask(before);
    if (bound != 0) fail("bind", path_);
    if (listen(listener_.get(), 16) != 0) fail("listen at", path_);
}

LocalListener::~LocalListener() { unlink(path_.c_str()); }

Descriptor LocalListener::accept() { return Descriptor{accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)}; }

std::optional<std::string> receive_line(int connection, std::chrono::milliseconds patience) {
    return read_line(connection, longest_request, patience);
}

void send_line(int connection, const std::string& line) {
    const std::string bytes = line + "\n";
    const timeval patience{1, 0};
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
    }
}

std::optional<std::string> ask_service(const std::filesystem::path& socket, const std::string& line,
                                       std::chrono::milliseconds patience) {
    const sockaddr_un address = address_of(socket);
    const Descriptor connection{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!connection) fail("make", socket);
    if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) return std::nullopt;
        fail("reach", socket);
    }
    send_line(connection.get(), line);
    auto answer = read_line(connection.get(), longest_answer, patience);
    if (!answer) throw evidence::error("the service at " + socket.string() + " did not answer");
    return answer;
}

}  // namespace annexa::agent
