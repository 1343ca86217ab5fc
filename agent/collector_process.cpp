#include "agent/collector_process.hpp"

#include "agent/descriptor.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "evidence/frame.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string_view>

extern char** environ;

namespace annexa::agent {
namespace {

using evidence::error;
using evidence::Reason;
using nlohmann::json;
using Monotonic = std::chrono::steady_clock;

constexpr std::size_t most_answer_bytes = std::size_t{64} << 20;

/// A started annexa-collect: ended and reaped when this goes.
class Child {
  public:
    Child() = default;
    explicit Child(pid_t pid) : pid_{pid} {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&& other) noexcept : pid_{std::exchange(other.pid_, -1)} {}
    Child& operator=(Child&&) = delete;
    ~Child() {
        if (pid_ < 0) return;
        // It ends by itself when its socket closes; one that does not within two seconds is killed.
        const Descriptor process{static_cast<int>(syscall(SYS_pidfd_open, pid_, 0))};
        pollfd ended{process.get(), POLLIN, 0};
        if (poll(&ended, 1, 2000) != 1) kill(pid_, SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

  private:
    pid_t pid_ = -1;
};

struct Peer {
    Child child;  // declared first: the socket closes before the child is waited for
    Descriptor socket;
};

[[noreturn]] void fail(const std::string& what, int code) { throw error(what + ": " + std::strerror(code)); }

Peer start(const std::filesystem::path& program) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        fail("cannot make a socket pair", errno);
    Descriptor ours{pair[0]};
    Descriptor theirs{pair[1]};
    fcntl(theirs.get(), F_SETFL, 0);  // the peer reads and writes blockingly

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);  // libcurl's connections to the store among them
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t pipes;  // what this program ignores is not for the other to inherit
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &pipes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    std::vector<char*> environment;  // a token has no business in a program that reads the host
    for (char** entry = environ; *entry != nullptr; ++entry)
        if (!std::string_view{*entry}.starts_with("ANNEXA_TOKEN=")) environment.push_back(*entry);
    environment.push_back(nullptr);
    std::string name = program.filename().string();
    char* arguments[] = {name.data(), nullptr};
    pid_t pid = -1;
    const int problem = posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) fail("cannot start " + program.string(), problem);
    return {Child{pid}, std::move(ours)};
}

Peer connect_to(const std::filesystem::path& path) {
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) fail("cannot make a socket", errno);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path) throw error("the path of the collector's socket is too long: " + text);
    std::memcpy(address.sun_path, text.data(), text.size());
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("cannot reach annexa-collect at " + text + " (is annexa-collect.socket active?)", errno);
    return {Child{}, std::move(socket)};
}

Peer open(const CollectorPeer& peer) {
    if (const auto* program = std::get_if<CollectorProgram>(&peer)) return start(program->path);
    return connect_to(std::get<CollectorSocket>(peer).path);
}

std::string request_text(const CollectRequest& request) {
    json names = json::array();
    for (const ExpectedCollector& collector : request.collectors) names.push_back(collector.name);
    json message{{"collectors", names},
                 {"root", request.root ? json(request.root->string()) : json()},
                 {"fixture", request.fixture ? json(request.fixture->string()) : json()},
                 {"cost", "all"},
                 {"timeout_ms", request.timeout.count()},
                 {"memory_bytes", request.memory_bytes},
                 {"output_bytes", most_answer_bytes},
                 {"disabled", request.disabled},
                 {"fingerprint_for", request.fingerprint_for ? json(*request.fingerprint_for) : json()}};
    return message.dump();
}

enum class Wait { ready, timed_out, stopped };

Wait wait_for(int socket, short events, int stop, Monotonic::time_point until) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Monotonic::now());
        if (left.count() <= 0) return Wait::timed_out;
        pollfd watched[] = {{socket, events, 0}, {stop, POLLIN, 0}};
        const int ready =
            poll(watched, stop < 0 ? 1 : 2, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (ready < 0 && errno != EINTR) fail("cannot wait for annexa-collect", errno);
        if (ready <= 0) continue;
        if (stop >= 0 && watched[1].revents != 0) return Wait::stopped;
        if (watched[0].revents != 0) return Wait::ready;
    }
}

/// The dialogue: what is still awaited, what has come, and what went wrong.
class Dialogue {
  public:
    Dialogue(const CollectRequest& request, const evidence::Clock& clock, const ResultSink& sink)
        : request_{request}, clock_{clock}, sink_{sink} {
        for (const ExpectedCollector& collector : request.collectors) awaited_.emplace(collector.name, &collector);
    }

    Collection hold(int socket, int stop) {
        try {
            if (send(socket, stop) && receive(socket, stop)) reason_ = Reason::internal;
        } catch (const error& problem) {
            give_up(Reason::bad_output, problem.what());
        }
        if (!stopped_) fill_in();
        return std::move(collection_);
    }

  private:
    void give_up(Reason reason, const std::string& sentence) {
        reason_ = reason;
        collection_.problem = sentence;
    }

    bool waited(Wait outcome) {
        if (outcome == Wait::ready) return true;
        stopped_ = outcome == Wait::stopped;
        if (!stopped_) give_up(Reason::timed_out, "annexa-collect did not answer in time");
        return false;
    }

