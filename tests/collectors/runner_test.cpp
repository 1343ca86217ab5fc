// What a collector may do wrong, and that it stays with itself.
#include "collectors/runner.hpp"
#include "collectors/support/descriptor.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cerrno>
#include <cstring>
#include <map>

using namespace annexa;
using namespace annexa::collectors;
using namespace std::chrono_literals;

namespace {

constexpr Column columns[] = {{"name", Type::text, "what"}, {"value", Type::integer, "how much", Trait::nullable}};
constexpr TableDefinition tables[] = {{"things", "for tests", columns}};

std::vector<Table> one_row(const std::string& name, Value value = std::monostate{}) {
    Table table = make_table(tables[0]);
    table.rows.push_back({name, std::move(value)});
    return {table};
}

constexpr Collector test_collector(std::string_view name, std::vector<Table> (*collect)(Host&)) {
    Collector collector{};
    collector.name = name;
    collector.version = 7;
    collector.tables = tables;
    collector.collect = collect;
    return collector;
}

const Collector good = test_collector("good", [](Host&) { return one_row("fine", std::int64_t{1}); });
const Collector crash = test_collector("crash", [](Host&) -> std::vector<Table> {
    ::raise(SIGSEGV);
    return {};
});
const Collector abort_itself = test_collector("abort", [](Host&) -> std::vector<Table> { std::abort(); });
const Collector leave = test_collector("leave", [](Host&) -> std::vector<Table> { ::_exit(0); });
const Collector hang = test_collector("hang", [](Host&) -> std::vector<Table> {
    for (;;) ::pause();
});
const Collector hang_with_children = test_collector("hang_with_children", [](Host&) -> std::vector<Table> {
    (void)::fork();
    for (;;) ::pause();
});
const Collector greedy = test_collector("greedy", [](Host&) -> std::vector<Table> {
    std::vector<std::string> hoard;
    for (;;) hoard.emplace_back(std::size_t{16} << 20, 'x');
});
const Collector garbage = test_collector("garbage", [](Host&) -> std::vector<Table> {
    (void)!::write(3, "\0\0\0\2ok garbage", 14);
    ::_exit(0);
});
const Collector flood = test_collector("flood", [](Host&) -> std::vector<Table> {
    const std::string block(65536, 'x');
    while (::write(3, block.data(), block.size()) > 0) {
    }
    ::_exit(0);
});
const Collector large = test_collector("large", [](Host&) {
    Table table = make_table(tables[0]);
    for (std::int64_t i = 0; i < 10'000; ++i) table.rows.push_back({"a name of some length", i});
    return std::vector<Table>{table};
});
const Collector wrong_type = test_collector("wrong_type", [](Host&) { return one_row("x", std::string{"seven"}); });
const Collector null_in_place = test_collector("null", [](Host&) {
    Table table = make_table(tables[0]);
    table.rows.push_back({std::monostate{}, std::monostate{}});
    return std::vector<Table>{table};
});
const Collector wrong_table = test_collector("wrong_table", [](Host&) {
    return std::vector<Table>{Table{"others", {}, {}}};
});
const Collector no_table = test_collector("no_table", [](Host&) { return std::vector<Table>{}; });
const Collector refused = test_collector(
    "refused", [](Host&) -> std::vector<Table> { throw host_error(Reason::permission_denied, "/etc/\x1b: no"); });
const Collector absent = test_collector(
    "absent", [](Host&) -> std::vector<Table> { throw not_applicable(Reason::not_present, "no such thing"); });
const Collector defect =
    test_collector("defect", [](Host&) -> std::vector<Table> { throw std::logic_error("a defect"); });

std::map<std::string, Collected> run_all(std::vector<const Collector*> list, RunLimits limits = {}, bool live = false) {
    const tests::TemporaryFolder empty;
    std::map<std::string, Collected> results;
    CHECK(run(
        list, [&] { return live ? live_machine() : fixture_machine(empty.path().string()); }, limits,
        evidence::SystemClock{}, [&](Collected result) { results[result.collector] = std::move(result); }));
    CHECK(results.size() == list.size());
    return results;
}

RunLimits short_limits() {
    RunLimits limits;
    limits.child.timeout = 3s;
    limits.output_bytes = std::size_t{1} << 17;
    limits.parallel = 4;
    return limits;
}

/// A collector that tries one thing and says how it ended.
Collected attempt(Collector collector, bool live = false) {
    auto results = run_all({&collector}, {}, live);
    return results.begin()->second;
}
std::int64_t code_of(const Collected& collected) {
    INFO(collected.message);
    REQUIRE(collected.outcome == Outcome::ok);
    return std::get<std::int64_t>(collected.tables.at(0).rows.at(0).at(1));
}

}  // namespace

TEST_CASE("a collector that crashes, hangs, hoards, floods or lies is an error and disturbs no other") {
    const auto results =
        run_all({&crash, &hang, &good, &hang_with_children, &garbage, &flood, &large, &abort_itself, &leave,
                 &wrong_type, &null_in_place, &wrong_table, &no_table, &refused, &absent, &defect},
                short_limits());
    const std::map<std::string, Reason> expected{{"crash", Reason::crashed},
                                                 {"abort", Reason::crashed},
                                                 {"leave", Reason::bad_output},
                                                 {"hang", Reason::timed_out},
                                                 {"hang_with_children", Reason::timed_out},
                                                 {"garbage", Reason::bad_output},
                                                 {"flood", Reason::output_too_large},
                                                 {"large", Reason::output_too_large},
                                                 {"wrong_type", Reason::bad_output},
                                                 {"null", Reason::bad_output},
                                                 {"wrong_table", Reason::bad_output},
                                                 {"no_table", Reason::bad_output},
                                                 {"refused", Reason::permission_denied},
                                                 {"defect", Reason::internal}};
    for (const auto& [name, reason] : expected) {
        INFO(name << ": " << results.at(name).message);
        CHECK(results.at(name).outcome == Outcome::error);
        CHECK(results.at(name).reason == reason);
        CHECK(results.at(name).tables.empty());
        CHECK_FALSE(results.at(name).message.empty());
    }
    CHECK(results.at("refused").message == "/etc/\\x1b: no");
    CHECK(results.at("absent").outcome == Outcome::not_applicable);
    CHECK(results.at("absent").reason == Reason::not_present);
    CHECK(results.at("good").outcome == Outcome::ok);
    CHECK(results.at("good").version == 7);
    CHECK(results.at("good").tables.at(0).rows == std::vector<Row>{{"fine", std::int64_t{1}}});
    CHECK(results.at("good").duration_ms < 3000);
    // Nothing is left behind, not even what a hanging collector had forked.
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a collector that hoards memory is out of memory") {
    const auto results = run_all({&greedy, &good});
    CHECK(results.at("greedy").reason == Reason::out_of_memory);
    CHECK(results.at("good").outcome == Outcome::ok);
}
#endif

TEST_CASE("a child may not trace, read others' memory, start programs or open internet sockets") {
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              const long result = ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr);
              return one_row("x", std::int64_t{result == 0 ? 0 : errno});
          }))) == EPERM);
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              char byte = 0;
              const iovec local{&byte, 1};
              const ssize_t result = ::process_vm_readv(::getppid(), &local, 1, &local, 1, 0);
              return one_row("x", std::int64_t{result >= 0 ? 0 : errno});
          }))) == EPERM);
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              (void)::execl("/bin/true", "true", nullptr);
              return one_row("x", std::int64_t{errno});
          }))) == EPERM);
    for (const int family : {AF_INET, AF_INET6, AF_PACKET}) {
        static int wanted = 0;
        wanted = family;
        CHECK(code_of(attempt(test_collector("t", [](Host&) {
                  const int result = ::socket(wanted, SOCK_DGRAM, 0);
                  return one_row("x", std::int64_t{result >= 0 ? 0 : errno});
              }))) == EAFNOSUPPORT);
    }
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              const int local = ::socket(AF_UNIX, SOCK_STREAM, 0);
              const int kernel = ::socket(AF_NETLINK, SOCK_RAW, 0);
              return one_row("x", std::int64_t{local >= 0 && kernel >= 0 ? 0 : errno});
          }))) == 0);
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              return one_row("x", std::int64_t{::syscall(SYS_io_uring_setup, 1, nullptr) >= 0 ? 0 : errno});
          }))) == EPERM);
}

