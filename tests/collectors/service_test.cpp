// The protocol between annexa-agent and annexa-collect, over real sockets and with the real program.
#include "collectors/service.hpp"
#include "collectors/machine_identity.hpp"
#include "collectors/support/descriptor.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/frame.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-id128.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cstring>
#include <functional>

using namespace annexa;
using namespace annexa::collectors;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

const std::string program = ANNEXA_BINARY_DIR "/bin/annexa-collect";
const std::string cases = ANNEXA_SOURCE_DIR "/tests/collectors";

struct Pair {
    Descriptor ours, theirs;
    Pair() {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        ours = Descriptor{ends[0]};
        theirs = Descriptor{ends[1]};
    }
};

/// A socket that listens in a folder of its own, as systemd hands one over.
struct Listening {
    tests::TemporaryFolder folder;
    sockaddr_un address{};
    Descriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    Listening() {
        const std::string path = folder / "socket";
        address.sun_family = AF_UNIX;
        std::memcpy(&address.sun_path[0], path.c_str(), path.size() + 1);
        REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener.get(), 4) == 0);
    }
    [[nodiscard]] Descriptor connected() const {
        Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        return socket;
    }
};

class Process {
  public:
    /// Runs `child` in a forked process, which must end by exec or _exit.
    explicit Process(const std::function<void()>& child) : pid_{::fork()} {
        if (pid_ != 0) return;
        child();
        ::_exit(127);
    }
    ~Process() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            (void)wait();
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_;
};

void send_bytes(int socket, std::string_view bytes) {
    REQUIRE(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}

std::vector<json> frames_until_end(int socket) {
    evidence::FrameDecoder decoder{most_answer_bytes};
    std::vector<json> frames;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count <= 0) break;
        decoder.add({buffer.data(), static_cast<std::size_t>(count)});
        while (auto frame = decoder.next())
            frames.push_back(evidence::parse_json(*frame, {.bytes = most_answer_bytes, .depth = 8}));
    }
    CHECK_FALSE(decoder.within_frame());
    return frames;
}

void become_collect(const Descriptor& socket) {
    ::dup2(socket.get(), 0);
    ::execl(program.c_str(), "annexa-collect", nullptr);
}

struct Answer {
    std::vector<json> frames;
    int status = 0;
};

Answer ask(const std::string& bytes) {
    Pair pair;
    Process process{[&] { become_collect(pair.theirs); }};
    pair.theirs = Descriptor{};
    send_bytes(pair.ours.get(), bytes);
    Answer answer;
    answer.frames = frames_until_end(pair.ours.get());
    answer.status = process.wait();
    return answer;
}

Answer ask(const json& request) { return ask(evidence::encode_frame(request.dump())); }

}  // namespace

TEST_CASE("the program answers with one frame a collector and a last one") {
    const Answer answer = ask(json{{"collectors", {"login_defs"}},
                                   {"fixture", cases + "/login_defs/last-line-wins"},
                                   {"fingerprint_for", "annexa/test"}});
    REQUIRE(answer.frames.size() == 2);
    CHECK(answer.status == 0);
    const json& result = answer.frames[0];
    CHECK(result["collector"] == "login_defs");
    CHECK(result["status"] == "ok");
    CHECK(result["reason"].is_null());
    CHECK(result["message"].is_null());
    CHECK(result["duration_ms"].is_number_integer());
    CHECK_NOTHROW(evidence::parse_instant(result["collected_at"].get<std::string>()));
    const std::string digest = result["sources"][0]["sha256"];
    CHECK(digest.size() == 64);
    CHECK(
        result["tables"]["login_defs"] ==
        json::parse(
            R"({"columns":[["name","text"],["value","text"],["source","text"]],"rows":[["PASS_MAX_DAYS","120","/etc/login.defs:2"]]})"));
    CHECK(result["tables"]["sources_login_defs"]["rows"] == json{{"/etc/login.defs", digest, 35}});
    const json& end = answer.frames[1];
    CHECK(end["end"] == true);
    CHECK(end["boot_id"].get<std::string>().size() == 36);
    CHECK(end["clock_synchronized"].is_boolean());
    CHECK(end["privileged"] == (::geteuid() == 0));
    CHECK_FALSE(end["host_name"].get<std::string>().empty());
}

