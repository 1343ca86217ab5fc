// Root's commands in a folder that is the service's.
#pragma once

#include <filesystem>

namespace annexa::agent {

/// Where root works on a state folder that is another user's, this process becomes that user, with his groups, for
/// good: what it makes there is the service's, and what talks to the store has no more rights than the service has.
/// Nothing happens where this is not root, or the folder is not there or root's own. Throws error.
void become_owner_of(const std::filesystem::path& state);

}  // namespace annexa::agent
