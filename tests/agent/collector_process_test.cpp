#include "agent/collector_process.hpp"

#include "agent/descriptor.hpp"
#include "evidence/errors.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <dirent.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cstdlib>
#include <cstring>
#include <thread>

using namespace annexa;
using namespace annexa::agent;
using evidence::Reason;
using evidence::Status;

namespace {

/// annexa-collect replaced by one that behaves in this manner.
struct Fake {
    testing::TemporaryDirectory folder;
    CollectorPeer operator()(const std::string& manner) const {
        const auto path = folder.path() / manner;
        if (!std::filesystem::exists(path))
            std::filesystem::create_symlink(ANNEXA_BINARY_DIR "/bin/fake_collect", path);
        return CollectorProgram{path};
    }
};

CollectRequest request_for(std::initializer_list<const char*> names) {
    CollectRequest request;
    for (const char* name : names) request.collectors.push_back({name, 4, {name}});
    request.timeout = std::chrono::milliseconds{200};
    request.margin = std::chrono::milliseconds{2000};
    return request;
}

const Collected& result_of(const Collection& collection, const std::string& name) {
    for (const Collected& result : collection.results)
        if (result.collector == name) return result;
    throw std::runtime_error("no result of " + name);
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) ++count;
    return count;
}

}  // namespace

TEST_CASE("collector process: each collector has its result, the machine speaks last") {
    const Fake fake;
    std::vector<std::string> seen;
    const Collection collection = collect(fake("answers"), request_for({"users", "shadow"}), evidence::SystemClock{},
                                          [&](const Collected& result) { seen.push_back(result.collector); });
    CHECK_FALSE(collection.problem.has_value());
    CHECK(seen == std::vector<std::string>{"users", "shadow"});
    REQUIRE(collection.results.size() == 2);
    CHECK(result_of(collection, "users").status == Status::ok);
    REQUIRE(collection.machine.has_value());
    CHECK(collection.machine->host_name == "web1");
    CHECK(collection.machine->clock_synchronized == true);
    CHECK_FALSE(collection.machine->privileged);
    CHECK_FALSE(collection.machine->fingerprint.has_value());
}

TEST_CASE("collector process: the request says what the configuration says") {
    const Fake fake;
    CollectRequest request = request_for({"users"});
    request.root = "/srv/image";
    request.disabled = {"users"};
    request.fingerprint_for = "annexa/x";
    const Collection collection = collect(fake("answers"), request, evidence::SystemClock{});
    const std::string said = std::get<std::string>(result_of(collection, "users").tables.back().rows.at(0).at(0));
    for (const char* part : {"\"root\":\"/srv/image\"", "\"disabled\":[\"users\"]", "\"fingerprint_for\":\"annexa/x\"",
                             "\"timeout_ms\":200", "\"memory_bytes\":268435456", "\"collectors\":[\"users\"]",
                             "\"cost\":\"all\"", "\"fixture\":null"})
        CHECK(said.find(part) != std::string::npos);
}

TEST_CASE("collector process: a token in the environment does not reach it") {
    const Fake fake;
    setenv("ANNEXA_TOKEN", "annexa1.secret", 1);
    const Collection collection = collect(fake("answers"), request_for({"users"}), evidence::SystemClock{});
    unsetenv("ANNEXA_TOKEN");
    CHECK(std::get<std::string>(result_of(collection, "users").tables.back().rows.at(0).at(0)).find("secret") ==
          std::string::npos);
}

TEST_CASE("collector process: whatever goes wrong with the peer, no collector is missing silently") {
    struct Wrong {
        const char* manner;
        Status first;
        Reason reason;
    };
    const Wrong cases[] = {
        {"deaf", Status::error, Reason::crashed},     {"dies", Status::ok, Reason::crashed},
        {"cut", Status::ok, Reason::crashed},         {"hangs", Status::ok, Reason::timed_out},
        {"silent", Status::error, Reason::timed_out}, {"garbage", Status::ok, Reason::bad_output},
        {"huge", Status::ok, Reason::bad_output},     {"short", Status::ok, Reason::internal},
        {"twice", Status::ok, Reason::bad_output},
    };
    const Fake fake;
    const std::size_t before = open_descriptors();
    for (const Wrong& wrong : cases) {
        INFO(wrong.manner);
        const Collection collection =
            collect(fake(wrong.manner), request_for({"users", "shadow", "sshd"}), evidence::SystemClock{});
        REQUIRE(collection.results.size() == 3);
        CHECK(collection.problem.has_value());
        CHECK(result_of(collection, "users").status == wrong.first);
        for (const char* name : {"shadow", "sshd"}) {
            const Collected& result = result_of(collection, name);
            CHECK(result.status == Status::error);
            CHECK(result.reason == wrong.reason);
            CHECK_FALSE(result.message.value_or("").empty());
            CHECK(result.version == 4);
        }
    }
    CHECK(open_descriptors() == before);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // every child was reaped
}

TEST_CASE("collector process: a collector that returns another's table is an error, the others stay") {
    const Fake fake;
    const Collection collection = collect(fake("stranger"), request_for({"users", "sshd"}), evidence::SystemClock{});
    CHECK(result_of(collection, "users").status == Status::ok);
    CHECK(result_of(collection, "sshd").status == Status::error);
    CHECK(result_of(collection, "sshd").reason == Reason::bad_output);
}

TEST_CASE("collector process: stopping ends it at once and invents no result") {
    const Fake fake;
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const Descriptor stop{ends[0]};
    const Descriptor writer{ends[1]};
    CollectRequest request = request_for({"users", "shadow"});
    request.timeout = std::chrono::seconds{600};
    const auto begin = std::chrono::steady_clock::now();
    const Collection collection = collect(
        fake("hangs"), request, evidence::SystemClock{},
        [&](const Collected&) { CHECK(write(writer.get(), "x", 1) == 1); }, stop.get());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{60});
    CHECK(collection.results.size() == 1);
}

TEST_CASE("collector process: a program or socket that is not there is said") {
    CHECK_THROWS_WITH(
        collect(CollectorProgram{"/nonexistent/annexa-collect"}, request_for({"users"}), evidence::SystemClock{}),
        Catch::Contains("cannot start /nonexistent/annexa-collect"));
    CHECK_THROWS_WITH(collect(CollectorSocket{"/nonexistent/socket"}, request_for({"users"}), evidence::SystemClock{}),
                      Catch::Contains("cannot reach annexa-collect at /nonexistent/socket"));
}

TEST_CASE("collector process: a listening peer is spoken to as a started one") {
    const Fake fake;
    const auto path = fake.folder.path() / "socket";
    const Descriptor listener{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener.get(), 1) == 0);
    const pid_t server = fork();
    if (server == 0) {
        const int connection = accept(listener.get(), nullptr, nullptr);
        dup2(connection, 0);
        execl(ANNEXA_BINARY_DIR "/bin/fake_collect", "answers", nullptr);
        _exit(9);
    }
    const Collection collection = collect(CollectorSocket{path}, request_for({"users"}), evidence::SystemClock{});
    CHECK(result_of(collection, "users").status == Status::ok);
    int status = 0;
    CHECK(waitpid(server, &status, 0) == server);
    CHECK(WEXITSTATUS(status) == 0);
}
