// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by OpenSSL.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace annexa::evidence {

/// A SHA-256 digest. Compares and orders bytewise.
struct Digest {
    std::array<std::uint8_t, 32> bytes{};

    auto operator<=>(const Digest&) const = default;

    [[nodiscard]] std::string hex() const;
    [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    /// Throws format_error unless it is 64 lower-case hexadecimal digits.
    static Digest from_hex(std::string_view text);
    /// Throws format_error unless it is 32 bytes.
    static Digest from_bytes(std::string_view bytes);
};

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);

/// SHA-256 of a stream. Not thread-safe; after finish() it may not be used again.
class Hasher {
  public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    void add(std::string_view bytes);
    [[nodiscard]] Digest finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Random bytes for keys, salts, tokens and identifiers. Throws error where the system has none.
std::string random_bytes(std::size_t count);

/// A random UUID (RFC 9562 version 4), lower case.
std::string random_uuid();

/// True where both are equal; takes the same time whatever they hold.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace annexa::evidence
