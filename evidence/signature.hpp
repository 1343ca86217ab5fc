// An Ed25519 signature (RFC 8032): 64 bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace annexa::evidence {

struct Signature {
    std::array<std::uint8_t, 64> bytes{};

    bool operator==(const Signature&) const = default;
    [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    /// Throws format_error unless it is 64 bytes.
    static Signature from_bytes(std::string_view bytes);
};

}  // namespace annexa::evidence
