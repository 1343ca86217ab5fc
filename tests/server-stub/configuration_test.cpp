#include "server-stub/configuration/configuration.hpp"

#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::store;

namespace {

std::string problem_of(std::string_view text) {
    try {
        (void)parse_configuration(text, "server.yaml");
        return "";
    } catch (const evidence::error& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("an empty configuration is the defaults") {
    for (const char* text : {"", "# nothing\n", "listen:\n"}) {
        const Configuration configuration = parse_configuration(text, "server.yaml");
        CHECK(configuration.data == "/var/lib/annexa-server");
        CHECK(configuration.agents.port == 8443);
        CHECK(configuration.people.port == 8444);
        CHECK_FALSE(configuration.people_tls);
    }
}

TEST_CASE("every key is read") {
    const Configuration configuration = parse_configuration(R"(data: /srv/annexa
organization: Example Ltd
listen: {agents: "127.0.0.1:0", people: "[::1]:9444"}
agents_url: https://annexa.example.org:8443
people_url: https://annexa.example.org
tls:
  people: {certificate: /etc/ssl/annexa.pem, key: /etc/ssl/annexa.key}
log: {level: debug}
)",
                                                            "server.yaml");
    CHECK(configuration.data == "/srv/annexa");
    CHECK(configuration.organization == "Example Ltd");
    CHECK(configuration.agents.address == "127.0.0.1");
    CHECK(configuration.agents.port == 0);
    CHECK(configuration.people.address == "::1");
    CHECK(configuration.people.port == 9444);
    CHECK(configuration.agents_url == "https://annexa.example.org:8443");
    CHECK(configuration.people_tls->key == "/etc/ssl/annexa.key");
    CHECK(configuration.log_level == Severity::debug);
}

TEST_CASE("what is wrong is named with file, line and column and what was expected") {
    CHECK(problem_of("organisation: x\n") ==
          "server.yaml:1:1: unknown key 'organisation'; expected one of data, organization, listen, agents_url, people_url, tls, log");
    CHECK(problem_of("data: /srv\nlisten:\n  agent: 1\n") == "server.yaml:3:3: unknown key 'listen.agent'; expected one of agents, people");
    CHECK(problem_of("listen:\n  agents: 8443\n") == "server.yaml:2:11: expected ADDRESS:PORT, found '8443'");
    CHECK(problem_of("data: annexa\n") == "server.yaml:1:7: expected an absolute path, found 'annexa'");
    CHECK(problem_of("people_url: http://annexa.example.org\n").find("server.yaml:1:13: expected https://HOST:PORT") == 0);
    CHECK(problem_of("people_url: https://annexa.example.org/path\n").find("server.yaml:1:13: ") == 0);
    CHECK(problem_of("people_url: https://:8444\n").find("server.yaml:1:13: ") == 0);
    CHECK(problem_of("tls:\n  people: {certificate: /a}\n").find("expected both tls.people.certificate and tls.people.key") != std::string::npos);
    CHECK(problem_of("log: {level: loud}\n") == "server.yaml:1:14: expected error, warning, info or debug, found 'loud'");
    CHECK(problem_of("listen: yes please\n").find("server.yaml:1:9: expected a mapping with agents, people") == 0);
    CHECK(problem_of("data: /a\ndata: /b\n").find("server.yaml:2:1: ") == 0);
    CHECK(problem_of("data: [\n").find("server.yaml:") == 0);
}

TEST_CASE("addresses to listen at") {
    CHECK(parse_listen_address(":8443").address == "::");
    CHECK(parse_listen_address("0.0.0.0:1").address == "0.0.0.0");
    for (const char* bad : {"", "8443", "localhost:8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]", "[127.0.0.1]:1"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_listen_address(bad), evidence::error);
    }
}
