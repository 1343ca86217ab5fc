// The whole server on loopback: who may ask what, and how it is administered.
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/conditions/conditions.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/files.hpp"
#include "server-stub/server/admin_socket.hpp"
#include "server-stub/server/routes.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "tests/server-stub/site.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <fstream>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using namespace std::chrono_literals;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// True where any file beneath the folder holds the bytes.
bool holds(const fs::path& folder, const std::string& bytes) {
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (text.find(bytes) != std::string::npos) return true;
    }
    return false;
}

std::string ask_code(TlsClient client, const std::string& request) {
    const auto answer = client.ask(request);
    REQUIRE(answer);
    return answer->code();
}

}  // namespace

TEST_CASE("agents' routes demand a certificate of this store") {
    Site site;
    const CertificateAuthority other{CertificateAuthority::create("annexa/other", site.clock.now())};
    const CertificateRequest csr = make_certificate_request("h");
    const TlsIdentity foreign{
        .certificates = other.issue_client(csr.csr, evidence::random_uuid(), site.clock.now()).chain, .key = csr.key};
    const TlsIdentity stranger{
        // ours, of a host that was never enrolled
        .certificates =
            site.store->server().authority.issue_client(csr.csr, evidence::random_uuid(), site.clock.now()).chain,
        .key = csr.key};
    for (const std::string& request :
         {get("/log/checkpoint"), get("/log/tile/0/000.p/1"), with_body("POST", "/agent/v1/statements", "[]"),
          with_body("PUT", "/agent/v1/tables/" + std::string(64, 'a') + "?name=users", "x")}) {
        CHECK(ask_code(site.agent(), request) == "certificate_missing");
        CHECK(ask_code(site.agent(foreign), request) == "certificate_unknown");
        CHECK(ask_code(site.agent(stranger), request) == "unknown_key");
    }
    // an identity is that of the TLS session, whatever a header says
    CHECK(ask_code(site.agent(), get("/log/checkpoint", "X-Client-Cert: annexa:host:" + evidence::random_uuid() +
                                                            "\r\n")) == "certificate_missing");
}

TEST_CASE("agents read the checkpoint and hash tiles, people entries too") {
    Site site;
    const EnrolledHost host = site.enrol();
    TlsClient agent = site.agent(host.tls);
    const auto checkpoint = agent.ask(get("/log/checkpoint"));
    CHECK_NOTHROW(evidence::open_checkpoint(checkpoint->body, host.token.log));
    const auto tile = agent.ask(get("/log/tile/0/000.p/1"));
    CHECK(tile->status == 200);
    CHECK(tile->body.size() == 32);
    CHECK(tile->headers.at("cache-control").find("immutable") != std::string::npos);
    CHECK(agent.ask(get("/log/tile/entries/000.p/1"))->code() == "forbidden");
    CHECK(agent.ask(get("/log/tile/9/000"))->code() == "not_found");
    CHECK(agent.ask(get("/api/v1/session"))->code() == "not_found");

    const evidence::Token reader = site.token("reader");
    TlsClient person = site.person();
    CHECK(person.ask(get("/log/tile/entries/000.p/1", bearer(reader)))->status == 200);
    CHECK(person.ask(get("/log/checkpoint"))->code() == "token_missing");
    CHECK(person.ask(get("/agent/v1/enroll"))->code() == "not_found");
}

TEST_CASE("every people's route but those that say otherwise demands a token, and the role that it says") {
    Site site;
    const evidence::Token reader = site.token("reader");
    const evidence::Token enroller = site.token("agent");
    unsigned asked = 0;
    for (const Route* route : routes().routes()) {
        if (route->listener != Listener::people || route->access == Access::open ||
            route->access == Access::credential || route->access == Access::local)
            continue;
        std::string path;
        for (const char c : route->path) path += c == '{' || c == '}' ? 'x' : c;
        CAPTURE(route->method, path);
        const auto request = [&](const std::string& headers) {
            return std::string{route->method} + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
        };
        CHECK(ask_code(site.person(), request({})) == "token_missing");
        CHECK(ask_code(site.person(), request("Authorization: Bearer x\r\n")) == "token_unknown");
        CHECK(ask_code(site.person(), request(bearer(enroller))) == "forbidden");
        if (route->access != Access::read) CHECK(ask_code(site.person(), request(bearer(reader))) == "forbidden");
        ++asked;
    }
    CHECK(asked > 10);
}

