#include "collectors/support/certificate.hpp"

#include "collectors/support/text.hpp"
#include "evidence/encoding.hpp"
#include "evidence/openssl_handles.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <ctime>
#include <new>

namespace annexa::collectors {
namespace {

using namespace evidence::openssl;

constexpr std::size_t most_certificates = 1000;
constexpr std::size_t most_names_bytes = 4096;

template <class Write>
std::string written(const Write& write) {
    const Bio bio{BIO_new(BIO_s_mem())};
    if (!bio) throw std::bad_alloc{};
    write(bio.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return size > 0 ? std::string{data, static_cast<std::size_t>(size)} : std::string{};
}

std::string name_text(const X509_NAME* name) {
    // as UTF-8: what is not ASCII is a name like any other
    return written([&](BIO* bio) { X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB); });
}

std::optional<std::int64_t> unix_seconds(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return std::int64_t{::timegm(&parts)};
}

std::string alternative_names(X509* certificate) {
    std::string all;
    const GeneralNames names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        std::string one;
        if (name->type == GEN_DNS) {
            one = "DNS:" + std::string{reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))};
        } else if (name->type == GEN_IPADD) {
            const int length = ASN1_STRING_length(name->d.iPAddress);
            std::array<char, INET6_ADDRSTRLEN> text{};
            if ((length != 4 && length != 16) ||
                ::inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress), text.data(),
                            text.size()) == nullptr)
                continue;
            one = "IP:" + std::string{text.data()};
        } else {
            continue;
        }
        if (all.size() + one.size() > most_names_bytes) return all + " …";
        all += (all.empty() ? "" : " ") + one;
    }
    return all;
}

std::string key_name(const EVP_PKEY* key, const X509* certificate) {
    ASN1_OBJECT* algorithm = nullptr;
    X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate));
    switch (key == nullptr ? NID_undef : EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
            return "rsa";
        case EVP_PKEY_RSA_PSS:
            return "rsa-pss";
        case EVP_PKEY_DSA:
            return "dsa";
        case EVP_PKEY_EC:
            return "ec";
        case EVP_PKEY_ED25519:
            return "ed25519";
        case EVP_PKEY_ED448:
            return "ed448";
        default: {
            std::array<char, 128> text{};
            OBJ_obj2txt(text.data(), static_cast<int>(text.size()), algorithm, 0);
            return text.data();
        }
    }
}

std::optional<PublicCertificate> facts_of(X509* certificate) {
    const auto from = unix_seconds(X509_get0_notBefore(certificate));
    const auto until = unix_seconds(X509_get0_notAfter(certificate));
    if (!from || !until) return std::nullopt;
    PublicCertificate facts{name_text(X509_get_subject_name(certificate)),
                            name_text(X509_get_issuer_name(certificate))};
    facts.names = alternative_names(certificate);
    facts.serial = written([&](BIO* bio) { i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(certificate)); });
    facts.not_valid_before = *from;
    facts.not_valid_after = *until;
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    facts.key_algorithm = key_name(key, certificate);
    if (const int bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key); bits > 0) facts.bits = bits;

    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, certificate);
    std::array<char, 128> name{};
    OBJ_obj2txt(name.data(), static_cast<int>(name.size()), algorithm->algorithm, 0);
    if (const int known = OBJ_obj2nid(algorithm->algorithm); known != NID_undef)
        facts.signature_algorithm = OBJ_nid2ln(known);
    else
        facts.signature_algorithm = name.data();
    int digest = NID_undef;
    if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) == 1 && digest != NID_undef)
        facts.signature_digest = text::lower(OBJ_nid2sn(digest));
    facts.authority = X509_check_ca(certificate) == 1;
    facts.self_signed = X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned length = 0;
    if (X509_digest(certificate, EVP_sha256(), hash.data(), &length) == 1)
        facts.sha256 = evidence::to_hex({reinterpret_cast<const char*>(hash.data()), length});
    return facts;
}

bool holds_certificate(std::string_view name) {
    return name == PEM_STRING_X509 || name == PEM_STRING_X509_OLD || name == PEM_STRING_X509_TRUSTED;
}

}  // namespace

CertificateFile parse_certificates(std::string_view pem) {
    CertificateFile file;
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    if (!bio) throw std::bad_alloc{};
    ERR_clear_error();
    while (true) {
        char *name = nullptr, *header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
            const unsigned long error = ERR_peek_last_error();
            // nothing begins any more: the end of the file; anything else broke off within a block
            if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) file.damaged = true;
            ERR_clear_error();
            return file;
        }
        const bool wanted = holds_certificate(name);
        const bool full = file.certificates.size() >= most_certificates;
        if (wanted && full) file.damaged = true;
        if (wanted && !full) {
            const unsigned char* at = data;
            // of a trusted certificate the rest says what it is trusted for
            const Certificate certificate{std::strcmp(name, PEM_STRING_X509_TRUSTED) == 0
                                              ? d2i_X509_AUX(nullptr, &at, size)
                                              : d2i_X509(nullptr, &at, size)};
            auto facts = certificate ? facts_of(certificate.get()) : std::nullopt;
            if (facts)
                file.certificates.push_back(*std::move(facts));
            else
                file.damaged = true;
            ERR_clear_error();
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, static_cast<std::size_t>(size));  // it may be a key
        if (full) return file;
    }
}

}  // namespace annexa::collectors
