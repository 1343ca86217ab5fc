#include "collectors/service.hpp"

#include "collectors/machine_identity.hpp"
#include "collectors/support/descriptor.hpp"
#include "collectors/support/text.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/frame.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace annexa::collectors {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds request_limit{10};
constexpr timeval send_limit{.tv_sec = 30, .tv_usec = 0};

/// The peer is gone or too slow: there is nobody to tell.
class hung_up : public evidence::error {
  public:
    using error::error;
};

void send_frame(int socket, std::string_view bytes) {
    const std::string frame = evidence::encode_frame(bytes);
    std::string_view rest = frame;
    while (!rest.empty()) {
        const ssize_t count = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw hung_up("the peer takes no answer");
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

void send_result(int socket, const Collector* collector, const Collected& result) {
    std::string json = to_json(result);
    if (json.size() > most_answer_bytes) {
        Collected short_one = failed(*collector, Reason::output_too_large,
                                     "more than " + std::to_string(most_answer_bytes) + " bytes of answer");
        short_one.collected_at = result.collected_at;
        short_one.duration_ms = result.duration_ms;
        json = to_json(short_one);
    }
    send_frame(socket, json);
}

/// The whole request must come within its time, however it is cut.
std::string receive_request(int socket) {
    evidence::FrameDecoder decoder{most_request_bytes};
    const auto deadline = Steady::now() + request_limit;
    std::array<char, 8192> buffer{};
    while (true) {
        if (std::optional<std::string> frame = decoder.next()) return std::move(*frame);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
        pollfd waiting{socket, POLLIN, 0};
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) throw hung_up("no request came in time");
        const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) throw hung_up("no request came");
        decoder.add({buffer.data(), static_cast<std::size_t>(count)});
    }
}

OpenMachine machine_of(const Request& request) {
    if (request.root) return [root = *request.root] { return image_machine(root); };
    if (request.fixture) return [folder = *request.fixture] { return fixture_machine(folder); };
    return [] { return live_machine(); };
}

// A case folder's results are of its own time, so that a case holds tomorrow too.
class FixedClock final : public evidence::Clock {
  public:
    explicit FixedClock(evidence::Instant now) : now_{now} {}
    [[nodiscard]] evidence::Instant now() const override { return now_; }

  private:
    evidence::Instant now_;
};

bool answer(int socket, Peer peer, const Request& request, std::span<const Collector* const> known,
            const evidence::Clock& clock) {
    if (peer == Peer::service && (request.root || request.fixture))
        throw evidence::error(
            "request: root and fixture are read with the rights of who asks: start annexa-collect yourself");
    const OpenMachine open_machine = machine_of(request);
    const std::unique_ptr<Machine> machine = open_machine();  // refuses a folder that is none before anything runs
    for (const Collector* collector : request.disabled) {
        Collected result = failed(*collector, Reason::disabled, "it is switched off in the configuration");
        result.collected_at = clock.now();
        send_result(socket, collector, result);
    }
    for (const std::string& name : request.unknown) {
        Collector stranger{};
        stranger.name = name;
        Collected result =
            failed(stranger, Reason::internal, "this annexa-collect is older than the agent and has no such collector");
        result.collected_at = clock.now();
        send_result(socket, &stranger, result);
    }
    const auto done = [&](const Collected& result) {
        for (const Collector* collector : known)
            if (collector->name == result.collector) send_result(socket, collector, result);
    };
    const FixedClock fixed{machine->time().value_or(clock.now())};
    const evidence::Clock& of_machine = machine->time() ? static_cast<const evidence::Clock&>(fixed) : clock;
    if (!run(request.collectors, open_machine, request.limits, of_machine, done, socket)) return false;
    // A case folder is nobody's machine: what is said of it is said of the running one.
    const std::unique_ptr<Machine> here = request.fixture ? live_machine() : nullptr;
    send_frame(socket, to_json(machine_facts(here ? here->host() : machine->host(), request.fingerprint_for)));
    return true;
}

void refuse(int socket, const std::string& sentence) {
    std::string json = "{\"error\":";
    evidence::append_json_string(json, text::printable(sentence));
    send_frame(socket, json + "}");
}

/// Why nothing is answered to this peer; empty for one of `users`.
std::string unwelcome(int connection, std::span<const uid_t> users) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "the peer has no user";
    if (std::find(users.begin(), users.end(), peer.uid) != users.end()) return {};
    return "this socket is not for user " + std::to_string(peer.uid) + ": only root and the agent's user may ask";
}

}  // namespace

bool serve(int socket, Peer peer, std::span<const Collector* const> known, const evidence::Clock& clock) {
    (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
    try {
        try {
            return answer(socket, peer, parse_request(receive_request(socket), known), known, clock);
        } catch (const hung_up&) {
            throw;
        } catch (const evidence::error& failure) {
            refuse(socket, failure.what());
        }
    } catch (const hung_up&) {
        return false;
    }
    return false;
}

void serve_listener(int socket, std::span<const uid_t> users, std::span<const Collector* const> known,
                    const evidence::Clock& clock, std::chrono::milliseconds idle) {
    while (true) {
        pollfd waiting{socket, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(idle.count()));
        if (ready == 0) return;
        if (ready < 0 && errno == EINTR) continue;
        const Descriptor connection{::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC)};
        if (!connection && (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN)) continue;
        if (!connection) throw evidence::error(std::string{"accept: "} + std::strerror(errno));
        if (const std::string stranger = unwelcome(connection.get(), users); !stranger.empty()) {
            (void)std::fprintf(stderr, "annexa-collect: refused: %s\n", stranger.c_str());
            (void)::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
            try {
                refuse(connection.get(), stranger);
            } catch (const hung_up&) {  // who is refused need not hear why
            }
            continue;
        }
        (void)serve(connection.get(), Peer::service, known, clock);
    }
}

}  // namespace annexa::collectors