TEST_CASE("a person's token lasts its time, and ends when it is revoked") {
    Site site;
    TlsClient client = site.person();
    const evidence::Token token = site.token("auditor", {{"ttl_s", 600}, {"name", "A. Auditor"}});
    const auto shown = client.ask(get("/api/v1/session", bearer(token)));
    REQUIRE(shown->status == 200);
    const json session = json::parse(shown->body);
    CHECK(session.at("role") == "auditor");
    CHECK(session.at("name") == "A. Auditor");
    CHECK(session.at("organization") == "Example Ltd");
    site.clock.advance(599s);
    CHECK(client.ask(get("/api/v1/session", bearer(token)))->status == 200);
    site.clock.advance(1s);
    CHECK(client.ask(get("/api/v1/session", bearer(token)))->code() == "token_expired");

    const evidence::Token revoked = site.token("admin");
    CHECK(client.ask(get("/api/v1/session", bearer(revoked)))->status == 200);
    site.administer("token_revoke", {{"id", revoked.id}});
    CHECK(client.ask(get("/api/v1/session", bearer(revoked)))->code() == "token_revoked");
    CHECK_THROWS_WITH(site.token("admin", {{"ttl_s", 0}}), Catch::Contains("--ttl"));
    CHECK_THROWS_WITH(site.token("admin", {{"ttl_s", 400 * 86400}}), Catch::Contains("--ttl"));
    CHECK_THROWS_WITH(site.token("admin", {{"uses", 0}}), Catch::Contains("--uses"));
    CHECK_THROWS_WITH(site.token("root"), Catch::Contains("--role"));
}

TEST_CASE("the first administrator's token signs in once; the session ends when it is told to") {
    Site site;
    const evidence::Token first = evidence::parse_token(site.made.at("token").at("token").get<std::string>());
    CHECK(first.role == "admin");
    TlsClient client = site.person();
    CHECK(client.ask(get("/api/v1/session", bearer(first)))->code() == "sign_in_needed");  // it opens nothing by itself
    const auto begun = client.ask(with_body("POST", "/api/v1/session", "", bearer(first)));
    REQUIRE(begun->status == 201);
    const json session = json::parse(begun->body);
    CHECK(session.at("role") == "admin");
    const std::string headers = "Authorization: Bearer " + session.at("secret").get<std::string>() + "\r\n";
    CHECK(client.ask(get("/api/v1/session", headers))->status == 200);
    CHECK(client.ask(with_body("POST", "/api/v1/session", "", bearer(first)))->code() == "token_used");

    CHECK(client.ask("DELETE /api/v1/session HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n")->status == 200);
    CHECK(client.ask(get("/api/v1/session", headers))->code() == "token_revoked");
}

TEST_CASE("neither a token's secret nor the recovery key is kept") {
    Site site;
    const evidence::Token token = site.token("admin");
    TlsClient client = site.person();
    CHECK(client.ask(get("/api/v1/session", bearer(token)))->status == 200);
    const evidence::Token first = evidence::parse_token(site.made.at("token").at("token").get<std::string>());
    const std::string recovery = site.made.at("recovery_key").get<std::string>();
    const std::string recovery_line = recovery.substr(recovery.find('\n') + 1, 60);
    for (const std::string& secret : {token.secret, token.bearer(), first.secret, first.bearer(), recovery_line})
        CHECK_FALSE(holds(site.data, secret));
    CHECK(holds(site.data, token.id));  // the search itself finds what is there
}

