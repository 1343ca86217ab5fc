// Hexadecimal and base64 (RFC 4648).
#pragma once

#include <string>
#include <string_view>

namespace annexa::evidence {

/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view bytes);

/// Throws format_error unless the text is an even number of lower-case hexadecimal digits.
std::string from_hex(std::string_view text);

/// Standard alphabet with padding (RFC 4648 section 4), without line breaks.
std::string to_base64(std::string_view bytes);

/// Accepts exactly what to_base64 prints: standard alphabet, padded, unused bits zero. Throws format_error otherwise.
std::string from_base64(std::string_view text);

/// For envelopes of others (DSSE): either alphabet, padding optional. Throws format_error otherwise.
std::string from_any_base64(std::string_view text);

/// URL-safe alphabet without padding (RFC 4648 section 5).
std::string to_base64url(std::string_view bytes);

/// Accepts exactly what to_base64url prints. Throws format_error otherwise.
std::string from_base64url(std::string_view text);

}  // namespace annexa::evidence