TEST_CASE("a child writes nowhere but in its scratch folder") {
    const bool has_landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0UL, 1U) >= 1;
    if (!has_landlock) return;  // then the unit alone keeps it from writing
    const tests::TemporaryFolder elsewhere;
    const tests::TemporaryFolder scratch;
    static std::string target;
    const Collector writer = test_collector("writer", [](Host&) {
        const Descriptor file{::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
        return one_row("x", std::int64_t{file ? 0 : errno});
    });
    const Collector remover = test_collector(
        "remover", [](Host&) { return one_row("x", std::int64_t{::unlink(target.c_str()) == 0 ? 0 : errno}); });
    ::setenv("CACHE_DIRECTORY", scratch.path().c_str(), 1);
    target = elsewhere / "made";
    CHECK(code_of(attempt(writer)) == EACCES);
    { const Descriptor there{::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)}; }
    CHECK(code_of(attempt(writer)) == EACCES);
    CHECK(code_of(attempt(remover)) == EACCES);
    target = scratch / "made";
    CHECK(code_of(attempt(writer)) == 0);
    target = "/dev/null";
    CHECK(code_of(attempt(writer)) == 0);
    ::unsetenv("CACHE_DIRECTORY");
}

TEST_CASE("a child may ask the kernel what collectors ask, and no more") {
    CHECK(code_of(attempt(test_collector("t",
                                         [](Host& host) {
                                             (void)host.kernel->clock();
                                             (void)host.kernel->sockets();
                                             (void)host.kernel->usage("/");
                                             return one_row("x", std::int64_t{host.kernel->name().system == "Linux"});
                                         }),
                          true)) == 1);
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              const timespec now{0, 2'000'000'000};  // invalid, so that it sets nothing even where it is allowed
              return one_row("x", std::int64_t{::syscall(SYS_clock_settime, CLOCK_REALTIME, &now) == 0 ? 0 : errno});
          }))) == EPERM);
}

