// The listener alone, over real TLS sockets: what it lets through, what it refuses, and that nothing of what it refuses
// reaches a handler.
#include "server-stub/http/listener.hpp"

#include "evidence/errors.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/http/problem.hpp"
#include "tests/server-stub/tls_client.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using namespace std::chrono_literals;

namespace {

const std::string host = "0f2f9e0a-2c8c-4c62-9a3e-1c7f0a5d9b11";
const evidence::Instant now = evidence::SystemClock{}.now();

/// Answers what it was sent; counts; lets a test hold an answer back.
class EchoService final : public Service {
  public:
    explicit EchoService(const CertificateAuthority& authority) : authority_{authority} {}

    ClientIdentity identify(std::string_view certificate) noexcept override { return authority_.identify(certificate); }
    std::variant<Admission, Response> admit(Request& head) noexcept override {
        if (head.path == "/refused") return problem("forbidden", "not this one");
        return Admission{.body_bytes = head.path == "/echo" ? 1000U : head.path == "/large" ? 8'000'000U : 0U};
    }
    Response answer(const Admission&, const Request& request) noexcept override {
        std::unique_lock lock{mutex_};
        ++answered_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !holding_; });
        if (request.path == "/who") return json_response(std::to_string(static_cast<int>(request.client.state)) + request.client.host_id);
        return json_response(request.path + " " + std::to_string(request.headers.size()) + " " + request.body);
    }
    void refused(Listener, std::string_view code) noexcept override {
        const std::lock_guard lock{mutex_};
        refusals_.emplace_back(code);
        changed_.notify_all();
    }
    Response refusal(std::string_view code, std::string_view detail) noexcept override { return problem(code, detail); }

    int answered() {
        const std::lock_guard lock{mutex_};
        return answered_;
    }
    void hold(bool on) {
        const std::lock_guard lock{mutex_};
        holding_ = on;
        changed_.notify_all();
    }
    bool wait_answered(int count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 20s, [&] { return answered_ >= count; });
    }
    bool wait_refused(std::string_view code) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 20s, [&] { return std::find(refusals_.begin(), refusals_.end(), code) != refusals_.end(); });
    }

  private:
    const CertificateAuthority& authority_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int answered_ = 0;
    bool holding_ = false;
    std::vector<std::string> refusals_;
};

struct Machine {
    explicit Machine(const ListenerLimits& limits = {}) : http{service, limits, 4} {
        agents = http.listen(Listener::agents, {"127.0.0.1", 0}, tls, authority.certificate_pem()).port;
        people = http.listen(Listener::people, {"127.0.0.1", 0}, tls, {}).port;
        http.start();
    }
    [[nodiscard]] ClientOptions options() const { return {.trust = authority.certificate_pem(), .name = "localhost", .own = std::nullopt, .tls_1_2 = false}; }
    [[nodiscard]] TlsClient client() const { return TlsClient{people, options()}; }
    [[nodiscard]] TlsIdentity certify(const CertificateAuthority& by, evidence::Instant when) const {
        const CertificateRequest request = make_certificate_request("h");
        return {.certificates = by.issue_client(request.csr, host, when).chain, .key = request.key};
    }

    CertificateAuthority authority{CertificateAuthority::create("annexa/x", now)};
    TlsIdentity tls = authority.issue_server({"localhost"}, now);
    EchoService service{authority};
    std::uint16_t agents = 0;
    std::uint16_t people = 0;
    HttpServer http;
};

}  // namespace

TEST_CASE("requests of one connection are answered in their order, also those sent ahead") {
    Machine machine;
    TlsClient client = machine.client();
    CHECK(client.ask(with_body("POST", "/echo", "one"))->body == "/echo 2 one");
    client.send(with_body("POST", "/echo", "two") + with_body("POST", "/echo", "three") + get("/none"));
    CHECK(client.receive()->body == "/echo 2 two");
    CHECK(client.receive()->body == "/echo 2 three");
    const auto last = client.receive();
    CHECK(last->body == "/none 1 ");
    CHECK(last->headers.at("cache-control") == "no-store");
    CHECK(last->headers.at("x-content-type-options") == "nosniff");

    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc") + chunk("def") + chunk(""));
    CHECK(client.receive()->body == "/echo 2 abcdef");
}

