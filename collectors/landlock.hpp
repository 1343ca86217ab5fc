// Landlock (landlock(7)): a process gives up writing to files, for good and for all that it starts, without any right.
#pragma once

#include <string>
#include <vector>

namespace annexa::collectors {

/// From now on this process and what it starts make, change and remove nothing but below `folders` (those that are not
/// there are left out); /dev/null takes what is written to it. Sets no_new_privs. False where this kernel has no
/// Landlock, or it is switched off: then nothing has changed. Throws evidence::error where the kernel refuses.
///
/// The kernel lets a process under Landlock look into no other process (ptrace_may_access), whatever its capabilities:
/// sockets' owners and others' maps and mounts are not for it.
bool refuse_writes_outside(const std::vector<std::string>& folders);

}  // namespace annexa::collectors