TEST_CASE("an error travels with its reason and its words") {
    const Answer answer =
        ask(json{{"collectors", {"login_defs", "of_tomorrow"}}, {"fixture", cases + "/login_defs/unreadable"}});
    REQUIRE(answer.frames.size() == 3);
    CHECK(answer.frames[0]["collector"] == "of_tomorrow");
    CHECK(answer.frames[0]["status"] == "error");
    CHECK(answer.frames[1]["reason"] == "permission_denied");
    CHECK(answer.frames[1]["message"] == "/etc/login.defs: Permission denied");
    CHECK(answer.frames[1]["tables"]["messages_login_defs"]["rows"] == json{{"/etc/login.defs: Permission denied"}});
    CHECK(answer.frames[1]["tables"].contains("sources_login_defs"));
    CHECK_FALSE(answer.frames[1]["tables"].contains("login_defs"));
}

TEST_CASE("what is switched off is an error, never silence") {
    const Answer answer = ask(json{{"collectors", {"login_defs"}}, {"disabled", {"login_defs"}}});
    REQUIRE(answer.frames.size() == 2);
    CHECK(answer.frames[0]["status"] == "error");
    CHECK(answer.frames[0]["reason"] == "disabled");
}

TEST_CASE("a request that is none is refused with a sentence, and nothing runs") {
    const auto bytes =
        GENERATE(as<std::string>{}, evidence::encode_frame("no json"), evidence::encode_frame(R"({"run":"/bin/sh"})"),
                 std::string("\xff\xff\xff\xff", 4), evidence::encode_frame(R"({"root":"/no/such/image"})"),
                 evidence::encode_frame(R"({"fixture":"/no/such/case"})"));
    const Answer answer = ask(bytes);
    REQUIRE(answer.frames.size() == 1);
    CHECK_FALSE(answer.frames[0]["error"].get<std::string>().empty());
    CHECK(answer.status == 2);
}

TEST_CASE("a peer that hangs up before or after its request ends the program") {
    Pair pair;
    Process process{[&] { become_collect(pair.theirs); }};
    pair.theirs = Descriptor{};
    if (GENERATE(false, true)) send_bytes(pair.ours.get(), evidence::encode_frame("{}"));
    pair.ours = Descriptor{};
    CHECK(process.wait() == 2);
}

TEST_CASE("the program says what it is and refuses what it does not know") {
    const auto run = [](std::vector<std::string> arguments) {
        return Process{[&] {
                   const int null = ::open("/dev/null", O_RDWR);
                   for (const int descriptor : {0, 1, 2}) ::dup2(null, descriptor);
                   std::vector<char*> argv;
                   for (std::string& argument : arguments) argv.push_back(argument.data());
                   argv.push_back(nullptr);
                   ::execv(program.c_str(), argv.data());
               }}
            .wait();
    };
    CHECK(run({"annexa-collect", "--help"}) == 0);
    CHECK(run({"annexa-collect", "--version"}) == 0);
    CHECK(run({"annexa-collect", "--schemas"}) == 0);
    CHECK(run({"annexa-collect", "--everything"}) == 2);
    CHECK(run({"annexa-collect", "--help", "--help"}) == 2);
    CHECK(run({"annexa-collect"}) == 2);  // no socket
}