TEST_CASE("a body is refused by its announced length before it is read") {
    Machine machine;
    TlsClient client = machine.client();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    const auto answer = client.receive();
    CHECK(answer->status == 413);
    CHECK(answer->code() == "too_large");
    CHECK(client.ends_within(20s));

    TlsClient huge = machine.client();
    huge.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n");
    CHECK(huge.receive()->code() == "too_large");

    TlsClient none = machine.client();
    CHECK(none.ask(with_body("POST", "/none", "x"))->code() == "too_large");
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("a chunked body is refused as soon as it is longer than the route takes") {
    Machine machine;
    TlsClient client = machine.client();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(std::string(600, 'a')) + chunk(std::string(401, 'b')));
    const auto answer = client.receive();
    CHECK(answer->status == 413);
    CHECK(answer->code() == "too_large");
    CHECK(client.ends_within(20s));
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("a client that still sends a refused body gets the answer") {
    Machine machine;
    TlsClient client = machine.client();
    const std::string body(900'000, 'x');
    client.try_send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + body);
    const auto answer = client.receive();
    REQUIRE(answer);
    CHECK(answer->code() == "too_large");
}

TEST_CASE("a truncated body reaches no handler") {
    Machine machine;
    TlsClient announced = machine.client();
    announced.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this");
    announced.end_sending();
    CHECK(announced.receive()->code() == "truncated");

    TlsClient chunked = machine.client();
    chunked.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc") + "5\r\nab");
    chunked.end_sending();
    CHECK(chunked.receive()->code() == "truncated");
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("a request that arrives too slowly is cut off: headers and body") {
    ListenerLimits limits;
    limits.header = 300ms;
    limits.body = 300ms;
    limits.body_bytes_per_s = 1'000'000;
    Machine machine{limits};
    TlsClient headers = machine.client();
    headers.send("GET /echo HTTP/1.1\r\nHost: ");
    CHECK(headers.ends_within(10s));
    CHECK(machine.service.wait_refused("too_slow"));

    TlsClient body = machine.client();
    body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow");
    CHECK(body.ends_within(10s));
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("a connection that says nothing ends: before the handshake and between requests") {
    ListenerLimits limits;
    limits.idle = 300ms;
    Machine machine{limits};
    TlsClient client = machine.client();
    CHECK(client.ask(get("/none"))->status == 200);
    CHECK(client.ends_within(10s));
}

TEST_CASE("headers are bounded in bytes and in number") {
    Machine machine;
    TlsClient client = machine.client();
    const auto long_one = client.ask(get("/none", "X-Long: " + std::string(20'000, 'a') + "\r\n"));
    CHECK(long_one->status == 431);
    CHECK(long_one->code() == "headers_too_large");
    CHECK(client.ends_within(20s));

    std::string many;
    for (int i = 0; i < 64; ++i) many += "X-" + std::to_string(i) + ": a\r\n";
    CHECK(machine.client().ask(get("/none", many))->code() == "headers_too_large");
    CHECK(machine.client().ask(get("/" + std::string(20'000, 'a')))->code() == "headers_too_large");
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("what could be understood in two ways is refused") {
    Machine machine;
    for (const std::string& bad : {
             std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
             std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
             std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
             std::string{"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"},
             std::string{"GET /none HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"},
             std::string{"GET /none HTTP/1.1\r\nHost : x\r\n\r\n"},
             std::string{"GET  /none HTTP/1.1\r\n\r\n"},
             std::string{"GET /none HTTP/3.0\r\n\r\n"},
             std::string{"\x16\x03\x01 nonsense\r\n\r\n"},
         }) {
        CAPTURE(bad);
        TlsClient client = machine.client();
        const auto answer = client.ask(bad);
        REQUIRE(answer);
        CHECK(answer->status == 400);
        CHECK(answer->code() == "bad_request");
        CHECK(client.ends_within(20s));
    }
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("a refusal of the service comes before the body") {
    Machine machine;
    TlsClient client = machine.client();
    client.send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    CHECK(client.receive()->code() == "forbidden");
    // without a body the connection goes on
    TlsClient going_on = machine.client();
    CHECK(going_on.ask(get("/refused"))->code() == "forbidden");
    CHECK(going_on.ask(get("/none"))->status == 200);
}

TEST_CASE("a client that waits for leave to send its body gets it, or the refusal") {
    Machine machine;
    TlsClient client = machine.client();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.receive()->status == 100);
    CHECK(client.ask("abc")->body == "/echo 3 abc");
    client.send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.receive()->status == 403);
}

TEST_CASE("connections are bounded: of one address, and all together") {
    ListenerLimits limits;
    limits.connections_per_address = 2;
    Machine machine{limits};
    TlsClient one = machine.client();
    auto two = std::make_optional(machine.client());
    CHECK_THROWS_AS(machine.client(), std::runtime_error);
    CHECK(machine.service.wait_refused("connections"));
    CHECK(one.ask(get("/none"))->status == 200);
    two.reset();  // one ends: its place is free again, as soon as the server has seen it
    bool free = false;
    for (int attempt = 0; attempt < 1000 && !free; ++attempt) {
        try {
            free = machine.client().ask(get("/none"))->status == 200;
        } catch (const std::runtime_error&) {
            std::this_thread::yield();
        }
    }
    CHECK(free);

    ListenerLimits total;
    total.connections = 1;
    Machine small{total};
    TlsClient only = small.client();
    CHECK_THROWS_AS(small.client(), std::runtime_error);
    CHECK(only.ask(get("/none"))->status == 200);
}

TEST_CASE("bodies that are being received are bounded all together") {
    ListenerLimits limits;
    limits.body_bytes_in_flight = 8'000'000;
    Machine machine{limits};
    TlsClient first = machine.client();
    first.send("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\nExpect: 100-continue\r\n\r\n");
    REQUIRE(first.receive()->status == 100);  // its share is taken
    TlsClient second = machine.client();
    second.send("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    const auto busy = second.receive();
    CHECK(busy->status == 503);
    CHECK(busy->code() == "busy");
    CHECK(busy->headers.contains("retry-after"));
    first.send(std::string(8'000'000, 'x'));
    CHECK(first.receive()->status == 200);
    TlsClient third = machine.client();
    CHECK(third.ask(with_body("POST", "/large", std::string(1'000'000, 'y')))->status == 200);
}

TEST_CASE("TLS 1.2 is refused, and so is plain HTTP") {
    Machine machine;
    ClientOptions old = machine.options();
    old.tls_1_2 = true;
    CHECK_THROWS_AS((TlsClient{machine.people, old}), std::runtime_error);
    CHECK_THROWS_AS((TlsClient{machine.agents, old}), std::runtime_error);
    CHECK(machine.service.wait_refused("handshake"));
    CHECK(says_without_tls(machine.people, get("/none")).find("HTTP") == std::string::npos);
    CHECK(machine.service.answered() == 0);
}

TEST_CASE("agents are asked for a certificate, people are not; whose it is, the service decides") {
    Machine machine;
    TlsClient person = machine.client();
    CHECK_FALSE(person.was_asked());

    using State = ClientIdentity::State;
    const auto shown = [](State state) { return std::to_string(static_cast<int>(state)); };
    const auto who = [&](const std::optional<TlsIdentity>& own) {
        ClientOptions options = machine.options();
        options.own = own;
        TlsClient client{machine.agents, options};
        CHECK(client.was_asked());
        return client.ask(get("/who"))->body;
    };
    CHECK(who(std::nullopt) == shown(State::missing));
    CHECK(who(machine.certify(machine.authority, now)) == shown(State::valid) + host);
    // one that expired long ago does not fail the handshake
    CHECK(who(machine.certify(machine.authority, now - 400 * 24h)) == shown(State::valid) + host);
    const CertificateAuthority other{CertificateAuthority::create("annexa/y", now)};
    CHECK(who(machine.certify(other, now)) == shown(State::foreign));
}

TEST_CASE("a renewed certificate is shown to whoever connects from then on") {
    Machine machine;
    TlsClient before = machine.client();
    machine.http.use_certificate(Listener::people, machine.authority.issue_server({"localhost"}, now));
    TlsClient after = machine.client();
    CHECK(before.server_certificate() != after.server_certificate());
    CHECK(before.ask(get("/none"))->status == 200);
}

TEST_CASE("a stopping server answers what is under way and takes nothing new") {
    Machine machine;
    TlsClient idle = machine.client();
    CHECK(idle.ask(get("/none"))->status == 200);
    machine.service.hold(true);
    TlsClient busy = machine.client();
    busy.send(get("/none"));
    REQUIRE(machine.service.wait_answered(2));
    std::thread stopping{[&] { machine.http.stop(); }};
    CHECK(idle.ends_within(20s));
    machine.service.hold(false);
    const auto answer = busy.receive();
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->headers.at("connection") == "close");
    stopping.join();
    CHECK(machine.http.connections() == 0);
    CHECK_THROWS_AS(machine.client(), std::runtime_error);
}

TEST_CASE("two servers do not share a port, and the second says so") {
    Machine machine;
    HttpServer second{machine.service, {}, 1};
    CHECK_THROWS_WITH(second.listen(Listener::people, {"127.0.0.1", machine.people}, machine.tls, {}), Catch::Contains("in use"));
}
