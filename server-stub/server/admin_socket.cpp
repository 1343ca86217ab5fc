#include "server-stub/server/admin_socket.hpp"

#include "evidence/errors.hpp"
#include "evidence/frame.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/server/administration.hpp"
#include "server-stub/server/server.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace annexa::store {
namespace {

constexpr std::size_t largest_request = 65536;
constexpr std::size_t largest_answer = std::size_t{64} << 20;
constexpr int patience_ms = 5000;  // for a request to arrive: it is written at once or by nobody of ours

class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_{number} {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Descriptor& operator=(Descriptor&&) = delete;
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

[[noreturn]] void fail(const std::string& what) { throw evidence::error(what + ": " + std::strerror(errno)); }

/// The socket's address by way of its open folder: sun_path is short, and the path of a store may be long.
struct Address {
    Descriptor folder;
    sockaddr_un name{};

    explicit Address(const std::filesystem::path& run) : folder{::open(run.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)} {
        name.sun_family = AF_UNIX;
        const std::string path = "/proc/self/fd/" + std::to_string(folder.get()) + "/admin.sock";
        path.copy(name.sun_path, sizeof name.sun_path - 1);
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Descriptor new_socket() {
    Descriptor made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (made.get() < 0) fail("socket");
    return made;
}

bool send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

/// The next frame; nothing where the peer ends or is too slow. timeout_ms -1: waits for ever.
std::optional<std::string> receive_frame(int from, std::size_t most_bytes, int timeout_ms) {
    evidence::FrameDecoder decoder{most_bytes};
    std::array<char, 16384> bytes{};
    for (;;) {
        if (auto frame = decoder.next()) return frame;
        pollfd ready{.fd = from, .events = POLLIN, .revents = 0};
        const int polled = ::poll(&ready, 1, timeout_ms);
        if (polled < 0 && errno == EINTR) continue;
        if (polled <= 0) return std::nullopt;
        const ssize_t count = ::recv(from, bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        decoder.add({bytes.data(), static_cast<std::size_t>(count)});
    }
}

}  // namespace

struct AdminSocket::Parts {
    Server& server;
    std::filesystem::path path;
    Descriptor listening;
    Descriptor stop;
    std::thread thread;

    void serve() {
        for (;;) {
            std::array<pollfd, 2> ready{{{.fd = listening.get(), .events = POLLIN, .revents = 0}, {.fd = stop.get(), .events = POLLIN, .revents = 0}}};
            if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
                server.journal.error(std::string{"admin socket: poll: "} + std::strerror(errno));
                return;
            }
            if (ready[1].revents != 0) return;
            if (ready[0].revents == 0) continue;
            const Descriptor client{::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            if (client.get() < 0) continue;
            try {
                const timeval patience{.tv_sec = patience_ms / 1000, .tv_usec = 0};
                ::setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
                const auto request = receive_frame(client.get(), largest_request, patience_ms);
                if (request) send_all(client.get(), evidence::encode_frame(administer(server, *request)));
            } catch (const std::exception& error) {
                server.journal.warning(std::string{"admin socket: "} + error.what());
            }
        }
    }
};

AdminSocket::AdminSocket(const DataFolder& folder, Server& server) {
    Descriptor listening = new_socket();
    const Address address{folder.run()};
    ::unlink(folder.admin_socket().c_str());
    // The mode of the socket before it has a name is the mode of the file that bind() makes: it is never open to others.
    if (::fchmod(listening.get(), 0600) != 0) fail("admin socket");
    if (::bind(listening.get(), address.get(), sizeof address.name) != 0) fail(folder.admin_socket().string());
    if (::listen(listening.get(), 16) != 0) fail(folder.admin_socket().string());
    parts_ = std::make_unique<Parts>(server, folder.admin_socket(), std::move(listening), Descriptor{::eventfd(0, EFD_CLOEXEC)});
    if (parts_->stop.get() < 0) fail("eventfd");
    parts_->thread = std::thread{[parts = parts_.get()] { parts->serve(); }};
}

AdminSocket::~AdminSocket() {
    const std::uint64_t one = 1;
    while (::write(parts_->stop.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
    parts_->thread.join();
    ::unlink(parts_->path.c_str());
}

std::optional<std::string> ask_running(const DataFolder& folder, std::string_view request) {
    const Address address{folder.run()};
    if (address.folder.get() < 0) {
        if (errno == ENOENT) return std::nullopt;
        fail(folder.run().string());
    }
    const Descriptor socket = new_socket();
    if (::connect(socket.get(), address.get(), sizeof address.name) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) return std::nullopt;
        fail(folder.admin_socket().string());
    }
    if (!send_all(socket.get(), evidence::encode_frame(request))) fail(folder.admin_socket().string());
    auto answer = receive_frame(socket.get(), largest_answer, -1);
    if (!answer) throw evidence::error(folder.admin_socket().string() + ": the server ended before it answered; run the command again");
    return answer;
}

}  // namespace annexa::store
