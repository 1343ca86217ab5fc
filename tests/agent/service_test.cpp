// The program itself: what its commands print and exit with, and the service over its socket, with a peer in
// annexa-collect's place and no store to be reached.
#include "agent/enrolment.hpp"
#include "agent/local_socket.hpp"
#include "policies/schema.hpp"
#include "tests/agent/scripted_store.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>

using namespace annexa;
using namespace annexa::agent;
using namespace annexa::agent::testing;
using nlohmann::json;

namespace {

struct Ended {
    int code = -1;
    std::string out, err;
};

std::string contents(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// annexa-agent in a folder of its own, beside a peer that behaves as told.
struct Installed {
    explicit Installed(const std::string& manner = "answers") {
        std::error_code linked;
        std::filesystem::create_hard_link(ANNEXA_BINARY_DIR "/bin/annexa-agent", program(), linked);
        if (linked) std::filesystem::copy_file(ANNEXA_BINARY_DIR "/bin/annexa-agent", program());
        // The peer's manner is the name that it is started by, so a script hands over.
        folder.write("annexa-collect", "#!/bin/bash\nexec -a " + manner + " " ANNEXA_BINARY_DIR "/bin/fake_collect\n");
        std::filesystem::permissions(folder.path() / "annexa-collect", std::filesystem::perms::owner_all);
        configuration = folder.write(
            "agent.yaml", "state: " + (folder.path() / "state").string() + "\nsocket: " + socket().string() + "\n");
    }
    [[nodiscard]] std::filesystem::path program() const { return folder.path() / "annexa-agent"; }
    [[nodiscard]] std::filesystem::path socket() const { return folder.path() / "socket"; }

    pid_t start(std::vector<std::string> arguments, const std::string& name,
                const std::map<std::string, std::string>& environment = {}) const {
        const pid_t child = fork();
        if (child != 0) return child;
        setenv("CACHE_DIRECTORY", (folder.path() / "cache").c_str(), 1);  // and not this machine's
        for (const auto& [variable, value] : environment) setenv(variable.c_str(), value.c_str(), 1);
        const auto redirect = [&](const char* suffix, int to) {
            const int file = open((folder.path() / (name + suffix)).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            dup2(file, to);
        };
        redirect(".out", 1);
        redirect(".err", 2);
        arguments.insert(arguments.begin(), "annexa-agent");
        std::vector<char*> raw;
        for (std::string& argument : arguments) raw.push_back(argument.data());
        raw.push_back(nullptr);
        execv(program().c_str(), raw.data());
        _exit(127);
    }
    Ended wait(pid_t child, const std::string& name) const {
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                contents(folder.path() / (name + ".out")), contents(folder.path() / (name + ".err"))};
    }
    Ended run(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment = {}) const {
        return wait(start(std::move(arguments), "run", environment), "run");
    }
    void enrol_here() const {
        const evidence::SystemClock clock;
        ScriptedStore store{clock};
        struct Wire final : Transport {
            explicit Wire(ScriptedStore& to) : inner{to} {}
            StoreAnswer send(const StoreRequest& request) override { return inner.send(request); }
            void use_certificate(const std::string&) override {}
            ScriptedStore& inner;
        };
        enrol(
            StateFolder::open(folder.path() / "state"), store.token(), "web1", std::nullopt,
            [&](const TlsSettings&) { return std::make_unique<Wire>(store); }, clock);
    }
    /// The service's status as soon as it holds, asked again and again.
    [[nodiscard]] json status_when(const std::function<bool(const json&)>& holds) const {
        json status;
        for (int i = 0; i < 600; ++i) {
            if (const auto line = ask_service(socket(), "status", std::chrono::seconds{10})) {
                status = json::parse(*line);
                if (!status.contains("error") && holds(status)) return status;
            }
            poll(nullptr, 0, 50);
        }
        FAIL("the service did not get there: " << status.dump() << contents(folder.path() / "service.err"));
        return status;
    }

    TemporaryDirectory folder;
    std::filesystem::path configuration;
};

/// All collectors have run, each at least once.
bool has_collected(const json& status) {
    return !status["collectors"].empty() &&
           status["spool"]["waiting"].get<std::size_t>() >= status["collectors"].size();
}

}  // namespace

TEST_CASE("program: usage errors exit 2 and say how to get help, help exits 0 with examples") {
    const Installed installed;
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{},
                                               {"bogus"},
                                               {"check", "--bogus"},
                                               {"check", "--format", "csv"},
                                               {"query"},
                                               {"policy"},
                                               {"tables", "no_such_table"},
                                               {"collect", "--collector", "none"}}) {
        const Ended ended = installed.run(wrong);
        CHECK(ended.code == 2);
        CHECK(ended.out.empty());
        CHECK(ended.err.starts_with("annexa-agent: "));
    }
    for (const char* command : {"check", "query", "collect", "tables", "policy", "enroll", "run", "status",
                                "collect-now", "doctor", "forget"}) {
        const Ended ended = installed.run({command, "--help"});
        INFO(command);
        CHECK(ended.code == 0);
        CHECK(ended.err.empty());
        CHECK(ended.out.find("Example") != std::string::npos);
        CHECK(ended.out.find("annexa-agent") != std::string::npos);
    }
    CHECK(installed.run({"--version"}).out.starts_with("annexa-agent "));
}

