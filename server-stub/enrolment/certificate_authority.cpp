#include "server-stub/enrolment/certificate_authority.hpp"

#include "evidence/digest.hpp"
#include "evidence/errors.hpp"
#include "evidence/openssl_handles.hpp"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <algorithm>

namespace annexa::store {
namespace {

using evidence::openssl::Bio;
using evidence::openssl::Certificate;
using evidence::openssl::Extension;
using evidence::openssl::Key;
using Csr = evidence::openssl::CertificateRequest;
using Names = evidence::openssl::GeneralNames;

constexpr std::string_view host_uri = "annexa:host:";
constexpr std::size_t largest_csr_bytes = 8192;

void need(bool holds, const char* what) {
    if (!holds) throw evidence::error(std::string{"certificates: OpenSSL cannot "} + what);
}

Bio reading(std::string_view bytes) {
    Bio bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
    need(bio != nullptr, "allocate");
    return bio;
}

std::string written(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

template <class Write, class... What>
std::string pem_of(Write write, What... what) {
    const Bio bio{BIO_new(BIO_s_mem())};
    need(bio && write(bio.get(), what...) == 1, "write PEM");
    return written(bio.get());
}

std::string key_pem(EVP_PKEY* key) {
    return pem_of(PEM_write_bio_PKCS8PrivateKey, key, nullptr, nullptr, 0, nullptr, nullptr);
}
std::string certificate_text(X509* certificate) { return pem_of(PEM_write_bio_X509, certificate); }

Certificate read_certificate(std::string_view pem) {
    Certificate certificate{PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr)};
    if (!certificate) throw evidence::error("expected a certificate in PEM");
    return certificate;
}

Key new_key() {
    Key key{EVP_EC_gen("P-256")};
    need(key != nullptr, "make a P-256 key");
    return key;
}

std::string der_of(X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    need(size > 0, "write a certificate");
    std::string der{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    OPENSSL_free(bytes);
    return der;
}

std::string key_id(X509_PUBKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(key, &der);
    need(size > 0, "write a public key");
    const std::string id = evidence::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}).hex();
    OPENSSL_free(der);
    return id;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    need(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void set_time(ASN1_TIME* time, std::int64_t seconds) {
    need(ASN1_TIME_set(time, static_cast<time_t>(seconds)) != nullptr, "write a time");
}

evidence::Instant instant_of(const ASN1_TIME* time) {
    std::tm parts{};
    need(ASN1_TIME_to_tm(time, &parts) == 1, "read a time");
    return evidence::Instant{std::chrono::seconds{timegm(&parts)}};
}

/// A certificate of this subject and key, not yet signed.
Certificate draft(const std::string& common_name, EVP_PKEY* key, evidence::Instant now, std::chrono::days lifetime) {
    Certificate certificate{X509_new()};
    need(certificate != nullptr, "allocate");
    X509* x509 = certificate.get();
    need(X509_set_version(x509, X509_VERSION_3) == 1, "set a version");
    std::string serial = evidence::random_bytes(16);
    serial[0] =
        static_cast<char>((static_cast<unsigned char>(serial[0]) & 0x7fU) | 0x40U);  // positive, and always 16 bytes
    const evidence::openssl::BigNumber number{
        BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()), 16, nullptr)};
    need(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr, "set a serial number");
    const std::int64_t begin = evidence::unix_seconds(now);
    set_time(X509_getm_notBefore(x509), begin);
    set_time(X509_getm_notAfter(x509), begin + std::chrono::seconds{lifetime}.count());
    need(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1,
         "set a name");
    need(X509_set_pubkey(x509, key) == 1, "set a public key");
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
    need(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "set an issuer");
    need(X509_sign(certificate, key, EVP_sha256()) > 0, "sign a certificate");
}

bool is_address(std::string_view name) {
    in6_addr bytes{};
    const std::string text{name};
    return inet_pton(AF_INET, text.c_str(), &bytes) == 1 || inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !digit) return false;
    }
    return true;
}

std::string text_of(const ASN1_STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The host id of "annexa:host:UUID" where that is the one alternative name; empty otherwise.
std::string host_of(X509* certificate) {
    const Names names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    if (!names || sk_GENERAL_NAME_num(names.get()) != 1) return {};
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
    if (name->type != GEN_URI) return {};
    const std::string uri = text_of(name->d.uniformResourceIdentifier);
    if (!uri.starts_with(host_uri) || !is_uuid(std::string_view{uri}.substr(host_uri.size()))) return {};
    return uri.substr(host_uri.size());
}

}  // namespace

