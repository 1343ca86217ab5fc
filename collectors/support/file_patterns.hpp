// Files that a pattern of a configuration names: /etc/rsyslog.d/*.conf.
#pragma once

#include "collectors/host.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::collectors {

/// Path and text of each regular file that matches, sorted by path as glob(3) does. Wildcards (* ? [ ]) may stand in the
/// file name alone; a pattern with one in a folder's name names nothing. A folder names nothing.
std::vector<std::pair<std::string, std::string>> read_matching(Files& files, std::string_view pattern);

}  // namespace annexa::collectors
