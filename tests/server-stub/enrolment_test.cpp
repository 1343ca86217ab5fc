// Enrolment and renewal through the agents' listener, as an agent does it.
#include "evidence/errors.hpp"
#include "evidence/receipt.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/log/log.hpp"
#include "tests/server-stub/site.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::store;
using namespace annexa::store::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::uint64_t log_size(Site& site) { return site.store->server().log.head().tree.size; }

std::string renewal(const EnrolledHost& host, const std::string& csr, evidence::Instant when, std::optional<Digest> enrolment = std::nullopt) {
    const evidence::RenewalRequest request{
        .csr = csr, .enrolment = enrolment.value_or(host.answer.enrolment.digest()), .made_at = when, .origin = host.request.origin};
    return evidence::entry(evidence::seal(request, host.key));
}

Answer post(TlsClient client, const std::string& path, const std::string& body, const std::string& headers = {}) {
    auto answer = client.ask(with_body("POST", path, body, headers));
    REQUIRE(answer);
    return *answer;
}

}  // namespace

TEST_CASE("a host enrols: what it is answered proves itself") {
    Site site;
    const EnrolledHost host = site.enrol();
    const evidence::VerifiedEnrolment verified = evidence::verify_enrolment(host.answer, host.token, host.request);
    CHECK(verified.record.host_id == host.answer.host);
    CHECK(verified.record.host_name == "web-1");
    CHECK_FALSE(verified.record.replaces);
    CHECK(certificate_names(host.answer.certificate) == std::vector<std::string>{"annexa:host:" + host.answer.host});
    const auto row = site.store->server().store.host(host.answer.host);
    REQUIRE(row);
    CHECK(row->enrolment == host.answer.enrolment.digest());

    TlsClient client = site.agent(host.tls);
    CHECK(client.ask(get("/log/checkpoint"))->status == 200);
}

TEST_CASE("the same request again gets the same host, record and certificate, and adds nothing") {
    Site site;
    const EnrolledHost host = site.enrol();
    const std::uint64_t size = log_size(site);
    site.clock.advance(2h);  // the token has expired since, and has no use left
    const Answer again = site.enrol(host.token, host.request, host.key);
    REQUIRE(again.status == 200);
    const evidence::EnrolmentAnswer answer = evidence::parse_enrolment_answer(again.body);
    CHECK(answer.host == host.answer.host);
    CHECK(answer.certificate == host.answer.certificate);
    CHECK(answer.index == host.answer.index);
    CHECK(answer.enrolment == host.answer.enrolment);
    CHECK_NOTHROW(evidence::verify_enrolment(answer, host.token, host.request));
    CHECK(site.store->server().store.hosts().size() == 1);
    CHECK(log_size(site) == size);
}

TEST_CASE("a CSR that names the server gets a certificate for the host id alone") {
    Site site;
    const evidence::Token token = site.token("agent");
    const evidence::PrivateKey key = evidence::PrivateKey::generate();
    const CertificateRequest csr = make_certificate_request("localhost", {"localhost"});
    const Answer answer = site.enrol(token, Site::request_for(token, key, csr.csr, site.clock.now()), key);
    REQUIRE(answer.status == 200);
    const evidence::EnrolmentAnswer parsed = evidence::parse_enrolment_answer(answer.body);
    CHECK(certificate_names(parsed.certificate) == std::vector<std::string>{"annexa:host:" + parsed.host});
}