TEST_CASE("only a collector that says so may start programs") {
    Collector starter = test_collector("starter", [](Host&) {
        const pid_t child = ::fork();
        if (child == 0) {
            (void)::execl("/bin/true", "true", nullptr);
            ::_exit(99);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return one_row("x", std::int64_t{WEXITSTATUS(status)});
    });
    CHECK(code_of(attempt(starter)) == 99);
    starter.runs_programs = true;
    CHECK(code_of(attempt(starter)) == 0);
}

TEST_CASE("a child has no descriptor but its own, no core dump, and leads its own process group") {
    const Descriptor secret{::open("/etc/hostname", O_RDONLY)};  // inheritable on purpose
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              std::int64_t open = 0;
              for (int descriptor = 4; descriptor < 1024; ++descriptor)
                  if (::fcntl(descriptor, F_GETFD) >= 0) ++open;
              return one_row("x", open);
          }))) == 0);
    CHECK(code_of(attempt(test_collector("t", [](Host&) {
              rlimit core{};
              ::getrlimit(RLIMIT_CORE, &core);
              return one_row("x", std::int64_t{core.rlim_max == 0 && ::getpgrp() == ::getpid()});
          }))) == 1);
}

TEST_CASE("a child keeps only the capabilities that its collector states") {
    if (::geteuid() != 0) return;  // others have none to lose
    const auto effective = [](Capability needs) {
        Collector collector = test_collector("t", [](Host& host) {
            (void)host;
            SourceLog log;
            const Descriptor status{::open("/proc/self/status", O_RDONLY)};
            std::string text(8192, '\0');
            text.resize(static_cast<std::size_t>(::read(status.get(), text.data(), text.size())));
            const std::size_t at = text.find("CapEff:\t") + 8;
            const std::size_t bounding = text.find("CapBnd:\t") + 8;
            return one_row(text.substr(at, 16) + " " + text.substr(bounding, 16));
        });
        collector.needs = needs;
        return std::get<std::string>(attempt(collector).tables.at(0).rows.at(0).at(0));
    };
    CHECK(effective(Capability::none) == "0000000000000000 0000000000000000");
    CHECK(effective(Capability::dac_read_search) == "0000000000000004 0000000000000004");
    CHECK(effective(Capability::sys_ptrace | Capability::audit_control) == "0000000040080000 0000000040080000");
}

TEST_CASE("a deep collector runs at idle priority") {
    Collector deep =
        test_collector("deep", [](Host&) { return one_row("x", std::int64_t{::syscall(SYS_ioprio_get, 1, 0) >> 13}); });
    deep.cost = Cost::deep;
    CHECK(code_of(attempt(deep)) == 3);
}

TEST_CASE("when the peer hangs up, children are ended at once") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const Descriptor peer{ends[0]};
    { const Descriptor hung_up{ends[1]}; }
    const std::vector<const Collector*> list{&hang};
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(run(
        list, [] { return live_machine(); }, {}, evidence::SystemClock{}, [](const Collected&) {}, peer.get()));
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a collector for running systems alone is not applicable on an image") {
    const tests::TemporaryFolder folder;
    Collector collector = good;
    collector.reads_images = false;
    const auto machine = image_machine(folder.path().string());
    const Collected result = collect_here(collector, *machine);
    CHECK(result.outcome == Outcome::not_applicable);
    CHECK(result.reason == Reason::needs_running_system);
}
