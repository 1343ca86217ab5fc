#include "agent/privileges.hpp"

#include "evidence/errors.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace annexa::agent {

void become_owner_of(const std::filesystem::path& state) {
    struct stat found {};
    if (geteuid() != 0 || lstat(state.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid == 0) return;
    const auto refuse = [&] {
        throw evidence::error("cannot become user " + std::to_string(found.st_uid) + ", who owns " + state.string() +
                              ": " + std::strerror(errno));
    };
    const passwd* user = getpwuid(found.st_uid);
    if (user != nullptr ? initgroups(user->pw_name, user->pw_gid) != 0 : setgroups(0, nullptr) != 0) refuse();
    const gid_t group = user != nullptr ? user->pw_gid : found.st_gid;
    if (setresgid(group, group, group) != 0) refuse();
    if (setresuid(found.st_uid, found.st_uid, found.st_uid) != 0) refuse();
}

}  // namespace annexa::agent