bool is_server_name(std::string_view name) {
    if (is_address(name)) return true;
    if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.' || name.front() == '-')
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

struct CertificateAuthority::Parts {
    Certificate certificate;
    Key key;
    std::string pem;
};

TlsIdentity CertificateAuthority::create(std::string_view origin, evidence::Instant now) {
    const Key key = new_key();
    const Certificate certificate = draft(std::string{origin}.substr(0, 64), key.get(), now, authority_lifetime);
    X509* x509 = certificate.get();
    add_extension(x509, x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(x509, x509, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(x509, x509, NID_subject_key_identifier, "hash");
    sign(x509, x509, key.get());
    return {.certificates = certificate_text(x509), .key = key_pem(key.get())};
}

CertificateAuthority::CertificateAuthority(const TlsIdentity& files) : parts_{std::make_unique<Parts>()} {
    parts_->certificate = read_certificate(files.certificates);
    parts_->key.reset(PEM_read_bio_PrivateKey(reading(files.key).get(), nullptr, nullptr, nullptr));
    if (!parts_->key) throw evidence::error("the authority's key is no private key in PEM");
    if (X509_check_private_key(parts_->certificate.get(), parts_->key.get()) != 1)
        throw evidence::error("the authority's key is not that of its certificate");
    parts_->pem = certificate_text(parts_->certificate.get());
}

CertificateAuthority::~CertificateAuthority() = default;
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;

const std::string& CertificateAuthority::certificate_pem() const { return parts_->pem; }

std::string CertificateAuthority::certificate_der() const { return der_of(parts_->certificate.get()); }

CertificateAuthority::ClientCertificate CertificateAuthority::issue_client(std::string_view csr_pem,
                                                                           std::string_view host_id,
                                                                           evidence::Instant now) const {
    const auto refuse = [](const char* what) { throw evidence::coded_error("schema", std::string{"csr: "} + what); };
    if (csr_pem.size() > largest_csr_bytes) refuse("longer than 8192 bytes");
    need(is_uuid(host_id), "certify what is no host id");
    const Csr csr{PEM_read_bio_X509_REQ(reading(csr_pem).get(), nullptr, nullptr, nullptr)};
    if (!csr) refuse("expected PKCS#10 in PEM");
    EVP_PKEY* key = X509_REQ_get0_pubkey(csr.get());
    if (key == nullptr) refuse("its public key cannot be read");
    std::array<char, 32> group{};
    std::size_t length = 0;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1 ||
        std::string_view(group.data(), length) != SN_X9_62_prime256v1)
        refuse("expected an ECDSA key on P-256");
    if (X509_REQ_verify(csr.get(), key) != 1) refuse("it is not signed by its own key");

    const Certificate certificate = draft(std::string{host_id}, key, now, client_certificate_lifetime);
    X509* x509 = certificate.get();
    X509* issuer = parts_->certificate.get();
    add_extension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(x509, issuer, NID_ext_key_usage, "clientAuth");
    add_extension(x509, issuer, NID_subject_alt_name, "URI:" + std::string{host_uri} + std::string{host_id});
    add_extension(x509, issuer, NID_subject_key_identifier, "hash");
    add_extension(x509, issuer, NID_authority_key_identifier, "keyid");
    sign(x509, issuer, parts_->key.get());
    return {.chain = certificate_text(x509) + parts_->pem, .tls_key_id = key_id(X509_get_X509_PUBKEY(x509))};
}

TlsIdentity CertificateAuthority::issue_server(const std::vector<std::string>& names, evidence::Instant now) const {
    if (names.empty()) throw evidence::error("a server's certificate needs a name");
    std::string alternatives;
    for (const std::string& name : names) {
        if (!is_server_name(name))
            throw evidence::error("'" + name +
                                  "' is no name for a certificate: expected a DNS name or a numeric address");
        alternatives += (alternatives.empty() ? "" : ",") + std::string{is_address(name) ? "IP:" : "DNS:"} + name;
    }
    const Key key = new_key();
    const Certificate certificate = draft(names.front().substr(0, 64), key.get(), now, server_certificate_lifetime);
    X509* x509 = certificate.get();
    X509* issuer = parts_->certificate.get();
    add_extension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(x509, issuer, NID_ext_key_usage, "serverAuth");
    add_extension(x509, issuer, NID_subject_alt_name, alternatives);
    add_extension(x509, issuer, NID_subject_key_identifier, "hash");
    add_extension(x509, issuer, NID_authority_key_identifier, "keyid");
    sign(x509, issuer, parts_->key.get());
    return {.certificates = certificate_text(x509), .key = key_pem(key.get())};
}

ClientIdentity CertificateAuthority::identify(std::string_view certificate) const {
    ClientIdentity identity;
    if (certificate.empty()) return identity;
    identity.state = ClientIdentity::State::foreign;
    const auto* bytes = reinterpret_cast<const unsigned char*>(certificate.data());
    const Certificate parsed{d2i_X509(nullptr, &bytes, static_cast<long>(certificate.size()))};
    if (!parsed) return identity;
    X509* x509 = parsed.get();
    if (X509_check_issued(parts_->certificate.get(), x509) != X509_V_OK) return identity;
    if (X509_verify(x509, parts_->key.get()) != 1) return identity;
    if ((X509_get_extension_flags(x509) & (EXFLAG_INVALID | EXFLAG_CRITICAL | EXFLAG_CA)) != 0) return identity;
    if (X509_get_extended_key_usage(x509) != XKU_SSL_CLIENT) return identity;
    const std::string host = host_of(x509);
    if (host.empty()) return identity;
    identity.state = ClientIdentity::State::valid;
    identity.host_id = host;
    identity.tls_key_id = key_id(X509_get_X509_PUBKEY(x509));
    identity.not_before = instant_of(X509_get0_notBefore(x509));
    identity.not_after = instant_of(X509_get0_notAfter(x509));
    return identity;
}

ClientIdentity at(ClientIdentity identity, evidence::Instant now) {
    const bool outside = now < identity.not_before || now > identity.not_after;
    if (identity.state == ClientIdentity::State::valid && outside) identity.state = ClientIdentity::State::expired;
    return identity;
}

evidence::Instant certificate_end(std::string_view pem) {
    return instant_of(X509_get0_notAfter(read_certificate(pem).get()));
}

std::vector<std::string> certificate_names(std::string_view pem) {
    const Certificate certificate = read_certificate(pem);
    const Names names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr))};
    std::vector<std::string> found;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) found.push_back(text_of(name->d.dNSName));
        if (name->type == GEN_URI) found.push_back(text_of(name->d.uniformResourceIdentifier));
        if (name->type == GEN_IPADD) {
            const std::string raw = text_of(name->d.iPAddress);
            std::array<char, INET6_ADDRSTRLEN> text{};
            if (inet_ntop(raw.size() == 4 ? AF_INET : AF_INET6, raw.data(), text.data(), text.size()) != nullptr)
                found.emplace_back(text.data());
        }
    }
    return found;
}

