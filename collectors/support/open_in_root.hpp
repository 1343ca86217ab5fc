// Opening a path as the kernel of a machine rooted in a folder would: no link, whatever it says, leads out of it.
#pragma once

#include "collectors/support/descriptor.hpp"

#include <string>

namespace annexa::collectors {

/// A handle (O_PATH) on what `path` leads to below the open folder `root`, absolute links and ".." counted from there,
/// and never through a magic link of /proc (/proc/1/root), which would lead to files of anybody's choice. With follow
/// false the last name is not followed where it is a link. Empty with errno where there is none.
///
/// By openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS; step by step where that is not to be had: systemd's
/// RestrictSUIDSGID refuses it (ENOSYS), since it could not look into its arguments.
Descriptor open_in_root(int root, const std::string& path, bool follow);

/// The second way alone.
Descriptor walk_in_root(int root, const std::string& path, bool follow);

}  // namespace annexa::collectors
