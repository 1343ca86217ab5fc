// Capabilities of a program, as the extended attribute security.capability holds them (capabilities(7),
// linux/capability.h: struct vfs_cap_data).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annexa::collectors {

/// As getcap(8) prints them: "cap_net_raw=ep". Nothing where the bytes are of no known revision.
std::optional<std::string> file_capabilities_text(std::string_view attribute);

/// The same of what somebody wrote ("= cap_net_raw+ep"), as cap_from_text(3) reads it; empty for none. What makes no
/// sense stays as it is.
std::string normal_capabilities(const std::string& text);

}  // namespace annexa::collectors