void check_tls_identity(const TlsIdentity& files) {
    const Certificate certificate = read_certificate(files.certificates);
    const Key key{PEM_read_bio_PrivateKey(reading(files.key).get(), nullptr, nullptr, nullptr)};
    if (!key) throw evidence::error("expected an unencrypted private key in PEM");
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        throw evidence::error("the key is not that of the first certificate");
}

std::string last_certificate_der(std::string_view pem) {
    const Bio bio = reading(pem);
    std::string der;
    while (const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
        der = der_of(certificate.get());
    ERR_clear_error();  // the end of the file is no failure
    if (der.empty()) throw evidence::error("expected certificates in PEM");
    return der;
}

CertificateRequest make_certificate_request(std::string_view common_name, const std::vector<std::string>& dns_names) {
    const Key key = new_key();
    const Csr csr{X509_REQ_new()};
    need(csr && X509_REQ_set_version(csr.get(), X509_REQ_VERSION_1) == 1 &&
             X509_REQ_set_pubkey(csr.get(), key.get()) == 1,
         "make a request");
    need(X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(csr.get()), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1,
         "set a name");
    if (!dns_names.empty()) {
        std::string alternatives;
        for (const std::string& name : dns_names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
        const evidence::openssl::Extensions extensions{sk_X509_EXTENSION_new_null()};
        Extension extension{X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives.c_str())};
        need(extension && sk_X509_EXTENSION_push(extensions.get(), extension.get()) > 0, "add an extension");
        (void)extension.release();
        need(X509_REQ_add_extensions(csr.get(), extensions.get()) == 1, "add extensions");
    }
    need(X509_REQ_sign(csr.get(), key.get(), EVP_sha256()) > 0, "sign a request");
    return {.key = key_pem(key.get()), .csr = pem_of(PEM_write_bio_X509_REQ, csr.get())};
}

}  // namespace annexa::store