TEST_CASE("program: a wrong configuration stops every command with file, line and column") {
    const Installed installed;
    const auto wrong = installed.folder.write("wrong.yaml", "state: /tmp/x\nspol: 1\n");
    for (const char* command : {"check", "collect", "enroll", "run", "status", "collect-now", "doctor", "forget"}) {
        const Ended ended = installed.run({command, "--config", wrong});
        INFO(command << ended.err);
        CHECK(ended.code == 2);
        CHECK(ended.err.find("wrong.yaml:2:1: unknown key \"spol\"") != std::string::npos);
    }
}

TEST_CASE("program: check exits 2 when its peer dies, and names no check that was not made a pass") {
    const Installed installed{"deaf"};
    const Ended ended = installed.run({"check", "--config", installed.configuration, "--format", "json"});
    CHECK(ended.code == 2);
    const json report = json::parse(ended.out);
    CHECK(report["results"].size() > 30);
    for (const json& result : report["results"]) CHECK(result["state"] == "error");
    for (const json& control : report["controls"])
        CHECK((control["operation"] == "no_evidence" || control["operation"] == "not_monitored"));
    CHECK(ended.err.find("annexa-collect ended") != std::string::npos);
}

TEST_CASE("program: what reads every file is taken from within a day, but for --fresh and --only") {
    const Installed installed;
    const std::filesystem::path kept = installed.folder.path() / "cache" / "deep-exposed_files.json";
    const auto check = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"check", "--config", installed.configuration, "--format", "json"});
        const int version = policies::built_in_schemas().collectors.at("exposed_files").version;
        return json::parse(installed.run(more, {{"FAKE_VERSION", std::to_string(version)}}).out);
    };
    const auto collected_at = [](const json& report) {
        for (const json& result : report["results"])
            if (result["check"] == "no-world-writable-files") return result["collected_at"].get<std::string>();
        return std::string{"no such result"};
    };
    const std::string first = collected_at(check({}));
    REQUIRE(std::filesystem::exists(kept));
    CHECK(collected_at(check({})) == first);
    CHECK(collected_at(check({"--only", "no-world-writable-files"})) != first);
    const std::string second = collected_at(check({}));
    CHECK(second != first);  // what was collected anew is kept
    CHECK(collected_at(check({"--fresh"})) != second);
}

TEST_CASE("program: query refuses to answer from a table that could not be read") {
    const Installed installed{"deaf"};
    const Ended ended = installed.run({"query", "--config", installed.configuration, "SELECT * FROM users"});
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("users: crashed") != std::string::npos);
    CHECK(installed
              .run({"query", "--config", installed.configuration, "--format", "csv", "SELECT 1 AS one, 'a,b' AS two"})
              .out == "one,two\r\n1,\"a,b\"\r\n");
    CHECK(
        json::parse(
            installed.run({"query", "--config", installed.configuration, "--format", "json", "SELECT 1 AS one"}).out) ==
        json::parse(R"([{"one":1}])"));
    CHECK(installed.run({"query", "--config", installed.configuration, "SELECT"}).code == 2);
    CHECK(installed.run({"query", "--config", installed.configuration, "DELETE FROM users"}).code == 2);
}

