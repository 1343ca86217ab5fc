#include "collectors/support/md5.hpp"

#include "collectors/host.hpp"
#include "evidence/encoding.hpp"
#include "evidence/openssl_handles.hpp"

#include <array>

namespace annexa::collectors {

struct Md5::Context {
    evidence::openssl::DigestContext handle{EVP_MD_CTX_new()};
};

Md5::Md5() : context_{std::make_unique<Context>()} {
    if (!context_->handle || EVP_DigestInit_ex(context_->handle.get(), EVP_md5(), nullptr) != 1)
        throw host_error{Reason::unsupported_format,
                         "OpenSSL computes no MD5 here, which dpkg's sums are (FIPS mode?)"};
}
Md5::~Md5() = default;

void Md5::add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_->handle.get(), bytes.data(), bytes.size()) != 1)
        throw host_error{Reason::internal, "OpenSSL could not digest"};
}

std::string Md5::finish() {
    std::array<unsigned char, 16> digest{};
    if (EVP_DigestFinal_ex(context_->handle.get(), digest.data(), nullptr) != 1)
        throw host_error{Reason::internal, "OpenSSL could not digest"};
    return evidence::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace annexa::collectors
