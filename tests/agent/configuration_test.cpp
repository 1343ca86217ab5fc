#include "agent/configuration.hpp"

#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

using namespace annexa;
using namespace annexa::agent;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Configuration read(const std::string& text, const KnownNames& known = {}) {
    Configuration configuration;
    apply_configuration(configuration, "agent.yaml", text, known);
    return configuration;
}

std::string complaint(const std::string& text, const KnownNames& known = {}) {
    try {
        read(text, known);
    } catch (const configuration_error& problem) {
        return problem.what();
    }
    return "no complaint";
}

}  // namespace

TEST_CASE("configuration: every key has a default") {
    const Configuration empty = read("");
    CHECK(empty.schedule.every == hours{1});
    CHECK(empty.schedule.splay == minutes{10});
    CHECK(empty.spool_bytes == 256 << 20);
    CHECK(empty.timeout == seconds{60});
    CHECK(empty.memory_bytes == 256 << 20);
    CHECK(empty.state == "/var/lib/annexa-agent");
    CHECK(empty.socket == "/run/annexa-agent/socket");
    CHECK(empty.disabled.empty());
    CHECK(empty.log_level == LogLevel::info);
}

TEST_CASE("configuration: all that the interface names is read") {
    const Configuration c = read(R"(
host: {tags: {environment: production, owner: platform}}
schedule:
  default: {every: 2h, splay: 5m}
  collectors: {package_integrity: {every: 24h}, users: {every: 15m}}
spool: {max_bytes: 512MiB}
limits: {timeout: 30s, memory: 128MiB}
collectors: {disable: [usb_policy]}
waivers:
  - {check: ssh-root-login, reason: break-glass access, until: 2027-03-31}
  - {check: listeners-allowed, key: tcp/8080, reason: the test server, until: 2026-12-31}
state: /srv/agent
socket: /srv/agent/socket
collector_socket: /run/annexa-collect/socket
log: {level: debug}
)");
    CHECK(c.tags == std::map<std::string, std::string>{{"environment", "production"}, {"owner", "platform"}});
    CHECK(c.schedule.every == hours{2});
    CHECK(c.schedule.splay == minutes{5});
    CHECK(c.collector_schedule.at("package_integrity").every == hours{24});
    CHECK_FALSE(c.collector_schedule.at("package_integrity").splay.has_value());
    CHECK(c.spool_bytes == std::int64_t{512} << 20);
    CHECK(c.timeout == seconds{30});
    CHECK(c.disabled == std::set<std::string>{"usb_policy"});
    REQUIRE(c.waivers.size() == 2);
    CHECK(c.waivers[0].reason == "break-glass access");
    CHECK(evidence::to_string(c.waivers[0].until) == "2027-04-01T00:00:00.000Z");
    CHECK(c.waivers[1].key == "tcp/8080");
    CHECK(c.state == "/srv/agent");
    CHECK(c.collector_socket == "/run/annexa-collect/socket");
    CHECK(c.log_level == LogLevel::debug);
}

