// Step by step a path leads where openat2(2) with RESOLVE_IN_ROOT says that it leads: the kernel is the authority.
#include "collectors/support/open_in_root.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cerrno>
#include <random>

using namespace annexa;
using namespace annexa::collectors;

namespace {

struct Found {
    int code = 0;
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Found&) const = default;
};

Found found(const Descriptor& descriptor) {
    if (!descriptor) return {errno, 0, 0};
    struct stat status {};
    REQUIRE(::fstat(descriptor.get(), &status) == 0);
    return {0, status.st_dev, status.st_ino};
}

Descriptor by_kernel(int root, const std::string& path, bool follow) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC | (follow ? 0U : O_NOFOLLOW);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return Descriptor{static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how))};
}

Descriptor opened(const std::string& folder) {
    return Descriptor{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

bool has_openat2() {
    const Descriptor root = opened("/");
    return by_kernel(root.get(), "/", true) || errno != ENOSYS;
}

void compare(int root, const std::string& path) {
    for (const bool follow : {true, false}) {
        const Found expected = found(by_kernel(root, path, follow));
        const Found got = found(walk_in_root(root, path, follow));
        INFO(path << (follow ? "" : " (the last one not followed)") << ": kernel " << expected.code << " inode "
                  << expected.inode << ", step by step " << got.code << " inode " << got.inode);
        CHECK(got == expected);
    }
}

}  // namespace

TEST_CASE("open in root: no path leads out, whatever its links say") {
    if (!has_openat2()) return;
    const tests::TemporaryFolder folder;
    folder.write("outside", "secret\n");
    folder.write("root/etc/file", "x\n");
    folder.write("root/usr/lib/deep/file", "y\n");
    const auto link = [&](const std::string& name, const std::string& target) {
        REQUIRE(::symlink(target.c_str(), (folder / ("root/" + name)).c_str()) == 0);
    };
    link("up", "../../outside");
    link("absolute", "/etc/file");
    link("folder", "usr/lib");
    link("lib", "/usr/lib");
    link("etc/back", "../usr/../lib/deep");
    link("loop", "loop");
    link("long", "./././folder/../lib/deep/../deep/file");
    link("gone", "nowhere/at/all");
    link("slash", "etc/");
    link("file-slash", "etc/file/");
    const Descriptor root = opened(folder / "root");
    for (const char* path : {"/",
                             "",
                             ".",
                             "..",
                             "/..",
                             "/../outside",
                             "../../outside",
                             "/up",
                             "/absolute",
                             "/folder",
                             "/folder/",
                             "/folder/deep/file",
                             "/lib/deep/file",
                             "/lib/../etc/file",
                             "/etc/back/file",
                             "/etc/back/../../../etc/file",
                             "/loop",
                             "/loop/x",
                             "/long",
                             "/gone",
                             "/gone/x",
                             "/slash",
                             "/slash/file",
                             "/file-slash",
                             "/etc/file/",
                             "/etc/file/x",
                             "/etc/file/..",
                             "//etc///file",
                             "/etc/./file",
                             "/nothing",
                             "/nothing/..",
                             "/etc/..",
                             "/etc/"})
        compare(root.get(), path);
    compare(root.get(), "/" + std::string(255, 'a'));
    compare(root.get(), "/" + std::string(256, 'a'));
    compare(root.get(), "/" + std::string(5000, 'a'));
}

TEST_CASE("open in root: names of /proc are followed, magic links are not") {
    if (!has_openat2()) return;
    const Descriptor root = opened("/");
    const std::string self = "/proc/" + std::to_string(::getpid());
    for (const std::string& path :
         {std::string{"/proc/self/status"}, std::string{"/proc/mounts"}, std::string{"/proc/thread-self/comm"},
          self + "/root/etc", self + "/cwd", self + "/exe", self + "/fd/0", self + "/ns/mnt", self + "/exe/"})
        compare(root.get(), path);
}

TEST_CASE("open in root: as the kernel over random trees of links") {
    if (!has_openat2()) return;
    std::mt19937 random{20261130};
    const auto below = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
    const std::vector<std::string> names{"a", "b", "c", "d"};
    const auto path = [&](bool absolute) {
        std::string text = absolute ? "/" : "";
        for (unsigned i = 0, count = 1 + below(5); i < count; ++i) {
            const unsigned kind = below(8);
            text += (i == 0 ? "" : "/") + (kind == 0 ? ".." : kind == 1 ? "." : names[below(4)]);
        }
        return text + (below(8) == 0 ? "/" : "");
    };
    for (int tree = 0; tree < 20; ++tree) {
        const tests::TemporaryFolder folder;
        std::vector<std::string> folders{folder / "root"};
        std::filesystem::create_directories(folders[0]);
        for (int i = 0; i < 24; ++i) {
            const std::string place = folders[below(static_cast<unsigned>(folders.size()))] + "/" + names[below(4)];
            switch (below(3)) {
                case 0:
                    if (::mkdir(place.c_str(), 0755) == 0) folders.push_back(place);
                    break;
                case 1:
                    (void)!::symlink(path(below(2) == 0).c_str(), place.c_str());
                    break;
                default: {
                    const Descriptor file{::open(place.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)};
                }
            }
        }
        const Descriptor root = opened(folder / "root");
        for (int i = 0; i < 200; ++i) compare(root.get(), path(below(2) == 0));
    }
}
