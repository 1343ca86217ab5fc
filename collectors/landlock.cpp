#include "collectors/landlock.hpp"

#include "collectors/support/descriptor.hpp"
#include "evidence/errors.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace annexa::collectors {
namespace {

// Of the third version of the interface; Debian 12's header knows two.
constexpr std::uint64_t access_truncate = 1ULL << 14U;

[[noreturn]] void fail(const std::string& what) {
    throw evidence::error("landlock, " + what + ": " + std::strerror(errno));
}

std::uint64_t all_writing(long version) {
    std::uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                            LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                            LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                            LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (version >= 2) writing |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) writing |= access_truncate;
    return writing;
}

void allow(int ruleset, const std::string& path, std::uint64_t what) {
    const Descriptor place{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    if (!place) return;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = what;
    rule.parent_fd = place.get();
    if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) != 0) fail(path);
}

}  // namespace

bool refuse_writes_outside(const std::vector<std::string>& folders) {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0UL, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) {
        // EPERM: a filter of system calls that is older than Landlock, as containers have them.
        if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM) return false;
        fail("version");
    }
    landlock_ruleset_attr handled{};
    handled.handled_access_fs = all_writing(version);
    const Descriptor ruleset{static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0U))};
    if (!ruleset) fail("rules");
    for (const std::string& folder : folders) allow(ruleset.get(), folder, handled.handled_access_fs);
    allow(ruleset.get(), "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no new privileges");
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) != 0) fail("restrict");
    return true;
}

}  // namespace annexa::collectors
