#include "server-stub/enrolment/certificate_authority.hpp"

#include "evidence/digest.hpp"
#include "evidence/errors.hpp"

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

using namespace annexa;
using namespace annexa::store;
using namespace std::chrono_literals;
using State = ClientIdentity::State;

namespace {

const evidence::Instant now = evidence::parse_instant("2026-11-24T12:00:00Z");
const std::string host = "0f2f9e0a-2c8c-4c62-9a3e-1c7f0a5d9b11";

std::string der_of(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
    REQUIRE(certificate);
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate.get(), &bytes);
    std::string der{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    OPENSSL_free(bytes);
    return der;
}

std::string subject_of(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
    std::array<char, 256> text{};
    X509_NAME_oneline(X509_get_subject_name(certificate.get()), text.data(), static_cast<int>(text.size()));
    return text.data();
}

}  // namespace

TEST_CASE("a CSR that names the server yields a certificate for the host id alone") {
    const CertificateAuthority authority{CertificateAuthority::create("annexa/x", now)};
    const CertificateRequest request = make_certificate_request("annexa.example.org", {"annexa.example.org", "localhost"});
    const auto issued = authority.issue_client(request.csr, host, now);

    CHECK(certificate_names(issued.chain) == std::vector<std::string>{"annexa:host:" + host});
    CHECK(subject_of(issued.chain) == "/CN=" + host);
    CHECK(issued.chain.ends_with(authority.certificate_pem()));
    const ClientIdentity identity = authority.identify(der_of(issued.chain));
    CHECK(identity.state == State::valid);
    CHECK(identity.host_id == host);
    CHECK(identity.tls_key_id == issued.tls_key_id);

    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(issued.chain.data(), static_cast<int>(issued.chain.size())), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
    CHECK(X509_get_extended_key_usage(certificate.get()) == XKU_SSL_CLIENT);
    CHECK((X509_get_extension_flags(certificate.get()) & EXFLAG_CA) == 0);
    CHECK(X509_get_key_usage(certificate.get()) == KU_DIGITAL_SIGNATURE);
}

TEST_CASE("a client's certificate is valid within its times only") {
    const CertificateAuthority authority{CertificateAuthority::create("annexa/x", now)};
    const auto issued = authority.issue_client(make_certificate_request("h").csr, host, now);
    const ClientIdentity identity = authority.identify(der_of(issued.chain));
    CHECK(at(identity, now).state == State::valid);
    CHECK(at(identity, now + client_certificate_lifetime).state == State::valid);
    CHECK(at(identity, now + client_certificate_lifetime + 1ms).state == State::expired);
    CHECK(at(identity, now - 1s).state == State::expired);
    CHECK(certificate_end(issued.chain) == now + client_certificate_lifetime);
}

TEST_CASE("what is not a host's certificate of this authority is foreign") {
    const CertificateAuthority authority{CertificateAuthority::create("annexa/x", now)};
    const CertificateAuthority other{CertificateAuthority::create("annexa/x", now)};  // the same name, another key
    CHECK(authority.identify("").state == State::missing);
    CHECK(authority.identify("no DER").state == State::foreign);
    CHECK(authority.identify(der_of(other.issue_client(make_certificate_request("h").csr, host, now).chain)).state == State::foreign);
    CHECK(authority.identify(der_of(authority.issue_server({"localhost"}, now).certificates)).state == State::foreign);
    CHECK(authority.identify(authority.certificate_der()).state == State::foreign);
    // an expired certificate of another authority is foreign, not expired
    CHECK(at(authority.identify(der_of(other.issue_client(make_certificate_request("h").csr, host, now).chain)), now + 900 * 24h).state == State::foreign);
}

TEST_CASE("a CSR that is none, or is not of its own key, is refused") {
    const CertificateAuthority authority{CertificateAuthority::create("annexa/x", now)};
    const auto refusal = [&](const std::string& csr) -> std::string {
        try {
            (void)authority.issue_client(csr, host, now);
            return "";
        } catch (const evidence::coded_error& error) {
            return error.code();
        }
    };
    std::string good = make_certificate_request("h").csr;
    CHECK(refusal(good).empty());
    CHECK(refusal("") == "schema");
    CHECK(refusal("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n") == "schema");
    CHECK(refusal(std::string(100'000, 'x')) == "schema");

    // the last bytes are the signature: another one no longer proves that the asker holds the key
    std::string forged = good;
    const std::size_t last = forged.rfind("\n-----END") - 6;
    forged[last] = forged[last] == 'A' ? 'B' : 'A';
    CHECK(refusal(forged) == "schema");

    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> rsa(EVP_RSA_gen(2048), &EVP_PKEY_free);
    const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> csr(X509_REQ_new(), &X509_REQ_free);
    X509_REQ_set_pubkey(csr.get(), rsa.get());
    X509_REQ_sign(csr.get(), rsa.get(), EVP_sha256());
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509_REQ(bio.get(), csr.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    CHECK(refusal(std::string(text, static_cast<std::size_t>(size))) == "schema");
}

TEST_CASE("a server's certificate bears the names given and nothing else") {
    const CertificateAuthority authority{CertificateAuthority::create("annexa/x", now)};
    const TlsIdentity server = authority.issue_server({"annexa.example.org", "127.0.0.1", "::1"}, now);
    CHECK(certificate_names(server.certificates) == std::vector<std::string>{"annexa.example.org", "127.0.0.1", "::1"});
    CHECK(certificate_end(server.certificates) == now + server_certificate_lifetime);
    CHECK_THROWS_AS(authority.issue_server({"a,URI:annexa:host:x"}, now), evidence::error);
    CHECK_THROWS_AS(authority.issue_server({}, now), evidence::error);
    CHECK_FALSE(is_server_name("a b"));
    CHECK_FALSE(is_server_name(""));
    CHECK(is_server_name("annexa-1.example.org"));
}

TEST_CASE("an authority does not open with another's key") {
    const TlsIdentity one = CertificateAuthority::create("annexa/x", now);
    const TlsIdentity two = CertificateAuthority::create("annexa/y", now);
    CHECK_THROWS_AS((CertificateAuthority{{one.certificates, two.key}}), evidence::error);
}
