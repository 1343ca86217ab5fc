// Rotated logs: gzip (RFC 1952), one member or several.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace annexa::collectors {

/// The bytes without compression. Throws host_error(malformed_source) with `name` where they are no gzip or end early, and
/// host_error(unreadable_source) where they come to more than most_bytes.
std::string gunzip(std::string_view name, std::string_view bytes, std::size_t most_bytes);

}  // namespace annexa::collectors