    bool send(int socket, int stop) {
        const std::string frame = evidence::encode_frame(request_text(request_));
        const auto until = Monotonic::now() + request_.margin;
        for (std::size_t sent = 0; sent < frame.size();) {
            if (!waited(wait_for(socket, POLLOUT, stop, until))) return false;
            const ssize_t count = ::send(socket, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
            if (count > 0)
                sent += static_cast<std::size_t>(count);
            else if (count < 0 && errno != EAGAIN && errno != EINTR) {
                give_up(Reason::crashed, "annexa-collect ended before it took the request");
                return false;
            }
        }
        return true;
    }

    bool receive(int socket, int stop) {
        evidence::FrameDecoder decoder{most_answer_bytes};
        const auto collectors = static_cast<std::int64_t>(std::max<std::size_t>(request_.collectors.size(), 1));
        const auto whole = Monotonic::now() + request_.timeout * collectors + request_.margin;
        auto silence = Monotonic::now() + request_.timeout + request_.margin;
        std::vector<char> buffer(std::size_t{256} << 10);
        for (;;) {
            if (!waited(wait_for(socket, POLLIN, stop, std::min(whole, silence)))) return false;
            const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
            if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (count <= 0) {
                give_up(Reason::crashed, "annexa-collect ended before it had answered");
                return false;
            }
            decoder.add({buffer.data(), static_cast<std::size_t>(count)});
            while (const auto frame = decoder.next()) {
                silence = Monotonic::now() + request_.timeout + request_.margin;
                if (take(*frame)) return true;
            }
        }
    }

    /// One frame; true where it was the last.
    bool take(const std::string& frame) {
        if (frame.size() < 4096) {
            const json value = evidence::parse_json(frame);
            if (value.is_object() && value.contains("end")) {
                take_end(value);
                return true;
            }
            if (value.is_object() && value.contains("error"))
                throw error("annexa-collect refuses the request: " + value["error"].dump());
        }
        Collected result = parse_collected(frame);
        const auto found = awaited_.find(result.collector);
        if (found == awaited_.end())
            throw error("annexa-collect answered for \"" + result.collector + "\", which nobody asked for");
        if (const std::string stranger = strange_table(result, *found->second); !stranger.empty())
            result = failed_result(result.collector, found->second->version, Reason::bad_output,
                                   "the collector returned the table " + stranger + ", which is not its own",
                                   result.collected_at);
        awaited_.erase(found);
        keep(std::move(result));
        return false;
    }

    static std::string strange_table(const Collected& result, const ExpectedCollector& expected) {
        for (const evidence::Table& table : result.tables)
            if (table.name != "sources_" + result.collector && table.name != "messages_" + result.collector &&
                std::find(expected.tables.begin(), expected.tables.end(), table.name) == expected.tables.end())
                return table.name;
        return {};
    }

    void take_end(const json& value) {
        Machine machine;
        const auto text = [&](const char* name) {
            const auto found = value.find(name);
            return found != value.end() && found->is_string() ? std::optional{found->get<std::string>()} : std::nullopt;
        };
        const auto truth = [&](const char* name) {
            const auto found = value.find(name);
            return found != value.end() && found->is_boolean() ? std::optional{found->get<bool>()} : std::nullopt;
        };
        machine.fingerprint = text("machine");
        machine.boot_id = text("boot_id");
        machine.clock_synchronized = truth("clock_synchronized");
        machine.privileged = truth("privileged").value_or(false);
        machine.host_name = text("host_name").value_or("");
        collection_.machine = std::move(machine);
    }

    void fill_in() {
        if (awaited_.empty()) return;
        if (!collection_.problem) give_up(Reason::internal, "annexa-collect ended its answer without all collectors");
        for (const ExpectedCollector& collector : request_.collectors)  // in the order asked for
            if (awaited_.contains(collector.name))
                keep(failed_result(collector.name, collector.version, reason_, *collection_.problem, clock_.now()));
    }

    void keep(Collected result) {
        if (sink_) sink_(result);
        collection_.results.push_back(std::move(result));
    }

    const CollectRequest& request_;
    const evidence::Clock& clock_;
    const ResultSink& sink_;
    std::map<std::string, const ExpectedCollector*, std::less<>> awaited_;
    Collection collection_;
    Reason reason_ = Reason::crashed;
    bool stopped_ = false;
};

}  // namespace

CollectorPeer find_collector_program() {
    std::error_code problem;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (problem) throw error("cannot read /proc/self/exe: " + problem.message());
    const std::filesystem::path folder = self.parent_path();
    for (const std::filesystem::path& path : {folder / "annexa-collect", folder / "../libexec/annexa-collect"})
        if (access(path.c_str(), X_OK) == 0) return CollectorProgram{path.lexically_normal()};
    throw error("annexa-collect is neither in " + folder.string() + " nor in " +
                (folder / "../libexec").lexically_normal().string() + "; install it beside annexa-agent");
}

Collection collect(const CollectorPeer& peer, const CollectRequest& request, const evidence::Clock& clock,
                   const ResultSink& sink, int stop) {
    const Peer opened = open(peer);
    return Dialogue{request, clock, sink}.hold(opened.socket.get(), stop);
}

}  // namespace annexa::agent
