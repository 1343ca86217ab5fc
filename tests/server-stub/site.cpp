#include "tests/server-stub/site.hpp"

#include "evidence/canonical_json.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/server/administration.hpp"

#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

namespace annexa::store::test {
namespace {

class CapturedOutput {
  public:
    CapturedOutput() : before_{std::cout.rdbuf(text_.rdbuf())} {}
    ~CapturedOutput() { std::cout.rdbuf(before_); }
    CapturedOutput(const CapturedOutput&) = delete;
    CapturedOutput& operator=(const CapturedOutput&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::streambuf* before_;
};

}  // namespace

nlohmann::json make_store(const std::filesystem::path& data) {
    const CapturedOutput output;
    command_init({.data = data, .organization = "Example Ltd", .names = {"localhost"}, .format = Format::json});
    return nlohmann::json::parse(output.text());
}

Site::Site(const ListenerLimits& limits) {
    configuration.data = data;
    configuration.agents = {.address = "127.0.0.1", .port = 0};
    configuration.people = {.address = "127.0.0.1", .port = 0};
    store = std::make_unique<OpenStore>(configuration, journal, clock);
    serving = std::make_unique<Serving>(*store, limits);
}

nlohmann::json Site::administer(const std::string& command, const nlohmann::json& arguments) {
    const std::string answer = store::administer(store->server(), evidence::canonical_json({{"command", command}, {"arguments", arguments}}));
    nlohmann::json said = nlohmann::json::parse(answer);
    if (said.contains("error")) throw std::runtime_error(said.at("error").get<std::string>());
    return said.at("result");
}

evidence::Token Site::token(const std::string& role, nlohmann::json arguments) {
    arguments["role"] = role;
    return evidence::parse_token(administer("token_create", arguments).at("token").get<std::string>());
}

TlsClient Site::agent(const std::optional<TlsIdentity>& own) const {
    return {serving->agents().port, {.trust = store->server().authority.certificate_pem(), .name = "localhost", .own = own, .tls_1_2 = false}};
}

TlsClient Site::person() const {
    return {serving->people().port, {.trust = store->server().authority.certificate_pem(), .name = "localhost", .own = std::nullopt, .tls_1_2 = false}};
}

evidence::EnrolmentRequest Site::request_for(const evidence::Token& token, const evidence::PrivateKey& key, const std::string& csr,
                                             evidence::Instant now) {
    return {.csr = csr, .host_name = "web-1", .key = key.public_key(), .machine = evidence::sha256("machine"), .made_at = now, .origin = token.origin(), .token = token.hash()};
}

Answer Site::enrol(const evidence::Token& token, const evidence::EnrolmentRequest& request, const evidence::PrivateKey& key) {
    TlsClient client = agent();
    auto answer = client.ask(with_body("POST", "/agent/v1/enroll", evidence::entry(evidence::seal(request, key)), bearer(token)));
    REQUIRE(answer);
    return *answer;
}

EnrolledHost Site::enrol(nlohmann::json token_arguments) {
    const evidence::Token made_token = token("agent", std::move(token_arguments));
    evidence::PrivateKey key = evidence::PrivateKey::generate();
    const CertificateRequest csr = make_certificate_request("web-1");
    const evidence::EnrolmentRequest request = request_for(made_token, key, csr.csr, clock.now());
    const Answer answer = enrol(made_token, request, key);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    evidence::EnrolmentAnswer parsed = evidence::parse_enrolment_answer(answer.body);
    TlsIdentity tls{.certificates = parsed.certificate, .key = csr.key};
    return {.key = std::move(key), .tls = std::move(tls), .token = made_token, .request = request, .answer = std::move(parsed)};
}

std::string bearer(const evidence::Token& token) { return "Authorization: Bearer " + token.bearer() + "\r\n"; }

}  // namespace annexa::store::test
