// Capabilities of a program, as the extended attribute security.capability holds them (capabilities(7),
// linux/capability.h: struct vfs_cap_data).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annexa::collectors {

/// As getcap(8) prints them: "cap_net_raw=ep". Nothing where the bytes are of no known revision.
std::optional<std::string> file_capabilities_text(std::string_view attribute);

}  // namespace annexa::collectors