TEST_CASE("configuration: what is wrong is named with file, line, column and what was expected") {
    CHECK(complaint("spol: {}\n") ==
          "agent.yaml:1:1: unknown key \"spol\"; expected one of collector_socket, collectors, host, "
          "limits, log, schedule, socket, spool, state, waivers");
    CHECK(complaint("spool:\n  max_byte: 1GiB\n") == "agent.yaml:2:3: unknown key \"max_byte\"; expected max_bytes");
    CHECK(complaint("spool: {max_bytes: lots}\n") == "agent.yaml:1:20: expected a size such as 512KiB, 256MiB or 1GiB");
    CHECK(complaint("spool: {max_bytes: 1KiB}\n") == "agent.yaml:1:20: expected at least 1048576 bytes");
    CHECK(complaint("limits: {timeout: 10}\n") == "agent.yaml:1:19: expected a duration such as 90s, 15m, 1h or 7d");
    CHECK(complaint("limits: {timeout: 0s}\n") == "agent.yaml:1:19: expected a duration between 1s and 366d");
    CHECK(complaint("state: var/lib\n") == "agent.yaml:1:8: expected an absolute path");
    CHECK(complaint("state: /a\nstate: /b\n") == "agent.yaml:2:1: the key \"state\" stands here twice");
    CHECK(complaint("waivers:\n  - {check: ssh-root-login, until: 2027-01-01}\n") ==
          "agent.yaml:2:5: a waiver needs check, reason and until");
    CHECK(complaint("waivers: [{check: a, reason: b, until: 2027-02-30}]\n") ==
          "agent.yaml:1:40: expected a day such as 2027-03-31");
    CHECK(complaint("log: {level: loud}\n") == "agent.yaml:1:14: expected error, warning, info or debug");
    CHECK(complaint("schedule: hourly\n") == "agent.yaml:1:11: expected default and collectors, a mapping");
    CHECK(complaint("a: b\n---\nc: d\n").find("expected one YAML document") != std::string::npos);
    CHECK(complaint("state: [/a\n").substr(0, 13) == "agent.yaml:2:");
}

TEST_CASE("configuration: names are held against the collectors and checks at hand") {
    const KnownNames known{{"users", "shadow"}, {"ssh-root-login"}};
    CHECK(complaint("collectors: {disable: [usrs]}\n", known) ==
          "agent.yaml:1:24: expected the name of a collector, found \"usrs\"");
    CHECK(complaint("schedule: {collectors: {usrs: {every: 1h}}}\n", known) ==
          "agent.yaml:1:25: expected the name of a collector, found \"usrs\"");
    CHECK(complaint("waivers: [{check: nope, reason: x, until: 2027-01-01}]\n", known) ==
          "agent.yaml:1:19: expected the name of a check, found \"nope\"");
}

TEST_CASE("configuration: drop-ins override in the order of their names, maps merge, lists add up") {
    const testing::TemporaryDirectory folder;
    const auto main = folder.write(
        "agent.yaml", "host: {tags: {a: x, b: x}}\nspool: {max_bytes: 2MiB}\ncollectors: {disable: [one]}\n");
    folder.write("agent.d/20-second.yaml", "spool: {max_bytes: 4MiB}\n");
    folder.write("agent.d/10-first.yaml",
                 "host: {tags: {b: y}}\nspool: {max_bytes: 3MiB}\ncollectors: {disable: [two]}\n");
    folder.write("agent.d/ignored.yaml.bak", "not: read\n");
    const Configuration c = load_configuration(main);
    CHECK(c.tags == std::map<std::string, std::string>{{"a", "x"}, {"b", "y"}});
    CHECK(c.spool_bytes == 4 << 20);
    CHECK(c.disabled == std::set<std::string>{"one", "two"});

    folder.write("agent.d/30-third.yaml", "\n\nspool: 3\n");
    CHECK_THROWS_WITH(load_configuration(main),
                      Catch::Contains("agent.d/30-third.yaml:3:8: expected max_bytes, a mapping"));
}

TEST_CASE("configuration: a named file must be there and a folder is none") {
    const testing::TemporaryDirectory folder;
    CHECK_THROWS_WITH(load_configuration(folder.path() / "absent.yaml"), Catch::Contains("no configuration file"));
    CHECK_THROWS_WITH(load_configuration(folder.path()), Catch::Contains("cannot read the configuration"));
}

TEST_CASE("configuration: durations and sizes") {
    CHECK(parse_duration("90s") == seconds{90});
    CHECK(parse_duration("7d") == hours{168});
    for (const char* bad :
         {"", "s", "-1s", "1", "1w", "1 h", "1.5h", "+1s", "99999999999999999999s", "9223372036854775807d"})
        CHECK_FALSE(parse_duration(bad).has_value());
    CHECK(parse_size("4096") == 4096);
    CHECK(parse_size("1GiB") == std::int64_t{1} << 30);
    for (const char* bad : {"", "1MB", "-1", "1 MiB", "9223372036854775807GiB"})
        CHECK_FALSE(parse_size(bad).has_value());
}
