#include "server-stub/check/certificate_check.hpp"

#include "evidence/digest.hpp"
#include "evidence/openssl_handles.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <vector>

namespace annexa::store::check {
namespace {

using evidence::openssl::Bio;
using evidence::openssl::Certificate;
using evidence::openssl::Key;
using evidence::openssl::KeyContext;

constexpr const char* not_as_written = "it is not, to the byte, what was written";

Bio reading(const std::string& bytes) { return Bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))}; }

std::string written(const Bio& bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::vector<Certificate> certificates(const std::string& pem) {
    const Bio bio = reading(pem);
    std::vector<Certificate> all;
    while (Certificate one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) all.push_back(std::move(one));
    ERR_clear_error();  // the end of the file is no failure
    return all;
}

Key private_key(const std::string& pem) {
    Key key{PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    return key;
}

/// The texts that these were read from, if every byte of them counts.
std::string text_of(const std::vector<Certificate>& all) {
    const Bio bio{BIO_new(BIO_s_mem())};
    for (const Certificate& one : all) PEM_write_bio_X509(bio.get(), one.get());
    return written(bio);
}

std::string text_of(const Key& key) {
    const Bio bio{BIO_new(BIO_s_mem())};
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return written(bio);
}

/// The private half against the public one: OpenSSL reads both and compares nothing by itself.
bool whole(const Key& key) {
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
    const bool fits = context && EVP_PKEY_pairwise_check(context.get()) == 1;
    ERR_clear_error();
    return fits;
}

bool signed_by(const Certificate& certificate, const Certificate& authority) {
    const bool by = X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
    ERR_clear_error();
    return by;
}

std::string key_id(const Certificate& certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
    if (size <= 0) return {};
    const std::string id = evidence::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}).hex();
    OPENSSL_free(der);
    return id;
}

}  // namespace

std::string wrong_with_client_chain(const std::string& chain, const std::string& host_id, const std::string& tls_key_id,
                                    const std::optional<std::string>& authority) {
    const std::vector<Certificate> all = certificates(chain);
    if (all.size() != 2) return "expected a certificate and its authority's in PEM";
    if (!signed_by(all[1], all[1])) return "its authority's certificate was changed";
    if (!signed_by(all[0], all[1])) return "its authority did not sign it";
    if (authority &&
        text_of(certificates(*authority)) != text_of(certificates(chain.substr(chain.rfind("-----BEGIN")))))
        return "another authority than this store's signed it";
    if (key_id(all[0]) != tls_key_id) return "it is of another key than its record names";
    if (certificate_names(chain) != std::vector<std::string>{"annexa:host:" + host_id}) return "it is of another host";
    return text_of(all) == chain ? std::string{} : not_as_written;
}

std::string wrong_with_authority(const std::string& certificate) {
    const std::vector<Certificate> all = certificates(certificate);
    if (all.size() != 1) return "expected one certificate in PEM";
    if (!signed_by(all[0], all[0])) return "it is not what was signed";
    return text_of(all) == certificate ? std::string{} : not_as_written;
}

std::string wrong_with_authority_key(const std::string& key, const std::string& certificate) {
    const Key read = private_key(key);
    if (!read) return "it is no private key in PEM";
    if (!whole(read)) return "its private half does not fit its public one";
    const std::vector<Certificate> all = certificates(certificate);
    if (!all.empty() && X509_check_private_key(all[0].get(), read.get()) != 1) {
        ERR_clear_error();
        return "it is not the key of ca.crt";
    }
    return text_of(read) == key ? std::string{} : not_as_written;
}

std::string wrong_with_server(const std::string& key_and_certificate, const std::string& authority) {
    const Key key = private_key(key_and_certificate);
    if (!key) return "there is no private key in it";
    if (!whole(key)) return "the private half of its key does not fit the public one";
    const std::vector<Certificate> all = certificates(key_and_certificate);
    if (all.size() != 1) return "expected one certificate in it";
    if (X509_check_private_key(all[0].get(), key.get()) != 1) {
        ERR_clear_error();
        return "its key is not that of its certificate";
    }
    const std::vector<Certificate> above = certificates(authority);
    if (!above.empty() && !signed_by(all[0], above[0])) return "the store's authority did not sign its certificate";
    return text_of(key) + text_of(all) == key_and_certificate ? std::string{} : not_as_written;
}

}  // namespace annexa::store::check