TEST_CASE("addresses that are not there, methods that are not taken, targets that are ambiguous") {
    Site site;
    TlsClient client = site.person();
    CHECK(client.ask(get("/api/v1/nothing"))->status == 404);
    const auto method = client.ask("PATCH /api/v1/session HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(method->status == 405);
    CHECK(method->code() == "bad_method");
    CHECK(method->headers.at("allow") == "POST, GET, DELETE");
    for (const char* bad : {"/api/v1/../v1/session", "//", "/a%2fb", "/a%00", "*", "http://x/y"}) {
        CAPTURE(bad);
        const auto answer = client.ask(get(bad));
        CHECK(answer->status == 400);
        CHECK(answer->code() == "bad_target");
    }
}

TEST_CASE("health, readiness and metrics are for loopback, and count what was refused") {
    Site site;
    TlsClient client = site.person();
    CHECK(client.ask(get("/healthz"))->body == R"({"status":"ok"})");
    const auto ready = client.ask(get("/readyz"));
    CHECK(ready->status == 200);
    CHECK(json::parse(ready->body).at("ready") == true);
    CHECK(client.ask(get("/log/checkpoint"))->status == 401);
    const auto metrics = client.ask(get("/metrics"));
    CHECK(metrics->headers.at("content-type").find("text/plain") == 0);
    CHECK(
        metrics->body.find(R"(annexa_http_requests_total{listener="people",route="/log/checkpoint",status="401"} 1)") !=
        std::string::npos);
    CHECK(metrics->body.find(R"(annexa_condition{code="disk_full"} 0)") != std::string::npos);
    CHECK(metrics->body.find("annexa_log_entries ") != std::string::npos);
    // a token that is shown must be good, also from loopback
    CHECK(client.ask(get("/metrics", "Authorization: Bearer x\r\n"))->code() == "token_unknown");
}

TEST_CASE("a store that acknowledges nothing says so on readyz") {
    Site site;
    site.store->server().store.set_setting("restored", "restored from a backup of 2026-11-01");
    TlsClient client = site.person();
    const auto ready = client.ask(get("/readyz"));
    CHECK(ready->status == 503);
    const json body = json::parse(ready->body);
    CHECK(body.at("ready") == false);
    CHECK(body.at("conditions")[0].at("code") == "store_restored");
    CHECK(client.ask(get("/healthz"))->status == 200);
}

TEST_CASE("what can be wrong with a server is judged from what was looked at, the worst first") {
    Health health;
    health.now = evidence::parse_instant("2026-11-24T00:00:00Z");
    health.server_certificate_end = health.now + 60 * 24h;
    health.disk_bytes = std::uint64_t{100} << 30;
    health.disk_free_bytes = std::uint64_t{50} << 30;
    CHECK(judge(health).empty());

    // That there is no log key matters to a restored store alone: another does not start without.
    health.keys_left_behind = true;
    CHECK(judge(health).empty());
    health.restored = "restored from a backup";
    CHECK(judge(health).size() == 2);
    CHECK(judge(health)[1].kind->code == "keys_left_behind");
    health.restored.reset();

    health.two_machines = {"web-1"};
    health.disk_free_bytes = std::uint64_t{900} << 20;
    health.people_certificate_end = health.now + 13 * 24h;
    health.log_trouble = "disk full";
    std::vector<std::string> codes;
    for (const Condition& condition : judge(health)) codes.emplace_back(condition.kind->code);
    CHECK(codes == std::vector<std::string>{"log_not_appending", "disk_nearly_full", "certificate_expiring",
                                            "host_on_two_machines"});

    health.disk_free_bytes = 1;
    health.server_certificate_end = health.now;
    codes.clear();
    for (const Condition& condition : judge(health)) codes.emplace_back(condition.kind->code);
    CHECK(codes[1] == "disk_full");
    CHECK(codes[2] == "certificate_expired");
}

TEST_CASE("the admin socket is for the server's own user, and its tokens say the port that was picked") {
    Site site;
    const DataFolder folder{site.data};
    struct stat status {};
    REQUIRE(::stat(folder.admin_socket().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(S_ISSOCK(status.st_mode));
    for (const fs::path& private_folder : {folder.root, folder.keys(), folder.run(), folder.blobs()}) {
        REQUIRE(::stat(private_folder.c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0700);
    }
    for (const char* key : {"log.pem", "record.pem", "ca.pem", "server.pem"}) {
        REQUIRE(::stat((folder.keys() / key).c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0600);
    }

    const auto answer = ask_running(folder, R"({"arguments":{"role":"agent"},"command":"token_create"})");
    REQUIRE(answer);
    const evidence::Token token =
        evidence::parse_token(json::parse(*answer).at("result").at("token").get<std::string>());
    CHECK(token.url == "https://localhost:" + std::to_string(site.serving->agents().port));
    CHECK(json::parse(*ask_running(folder, R"({"arguments":{},"command":"format_disk"})")).contains("error"));
    CHECK(json::parse(*ask_running(folder, "nonsense")).contains("error"));
    CHECK(site.token("reader").url == "https://localhost:" + std::to_string(site.serving->people().port));
    CHECK(read_file(folder.urls(), 1000) == site.serving->urls());
    CHECK(site.serving->urls() == "agents https://localhost:" + std::to_string(site.serving->agents().port) +
                                      "\npeople https://localhost:" + std::to_string(site.serving->people().port) +
                                      "\n");

    site.serving->stop();
    CHECK_FALSE(fs::exists(folder.urls()));
    CHECK_FALSE(fs::exists(folder.admin_socket()));
    CHECK_FALSE(ask_running(folder, "{}"));
}

TEST_CASE("one process at a time has a store, and the second names it") {
    Site site;
    CHECK_THROWS_WITH((OpenStore{site.configuration, site.journal, site.clock}),
                      Catch::Contains("process " + std::to_string(::getpid())));
}

TEST_CASE("without a server a command administers under the lock") {
    annexa::test::TemporaryDirectory folder;
    make_store(folder / "store");
    Configuration configuration;
    configuration.data = folder / "store";
    const json made = administration(configuration, "token_create", {{"role", "agent"}});
    CHECK(evidence::parse_token(made.at("token").get<std::string>()).url == "https://localhost:8443");
    CHECK(administration(configuration, "host_list", json::object()).empty());
    CHECK_THROWS_AS(administration(configuration, "host_retire", {{"host", "x"}}), evidence::error);
    configuration.agents.port = 0;
    CHECK_THROWS_WITH(administration(configuration, "token_create", {{"role", "agent"}}),
                      Catch::Contains("agents_url"));
    configuration.agents_url = "https://annexa.example.org";
    CHECK(evidence::parse_token(
              administration(configuration, "token_create", {{"role", "agent"}}).at("token").get<std::string>())
              .url == "https://annexa.example.org");
    configuration.data = folder / "none";
    CHECK_THROWS_WITH(administration(configuration, "host_list", json::object()), Catch::Contains("is no store"));
}

TEST_CASE("init makes a whole store or nothing") {
    annexa::test::TemporaryDirectory folder;
    const fs::path data = folder / "store";
    const InitOptions good{.data = data, .organization = "Example Ltd", .names = {"localhost"}, .format = Format::json};
    InitOptions bad = good;
    bad.names = {"not a name"};
    CHECK_THROWS_WITH(command_init(bad), Catch::Contains("--name"));
    bad = good;
    bad.organization = "";
    CHECK_THROWS_WITH(command_init(bad), Catch::Contains("--organization"));
    bad = good;
    bad.data = folder / "file";
    std::ofstream{bad.data} << "x";
    CHECK_THROWS_AS(command_init(bad), evidence::error);
    CHECK_FALSE(fs::exists(data));

    fs::create_directory(data);
    std::ofstream{data / "mine"} << "x";
    CHECK_THROWS_WITH(command_init(good), Catch::Contains("not empty"));
    CHECK(fs::exists(data / "mine"));
    fs::remove(data / "mine");

    fs::create_directories(data / ".init" / "keys");  // of an init that was killed
    const json made = make_store(data);
    CHECK(made.at("origin").get<std::string>().starts_with("annexa/"));
    CHECK_FALSE(fs::exists(data / ".init"));
    CHECK_THROWS_WITH(command_init(good), Catch::Contains("is a store already"));
    const SQLiteStore store{DataFolder{data}.database(), SQLiteStore::Mode::read_only};
    CHECK(read_identity(store).origin == made.at("origin"));
    CHECK(store.log_head().tree.size > 0);  // there is a checkpoint from the first moment
}

TEST_CASE("the server's certificate is renewed when a third of its life is left") {
    Site site;
    site.serving.reset();
    CHECK_FALSE(site.store->renew_server_certificate());
    const std::string before = site.store->agents_tls().certificates;
    site.clock.advance(server_certificate_lifetime * 2 / 3 + 1h);
    CHECK(site.store->renew_server_certificate());
    CHECK(site.store->agents_tls().certificates != before);
    CHECK(certificate_names(site.store->agents_tls().certificates) == std::vector<std::string>{"localhost"});
    CHECK(certificate_end(site.store->agents_tls().certificates) > site.clock.now() + 80 * 24h);
    CHECK_FALSE(site.store->renew_server_certificate());
    CHECK(read_keys(site.store->folder()).server.certificates ==
          site.store->agents_tls().key + site.store->agents_tls().certificates);
}