TEST_CASE(
    "program: enroll takes its token from file or environment, never repeats it, and a host that is not enrolled does "
    "not run") {
    const Installed installed;
    const auto file = installed.folder.write("token", "annexa1.bm90IGEgdG9rZW4tc2VjcmV0");
    const Ended wrong = installed.run({"enroll", "--config", installed.configuration, "--token-file", file});
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("bm90IGEgdG9rZW4") == std::string::npos);
    unsetenv("ANNEXA_TOKEN");
    CHECK(installed.run({"enroll", "--config", installed.configuration}).err.find("a token is needed") !=
          std::string::npos);
    CHECK(installed.run({"enroll", "--config", installed.configuration}, {{"ANNEXA_TOKEN", "x"}}).code == 2);
    CHECK(installed.run({"run", "--config", installed.configuration}).err.find("not enrolled") != std::string::npos);
    CHECK(installed.run({"status", "--config", installed.configuration}).code == 1);
    CHECK(installed.run({"collect-now", "--config", installed.configuration}).err.find("the service is not running") !=
          std::string::npos);
}

TEST_CASE("service: it collects at once, answers on its socket, turns a second one away, and ends on SIGTERM") {
    const Installed installed;
    installed.enrol_here();
    const pid_t service = installed.start({"run", "--config", installed.configuration}, "service");
    const json first = installed.status_when(has_collected);
    CHECK(first["running"] == true);
    CHECK(first["host"]["name"] == "web1");
    CHECK(first["state"] == "backing_off");  // nobody is at the store's address
    struct stat status {};
    REQUIRE(stat(installed.socket().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600U);

    const Ended second = installed.run({"run", "--config", installed.configuration});
    CHECK(second.code == 2);
    CHECK(second.err.find("is used by process " + std::to_string(service)) != std::string::npos);
    CHECK(installed.run({"enroll", "--config", installed.configuration}, {{"ANNEXA_TOKEN", "x"}}).code == 2);
    CHECK(installed.run({"forget", "--config", installed.configuration, "--yes"}).err.find("is used by process") !=
          std::string::npos);

    const Ended asked = installed.run({"collect-now", "--config", installed.configuration, "--format", "json"});
    CHECK(json::parse(asked.out)["spool"]["waiting"].get<int>() >= 2 * first["spool"]["waiting"].get<int>());
    CHECK(installed.run({"status", "--config", installed.configuration}).out.find("running, backing_off") !=
          std::string::npos);
    CHECK(ask_service(installed.socket(), "nonsense", std::chrono::seconds{10})->find("error") != std::string::npos);

    kill(service, SIGTERM);
    const Ended ended = installed.wait(service, "service");
    CHECK(ended.code == 0);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("stopped") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(installed.socket()));
    CHECK(json::parse(
              installed.run({"status", "--config", installed.configuration, "--format", "json"}).out)["running"] ==
          false);

    CHECK(installed.run({"forget", "--config", installed.configuration}).code == 2);
    CHECK(std::filesystem::exists(installed.folder.path() / "state/enrolment.json"));
    CHECK(installed.run({"forget", "--config", installed.configuration, "--yes"}).code == 0);
    CHECK_FALSE(std::filesystem::exists(installed.folder.path() / "state/enrolment.json"));
}

