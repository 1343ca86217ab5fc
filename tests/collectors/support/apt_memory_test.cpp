#include "collectors/support/apt_memory.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

// The environment is this test's alone while it runs.
struct CacheFolder {
    fs::path path;
    CacheFolder() {
        std::string name = (fs::temp_directory_path() / "annexa-cache-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
        ::setenv("CACHE_DIRECTORY", name.c_str(), 1);
    }
    CacheFolder(const CacheFolder&) = delete;
    CacheFolder& operator=(const CacheFolder&) = delete;
    ~CacheFolder() {
        ::unsetenv("CACHE_DIRECTORY");
        fs::remove_all(path);
    }
    [[nodiscard]] fs::path file() const { return path / "apt-answer"; }
    [[nodiscard]] std::string text() const {
        std::ostringstream all;
        all << std::ifstream{file()}.rdbuf();
        return all.str();
    }
};

AptCacheView view() {
    AptCacheView made;
    AptUpdate update;
    update.name = "open:ssl,";
    update.security_version = "1:3.0";
    update.held = true;
    made.updates = {update, AptUpdate{}};
    made.strangers = {{"own", "amd64", "2", "", true}, {"old", "amd64", "1", "3", false}};
    made.packages = {{"a_Packages", 7}, {"", 0}};
    return made;
}

}  // namespace

TEST_CASE("apt's answer is recalled for the same inputs alone") {
    const CacheFolder folder;
    CHECK_FALSE(AptMemory{"one"}.recall());
    AptMemory{"one"}.remember(view(), 0);
    const auto known = AptMemory{"one"}.recall();
    REQUIRE(known);
    REQUIRE(known->updates.size() == 2);
    CHECK(known->updates[0].name == "open:ssl,");
    CHECK(known->updates[0].security_version == "1:3.0");
    CHECK(known->updates[0].held);
    CHECK_FALSE(known->updates[1].held);
    REQUIRE(known->strangers.size() == 2);
    CHECK(known->strangers[0].newer);
    CHECK(known->strangers[1].newest == "3");
    CHECK_FALSE(known->strangers[1].newer);
    CHECK(known->packages == view().packages);
    CHECK_FALSE(AptMemory{"two"}.recall());
    AptMemory{"two"}.remember({}, 0);
    CHECK_FALSE(AptMemory{"one"}.recall());
    CHECK(fs::directory_iterator{folder.path} != fs::directory_iterator{});
    CHECK((fs::status(folder.file()).permissions() & fs::perms::mask) == fs::perms(0600));
}

TEST_CASE("apt's answer is not kept while its inputs may still change unseen") {
    const CacheFolder folder;
    AptMemory{"one"}.remember(view(), INT64_MAX);
    CHECK_FALSE(fs::exists(folder.file()));
}

TEST_CASE("an answer that was touched, cut off or written by others does not count") {
    const CacheFolder folder;
    AptMemory{"one"}.remember(view(), 0);
    const std::string good = folder.text();
    for (const std::size_t at : {0UL, 30UL, good.size() / 2, good.size() - 1}) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        std::ofstream{folder.file()} << damaged;
        CHECK_FALSE(AptMemory{"one"}.recall());
        std::ofstream{folder.file()} << good.substr(0, at);
        CHECK_FALSE(AptMemory{"one"}.recall());
    }
    std::ofstream{folder.file()} << good;
    CHECK(AptMemory{"one"}.recall());
    fs::permissions(folder.file(), fs::perms(0666));
    CHECK_FALSE(AptMemory{"one"}.recall());
}

TEST_CASE("without a folder of ours nothing is kept") {
    ::unsetenv("CACHE_DIRECTORY");
    AptMemory{"one"}.remember(view(), 0);
    CHECK_FALSE(AptMemory{"one"}.recall());
}