TEST_CASE("a token is good for its time, its uses, its role and this store") {
    Site site;
    const CertificateRequest csr = make_certificate_request("web-1");
    const auto attempt = [&](const evidence::Token& token) {
        const evidence::PrivateKey key = evidence::PrivateKey::generate();
        return site.enrol(token, Site::request_for(token, key, csr.csr, site.clock.now()), key).code();
    };
    const evidence::Token reader = site.token("reader");  // that a person's token was made is logged
    const evidence::Token admin = site.token("admin");
    const std::uint64_t size = log_size(site);

    evidence::Token unknown = site.token("agent");
    unknown.secret = evidence::random_bytes(32);
    CHECK(attempt(unknown) == "token_unknown");
    CHECK(attempt(reader) == "forbidden");
    CHECK(attempt(admin) == "forbidden");
    const evidence::Token revoked = site.token("agent");
    site.administer("token_revoke", {{"id", revoked.id}});
    CHECK(attempt(revoked) == "token_revoked");
    const evidence::Token brief = site.token("agent", {{"ttl_s", 60}});
    site.clock.advance(59'999ms);
    const evidence::Token still = brief;
    site.clock.advance(1ms);
    CHECK(attempt(still) == "token_expired");
    CHECK(log_size(site) == size);

    const evidence::Token twice = site.token("agent", {{"uses", 2}});
    CHECK(attempt(twice).empty());
    CHECK(attempt(twice).empty());
    CHECK(attempt(twice) == "token_used");
    CHECK(site.store->server().store.hosts().size() == 2);

    TlsClient client = site.agent();
    CHECK(client.ask(with_body("POST", "/agent/v1/enroll", "{}"))->code() == "token_missing");
}

TEST_CASE("a request that is not wholly right is refused and does not use the token up") {
    Site site;
    const evidence::Token token = site.token("agent");
    const evidence::PrivateKey key = evidence::PrivateKey::generate();
    const CertificateRequest csr = make_certificate_request("web-1");
    const evidence::EnrolmentRequest good = Site::request_for(token, key, csr.csr, site.clock.now());

    evidence::EnrolmentRequest bad = good;
    bad.csr = "no CSR";
    CHECK(site.enrol(token, bad, key).code() == "schema");
    bad = good;
    bad.token = evidence::sha256("another");
    CHECK(site.enrol(token, bad, key).code() == "schema");
    bad = good;
    bad.origin = "annexa/other";
    CHECK(site.enrol(token, bad, key).code() == "other_origin");

    evidence::Envelope forged = evidence::seal(good, key);
    forged.signature.bytes[10] ^= 1U;
    CHECK(post(site.agent(), "/agent/v1/enroll", evidence::entry(forged), bearer(token)).code() == "bad_signature");
    CHECK(post(site.agent(), "/agent/v1/enroll", "{\"payload\":", bearer(token)).code() == "bad_json");
    CHECK(post(site.agent(), "/agent/v1/enroll", std::string(70'000, ' '), bearer(token)).code() == "too_large");
    // signed by its own key, but no enrolment request
    const evidence::RenewalRequest other{.csr = csr.csr, .enrolment = evidence::sha256("x"), .made_at = site.clock.now(), .origin = token.origin()};
    CHECK(post(site.agent(), "/agent/v1/enroll", evidence::entry(evidence::seal(other, key)), bearer(token)).code() == "wrong_type");

    CHECK(site.store->server().store.hosts().empty());
    CHECK(site.enrol(token, good, key).status == 200);
}

TEST_CASE("a token for a host replaces its enrolment: the old certificate and the old key are out") {
    Site site;
    const EnrolledHost before = site.enrol();
    TlsClient old = site.agent(before.tls);
    CHECK(old.ask(get("/log/checkpoint"))->status == 200);
    site.clock.advance(1h);
    const EnrolledHost after = site.enrol({{"host", before.answer.host}});
    CHECK(after.answer.host == before.answer.host);
    const auto verified = evidence::verify_enrolment(after.answer, after.token, after.request);
    REQUIRE(verified.record.replaces);
    CHECK(verified.record.replaces->enrolment == before.answer.enrolment.digest());
    CHECK(verified.record.replaces->sequence == 0);

    CHECK(old.ask(get("/log/checkpoint"))->code() == "revoked");  // the same connection, looked up anew
    CHECK(post(site.agent(), "/agent/v1/renew", renewal(before, before.request.csr, site.clock.now())).code() == "unknown_key");
    TlsClient fresh = site.agent(after.tls);
    CHECK(fresh.ask(get("/log/checkpoint"))->status == 200);
    CHECK(site.store->server().store.hosts().size() == 1);

    CHECK_THROWS_WITH(site.token("agent", {{"host", "0f2f9e0a-2c8c-4c62-9a3e-1c7f0a5d9b11"}}), Catch::Contains("no host"));
    CHECK_THROWS_WITH(site.token("reader", {{"host", before.answer.host}}), Catch::Contains("role agent"));
}

TEST_CASE("an expired certificate is answered so, and renewed with the evidence key") {
    Site site;
    const EnrolledHost host = site.enrol();
    site.clock.advance(client_certificate_lifetime + 1s);
    TlsClient expired = site.agent(host.tls);
    const auto refused = expired.ask(get("/log/checkpoint"));
    CHECK(refused->status == 401);
    CHECK(refused->code() == "certificate_expired");

    const CertificateRequest csr = make_certificate_request("localhost", {"localhost"});
    const Answer answer = post(site.agent(host.tls), "/agent/v1/renew", renewal(host, csr.csr, site.clock.now()));
    REQUIRE(answer.status == 200);
    const TlsIdentity renewed{.certificates = evidence::parse_renewal_answer(answer.body), .key = csr.key};
    CHECK(certificate_names(renewed.certificates) == std::vector<std::string>{"annexa:host:" + host.answer.host});
    TlsClient again = site.agent(renewed);
    CHECK(again.ask(get("/log/checkpoint"))->status == 200);
}

TEST_CASE("a renewal is refused that another key signed, that is old, or is of another enrolment") {
    Site site;
    const EnrolledHost host = site.enrol();
    const auto renew = [&](const std::string& body) { return post(site.agent(), "/agent/v1/renew", body).code(); };
    const std::string& csr = host.request.csr;
    const evidence::PrivateKey stranger = evidence::PrivateKey::generate();
    const evidence::RenewalRequest request{
        .csr = csr, .enrolment = host.answer.enrolment.digest(), .made_at = site.clock.now(), .origin = host.request.origin};
    evidence::Envelope envelope = evidence::seal(request, stranger);
    CHECK(renew(evidence::entry(envelope)) == "unknown_key");
    envelope.keyid = host.key.public_key().id();  // claims to be the host's
    CHECK(renew(evidence::entry(envelope)) == "bad_signature");
    CHECK(renew(renewal(host, csr, site.clock.now() - 25h)) == "schema");
    CHECK(renew(renewal(host, csr, site.clock.now() + 25h)) == "schema");
    CHECK(renew(renewal(host, csr, site.clock.now(), evidence::sha256("x"))) == "foreign_host");
    CHECK(renew(evidence::entry(evidence::seal(host.request, host.key))) == "wrong_type");
    CHECK(renew(renewal(host, csr, site.clock.now())).empty());
}

TEST_CASE("revoked and retired hosts are refused at their next request and cannot renew") {
    Site site;
    const EnrolledHost host = site.enrol();
    TlsClient client = site.agent(host.tls);
    CHECK(client.ask(get("/log/checkpoint"))->status == 200);

    const bool revoke = GENERATE(true, false);
    const json done = revoke ? site.administer("host_revoke", {{"host", "web-1"}, {"compromised_since", 1}})
                             : site.administer("host_retire", {{"host", host.answer.host}});
    const std::string code = revoke ? "revoked" : "retired";
    CHECK(done.at("state") == code);
    CHECK(client.ask(get("/log/checkpoint"))->code() == code);
    CHECK(post(site.agent(), "/agent/v1/renew", renewal(host, host.request.csr, site.clock.now())).code() == code);
    CHECK(site.enrol(host.token, host.request, host.key).code() == code);

    const json listed = site.administer("host_list", json::object());
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("state") == code);
    if (revoke) CHECK(listed[0].at("compromised_since") == 1);
    // what was decided is an entry of the log, signed by the record key
    const auto entries = site.store->server().store.entries(done.at("index").get<std::uint64_t>(), 1);
    const evidence::Envelope record = evidence::parse_entry(entries.at(0));
    const std::string& payload = evidence::open(record, site.store->server().record_key.public_key());
    if (revoke)
        CHECK(evidence::parse_revocation_record(payload).compromised_since == 1U);
    else
        CHECK(evidence::parse_retirement_record(payload).host_id == host.answer.host);
    CHECK_THROWS_WITH(site.administer(revoke ? "host_revoke" : "host_retire", {{"host", "web-1"}}), Catch::Contains("already"));
}

TEST_CASE("revoking names what does not fit") {
    Site site;
    const EnrolledHost one = site.enrol();
    const EnrolledHost two = site.enrol();
    CHECK_THROWS_WITH(site.administer("host_revoke", {{"host", "web-1"}}), Catch::Contains("2 hosts are called"));
    CHECK_THROWS_WITH(site.administer("host_revoke", {{"host", "nobody"}}), Catch::Contains("no host 'nobody'"));
    CHECK_THROWS_WITH(site.administer("host_revoke", {{"host", one.answer.host}, {"compromised_since", 100000}}), Catch::Contains("entries"));
}