/// The service manager's end of sd_notify(3): what it has been told so far, a line each.
struct Manager {
    Manager() {
        std::memcpy(&address.sun_path[0], path.c_str(), path.size() + 1);
        address.sun_family = AF_UNIX;
        socket = Descriptor{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
        REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    bool hears(const std::string& wanted) {
        for (int i = 0; i < 600; ++i) {
            char buffer[4096];
            ssize_t count = 0;
            while ((count = recv(socket.get(), buffer, sizeof buffer, 0)) > 0)
                told.append(buffer, static_cast<std::size_t>(count)) += "\n";
            if (told.find(wanted) != std::string::npos) return true;
            poll(nullptr, 0, 50);
        }
        UNSCOPED_INFO("told: " << told);
        return false;
    }
    void forget() { told.clear(); }

    TemporaryDirectory folder;
    std::string path = (folder.path() / "notify").string();
    sockaddr_un address{};
    Descriptor socket;
    std::string told;
};

TEST_CASE("service: it tells systemd that it is ready, what it does, that it lives, and takes over its configuration") {
    const Installed installed;
    installed.enrol_here();
    Manager manager;
    const pid_t service = installed.start({"run", "--config", installed.configuration}, "service",
                                          {{"NOTIFY_SOCKET", manager.path}, {"WATCHDOG_USEC", "200000"}});
    CHECK(manager.hears("READY=1"));
    CHECK(manager.hears("WATCHDOG=1"));
    CHECK(manager.hears("STATUS=backing_off; nothing proved yet, "));
    (void)installed.status_when(has_collected);

    const std::string usual = contents(installed.configuration);
    manager.forget();
    installed.folder.write("agent.yaml", usual + "spol: 1\n");
    kill(service, SIGHUP);
    CHECK(manager.hears("RELOADING=1"));
    CHECK(manager.hears("READY=1"));
    CHECK(installed.status_when(has_collected)["running"] == true);
    CHECK(contents(installed.folder.path() / "service.err").find("the configuration stays as it was: ") !=
          std::string::npos);

    manager.forget();
    installed.folder.write("agent.yaml", usual + "schedule: {default: {every: 300d, splay: 0s}}\n");
    kill(service, SIGHUP);
    CHECK(manager.hears("READY=1"));
    constexpr std::chrono::milliseconds period = std::chrono::hours{24 * 300};
    const auto periods = evidence::SystemClock{}.now().time_since_epoch() / period;
    const std::string next = evidence::to_string(evidence::Instant{(periods + 1) * period});
    CHECK(installed.status_when(
              [&](const json& status) { return status["collectors"][0]["next_run"] == next; })["running"] == true);

    kill(service, SIGTERM);
    CHECK(installed.wait(service, "service").code == 0);
    CHECK(manager.hears("STOPPING=1"));
}

TEST_CASE("program: root's commands in a folder of the service's are the service's") {
    if (geteuid() != 0) return;  // another user cannot become anybody
    const Installed installed;
    installed.enrol_here();
    const auto state = installed.folder.path() / "state";
    constexpr uid_t service_user = 54321;
    std::filesystem::permissions(installed.folder.path(), std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
    std::filesystem::permissions(installed.program(), std::filesystem::perms{0755});
    std::filesystem::permissions(installed.configuration, std::filesystem::perms{0644});
    REQUIRE(chown(state.c_str(), service_user, service_user) == 0);
    for (const auto& entry : std::filesystem::directory_iterator{state})
        REQUIRE(chown(entry.path().c_str(), service_user, service_user) == 0);
    std::filesystem::remove(state / "lock");
    const Ended ended = installed.run({"forget", "--config", installed.configuration, "--yes"});
    INFO(ended.err);
    CHECK(ended.code == 0);
    struct stat lock {};
    REQUIRE(stat((state / "lock").c_str(), &lock) == 0);
    CHECK(lock.st_uid == service_user);
    CHECK(lock.st_gid == service_user);
}

TEST_CASE("service: killed at any time it starts again with all that was spooled") {
    const Installed installed;
    installed.enrol_here();
    std::int64_t waiting = 0;
    for (int round = 0; round < 3; ++round) {
        const pid_t service = installed.start({"run", "--config", installed.configuration}, "service");
        const json status = installed.status_when(has_collected);
        CHECK(status["spool"]["waiting"].get<std::int64_t>() >= waiting);
        waiting = status["spool"]["waiting"].get<std::int64_t>();
        CHECK(status["spool"]["dropped"] == 0);
        kill(service, SIGKILL);
        installed.wait(service, "service");
    }
}

TEST_CASE("service: a collection under way ends with it") {
    const Installed installed{"silent"};
    installed.enrol_here();
    // The first question (which machine is this?) names no collector and is answered; the collection then hangs.
    const pid_t service = installed.start({"run", "--config", installed.configuration}, "service");
    for (int i = 0; i < 600 && !std::filesystem::exists(installed.socket()); ++i) poll(nullptr, 0, 50);
    REQUIRE(std::filesystem::exists(installed.socket()));
    const auto begin = std::chrono::steady_clock::now();
    kill(service, SIGTERM);
    CHECK(installed.wait(service, "service").code == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{30});
}