TEST_CASE("systemd's socket serves one connection after the other, the running machine alone") {
    Listening listening;
    Process process{[&] {
        ::dup2(listening.listener.get(), 3);
        ::fcntl(3, F_SETFD, 0);  // where it was 3 already, dup2 left it to be closed
        ::setenv("LISTEN_FDS", "1", 1);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::execl(program.c_str(), "annexa-collect", nullptr);
    }};
    listening.listener = Descriptor{};
    const auto converse = [&](const json& request) {
        const Descriptor socket = listening.connected();
        send_bytes(socket.get(), evidence::encode_frame(request.dump()));
        return frames_until_end(socket.get());
    };
    for (int i = 0; i < 2; ++i) {
        const auto frames = converse({{"collectors", {"login_defs"}}});
        REQUIRE(frames.size() == 2);
        CHECK(frames[1]["end"] == true);
    }
    for (const char* member : {"root", "fixture"}) {
        const auto frames = converse({{member, cases}});
        REQUIRE(frames.size() == 1);
        CHECK(frames[0]["error"].get<std::string>().find("rights") != std::string::npos);
    }
    CHECK(::kill(process.pid(), 0) == 0);  // still there, waiting for the next
}

TEST_CASE("a listener ends when nobody came for a while") {
    Listening listening;
    serve_listener(listening.listener.get(), std::vector<uid_t>{0}, all_collectors(), evidence::SystemClock{},
                   10ms);  // returns
    SUCCEED();
}

TEST_CASE("a socket that others reach answers its users alone") {
    Listening listening;
    const auto answer_where_allowed_is = [&](uid_t user) {
        const Process process{[&] {
            serve_listener(listening.listener.get(), std::vector<uid_t>{user}, all_collectors(),
                           evidence::SystemClock{}, 60s);
            ::_exit(0);
        }};
        const Descriptor socket = listening.connected();
        // Whoever is not let in may be told so before he has asked: then the socket is closed already.
        const std::string request = evidence::encode_frame(json{{"collectors", {"login_defs"}}}.dump());
        (void)!::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
        return frames_until_end(socket.get());
    };
    const auto refused = answer_where_allowed_is(::geteuid() + 1);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0]["error"] ==
          "this socket is not for user " + std::to_string(::geteuid()) + ": only root and the agent's user may ask");
    CHECK(answer_where_allowed_is(::geteuid()).size() == 2);
}

TEST_CASE("the program serves nobody for a user that there is not") {
    Listening listening;
    Process process{[&] {
        ::dup2(listening.listener.get(), 3);
        ::fcntl(3, F_SETFD, 0);
        ::setenv("LISTEN_FDS", "1", 1);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::execl(program.c_str(), "annexa-collect", "--for", "nobody-of-that-name", nullptr);
    }};
    CHECK(process.wait() == 2);
}

TEST_CASE("the application's machine id is systemd's") {
    sd_id128_t machine{};
    if (::sd_id128_get_machine(&machine) < 0) return;  // this machine has none
    const sd_id128_t application = SD_ID128_MAKE(3f, 6c, 1e, 0b, 9f, 28, 4c, 0c, 8d, 7a, 52, b7, e1, c9, 4a, 66);
    sd_id128_t expected{};
    REQUIRE(::sd_id128_get_machine_app_specific(application, &expected) == 0);
    std::array<char, SD_ID128_STRING_MAX> text{};
    CHECK(application_machine_id(::sd_id128_to_string(machine, text.data())) ==
          std::string{::sd_id128_to_string(expected, text.data())});
}

TEST_CASE("a fingerprint tells machines, copies and stores apart") {
    const std::string id = "0123456789abcdef0123456789abcdef\n";
    const auto here = machine_fingerprint(id, "AAAA\n", "annexa/1");
    REQUIRE(here);
    CHECK(here->size() == 64);
    CHECK(here == machine_fingerprint(id, "aaaa", "annexa/1"));
    CHECK(here != machine_fingerprint(id, "bbbb", "annexa/1"));
    CHECK(here != machine_fingerprint(id, "aaaa", "annexa/2"));
    CHECK(here->find("0123456789abcdef") == std::string::npos);
    CHECK_FALSE(machine_fingerprint("uninitialized\n", "", "annexa/1"));
    CHECK_FALSE(machine_fingerprint("", "", "annexa/1"));
}
