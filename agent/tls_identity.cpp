#include "agent/tls_identity.hpp"

#include "evidence/errors.hpp"
#include "evidence/openssl_handles.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>
#include <memory>
#include <vector>

namespace annexa::agent {
namespace {

using evidence::error;

using evidence::openssl::Bio;
using evidence::openssl::Certificate;
using evidence::openssl::Key;
using Request = evidence::openssl::CertificateRequest;
using Store = evidence::openssl::CertificateStore;
using evidence::openssl::Verification;
using Names = evidence::openssl::GeneralNames;
using Stack = evidence::openssl::Certificates;

[[noreturn]] void fail(const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    throw error(what + (reason != nullptr ? std::string{": "} + reason : ""));
}

Bio reader(std::string_view bytes) { return Bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))}; }

std::string contents(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Key read_key(std::string_view pem) {
    Key key{PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr)};
    if (!key) fail("the TLS key cannot be read");
    char group[32] = {};
    std::size_t length = 0;
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key.get(), group, sizeof group, &length) != 1 ||
        std::string_view{group} != "prime256v1")
        throw error("the TLS key is no P-256 key");
    return key;
}

Stack read_chain(std::string_view pem) {
    Stack chain{sk_X509_new_null()};
    const Bio bio = reader(pem);
    while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
        sk_X509_push(chain.get(), certificate);
    ERR_clear_error();
    if (sk_X509_num(chain.get()) == 0) throw error("there is no certificate in the answer");
    return chain;
}

Certificate read_der(std::string_view der) {
    const auto* data = reinterpret_cast<const unsigned char*>(der.data());
    Certificate certificate{d2i_X509(nullptr, &data, static_cast<long>(der.size()))};
    if (!certificate) fail("the CA certificate cannot be read");
    return certificate;
}

evidence::Instant as_instant(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) throw error("a time in the certificate cannot be read");
    return evidence::Instant{std::chrono::seconds{timegm(&parts)}};
}

bool names_host(X509* certificate, const std::string& uri) {
    const Names names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) continue;
        const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
        if (uri == std::string_view{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                    static_cast<std::size_t>(ASN1_STRING_length(text))})
            return true;
    }
    return false;
}

}  // namespace

std::string make_tls_key() {
    const Key key{EVP_EC_gen("P-256")};
    const Bio out{BIO_new(BIO_s_mem())};
    if (!key || PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        fail("no TLS key could be made");
    return contents(out.get());
}

evidence::Digest tls_key_id(std::string_view key_pem) {
    const Key key = read_key(key_pem);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    if (size <= 0) fail("the TLS key has no public half");
    const evidence::Digest id = evidence::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return id;
}

std::string make_certificate_request(std::string_view key_pem) {
    const Key key = read_key(key_pem);
    const Request request{X509_REQ_new()};
    const Bio out{BIO_new(BIO_s_mem())};
    if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0 ||
        PEM_write_bio_X509_REQ(out.get(), request.get()) != 1)
        fail("no certificate request could be made");
    return contents(out.get());
}

std::string ca_as_pem(std::string_view der) {
    const Certificate certificate = read_der(der);
    const Bio out{BIO_new(BIO_s_mem())};
    if (PEM_write_bio_X509(out.get(), certificate.get()) != 1) fail("the CA certificate cannot be written");
    return contents(out.get());
}

CertificateLife certificate_life(std::string_view chain_pem) {
    const Stack chain = read_chain(chain_pem);
    const X509* certificate = sk_X509_value(chain.get(), 0);
    return {as_instant(X509_get0_notBefore(certificate)), as_instant(X509_get0_notAfter(certificate))};
}

CertificateLife verify_certificate(std::string_view chain_pem, std::string_view ca_der, std::string_view key_pem,
                                   const std::string& host_id, evidence::Instant now) {
    const Stack chain = read_chain(chain_pem);
    X509* certificate = sk_X509_value(chain.get(), 0);
    const Certificate ca = read_der(ca_der);
    const Key key = read_key(key_pem);
    if (X509_check_private_key(certificate, key.get()) != 1) {
        ERR_clear_error();
        throw error("the certificate is for another key");
    }
    const Store store{X509_STORE_new()};
    const Verification verification{X509_STORE_CTX_new()};
    if (!store || !verification || X509_STORE_add_cert(store.get(), ca.get()) != 1 ||
        X509_STORE_CTX_init(verification.get(), store.get(), certificate, chain.get()) != 1)
        fail("the certificate cannot be verified");
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(verification.get());
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(evidence::unix_seconds(now)));
    if (X509_verify_cert(verification.get()) != 1)
        throw error(std::string{"the certificate does not verify: "} +
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(verification.get())));
    if ((X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT) == 0 ||
        X509_get_extended_key_usage(certificate) == UINT32_MAX)
        throw error("the certificate is not for clients alone");
    if (!names_host(certificate, "annexa:host:" + host_id)) throw error("the certificate names another host");
    return {as_instant(X509_get0_notBefore(certificate)), as_instant(X509_get0_notAfter(certificate))};
}

}  // namespace annexa::agent
