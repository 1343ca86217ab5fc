// What may be taken from an earlier collection, and what may not.
#include "agent/daily_results.hpp"
#include "evidence/instant.hpp"
#include "tests/agent/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

using namespace annexa;
using namespace annexa::agent;

namespace {

using namespace std::chrono_literals;

Collected walk(evidence::Instant at) {
    Collected result;
    result.collector = "exposed_files";
    result.version = 2;
    result.collected_at = at;
    result.tables = {{"exposed_files", {{"path", evidence::Type::text}}, {{std::string{"/srv/open"}}}}};
    return result;
}

}  // namespace

TEST_CASE("a daily result is taken for less than a day, of the same version, and never from the future") {
    const agent::testing::TemporaryDirectory folder;
    const DailyResults daily{folder.path()};
    const evidence::Instant at = evidence::parse_instant("2026-11-30T08:00:00Z");
    CHECK_FALSE(daily.recall("exposed_files", 2, at));
    daily.remember(walk(at));
    REQUIRE(daily.recall("exposed_files", 2, at + 23h));
    CHECK(*daily.recall("exposed_files", 2, at + 23h) == walk(at));
    CHECK_FALSE(daily.recall("exposed_files", 2, at + 24h));
    CHECK_FALSE(daily.recall("exposed_files", 2, at - 1s));
    CHECK_FALSE(daily.recall("exposed_files", 3, at + 1h));
    CHECK_FALSE(daily.recall("conffiles", 2, at + 1h));
}

TEST_CASE("what is no result of ours is not taken: an error, a damaged file, one that others may write, a link") {
    const agent::testing::TemporaryDirectory folder;
    const DailyResults daily{folder.path()};
    const evidence::Instant at = evidence::parse_instant("2026-11-30T08:00:00Z");
    daily.remember(failed_result("exposed_files", 2, evidence::Reason::timed_out, "too slow", at));
    CHECK_FALSE(daily.recall("exposed_files", 2, at));
    daily.remember(walk(at));
    const std::filesystem::path file = folder.path() / "deep-exposed_files.json";
    REQUIRE(::chmod(file.c_str(), 0620) == 0);
    CHECK_FALSE(daily.recall("exposed_files", 2, at));
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK(daily.recall("exposed_files", 2, at));
    std::filesystem::rename(file, folder.path() / "elsewhere");
    std::filesystem::create_symlink(folder.path() / "elsewhere", file);
    CHECK_FALSE(daily.recall("exposed_files", 2, at));
    std::filesystem::remove(file);
    std::ofstream{file} << "{\"collector\":\"exposed_files\"";
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK_FALSE(daily.recall("exposed_files", 2, at));
}

TEST_CASE("a cache folder is one's own, and with none nothing is kept") {
    const agent::testing::TemporaryDirectory folder;
    const std::string path = (folder.path() / "cache").string();
    ::setenv("CACHE_DIRECTORY", path.c_str(), 1);
    REQUIRE(cache_folder());
    CHECK(cache_folder()->string() == path);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700);
    REQUIRE(::chmod(path.c_str(), 0777) == 0);
    CHECK_FALSE(cache_folder());
    ::setenv("CACHE_DIRECTORY", (folder.path() / "not" / "there").c_str(), 1);
    CHECK_FALSE(cache_folder());
    ::unsetenv("CACHE_DIRECTORY");
    const DailyResults none{std::nullopt};
    none.remember(walk({}));
    CHECK_FALSE(none.recall("exposed_files", 2, {}));
}
