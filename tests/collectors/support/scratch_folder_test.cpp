// What a killed collection leaves behind is gone with the next one; what is another's, or in use, stays.
#include "collectors/support/scratch_folder.hpp"

#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

class Place {
  public:
    Place() { ::setenv("CACHE_DIRECTORY", folder_.path().c_str(), 1); }
    ~Place() { ::unsetenv("CACHE_DIRECTORY"); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    [[nodiscard]] fs::path path() const { return folder_.path(); }
    [[nodiscard]] std::ptrdiff_t entries() const {
        return std::distance(fs::directory_iterator{path()}, fs::directory_iterator{});
    }

  private:
    annexa::tests::TemporaryFolder folder_;
};

// A child that has a folder with a link in it, and is killed as a collector that is too slow.
void be_killed_with_a_folder() {
    int ready[2];
    REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const ScratchFolder scratch;
        scratch.make_folder("etc/apt");
        scratch.link("etc/apt/sources.list", "/etc/passwd");
        (void)!::write(ready[1], "x", 1);
        ::pause();
        ::_exit(1);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    ::close(ready[0]);
    ::close(ready[1]);
}

}  // namespace

TEST_CASE("scratch folder: what a killed collection left is gone when the next begins") {
    const Place place;
    be_killed_with_a_folder();
    be_killed_with_a_folder();
    REQUIRE(place.entries() == 1);  // the second took away what the first left
    {
        const ScratchFolder scratch;
        CHECK(place.entries() == 1);
        CHECK(fs::exists(scratch.path()));
    }
    CHECK(place.entries() == 0);
    CHECK(fs::exists("/etc/passwd"));
}

TEST_CASE("scratch folder: one that is in use stays") {
    const Place place;
    const ScratchFolder first;
    const ScratchFolder second;
    CHECK(fs::exists(first.path()));
    CHECK(place.entries() == 2);
}

TEST_CASE("scratch folder: a link, a file and what is not ours alone stay") {
    const Place place;
    const fs::path kept = place.path() / "kept";
    fs::create_directory(kept);
    fs::permissions(kept, fs::perms::owner_all);
    fs::create_directory_symlink(kept, place.path() / "annexa-collect-AAAAAA");
    fs::create_directory(place.path() / "annexa-collect-BBBBBB");
    fs::permissions(place.path() / "annexa-collect-BBBBBB", fs::perms::all);  // not made by mkdtemp
    if (::geteuid() == 0) {
        fs::create_directory(place.path() / "annexa-collect-CCCCCC");
        fs::permissions(place.path() / "annexa-collect-CCCCCC", fs::perms::owner_all);
        REQUIRE(::chown((place.path() / "annexa-collect-CCCCCC").c_str(), 12345, 12345) == 0);
    }
    const auto before = place.entries();
    { const ScratchFolder scratch; }
    CHECK(place.entries() == before);
}
