// Paths that a shell pattern names (glob(7)), found through Files and so within the host's root.
#pragma once

#include "collectors/host.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

/// Sorted bytewise, as glob(3) does in the C locale; a name that begins with a dot is found only where the pattern says
/// so. A pattern without wildcards yields itself where something of that name exists. The pattern is absolute.
std::vector<std::string> glob(Files& files, std::string_view pattern);

}  // namespace annexa::collectors
