// Who owns what OpenSSL allocates: each handle is released when it goes. For .cpp files alone; OpenSSL's headers stay
// out of ours.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace annexa::evidence::openssl {

template <auto release>
struct Release {
    template <class Type>
    void operator()(Type* handle) const noexcept {
        release(handle);
    }
};
template <class Type, auto release>
using Handle = std::unique_ptr<Type, Release<release>>;

using BigNumber = Handle<BIGNUM, BN_free>;
using Bio = Handle<BIO, BIO_free_all>;
using Certificate = Handle<X509, X509_free>;
using CertificateRequest = Handle<X509_REQ, X509_REQ_free>;
using CertificateStore = Handle<X509_STORE, X509_STORE_free>;
using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Extension = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using GeneralNames = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using Kdf = Handle<EVP_KDF, EVP_KDF_free>;
using KdfContext = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;
using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Verification = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

/// Lists, with what they hold; OpenSSL's own functions for them are macros.
struct ReleaseList {
    void operator()(STACK_OF(X509) * list) const noexcept { sk_X509_pop_free(list, X509_free); }
    void operator()(STACK_OF(X509_EXTENSION) * list) const noexcept {
        sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    }
};
using Certificates = std::unique_ptr<STACK_OF(X509), ReleaseList>;
using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), ReleaseList>;

}  // namespace annexa::evidence::openssl
