// MD5 (RFC 1321), for one thing alone: to compare files with the sums that dpkg keeps. It shows a damaged or replaced
// file, not one that somebody made to collide.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace annexa::collectors {

class Md5 {
  public:
    /// Throws host_error(unsupported_format) where this OpenSSL has none (FIPS).
    Md5();
    ~Md5();
    Md5(const Md5&) = delete;
    Md5& operator=(const Md5&) = delete;
    void add(std::string_view bytes);
    /// In hex. Once.
    [[nodiscard]] std::string finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace annexa::collectors
