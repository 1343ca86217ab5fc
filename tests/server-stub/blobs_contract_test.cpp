// What every member of the Blobs family does, and what the folder does besides.
#include "evidence/errors.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/memory_blobs.hpp"
#include "server-stub/storage/store.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <fstream>

using namespace annexa;
using namespace annexa::store;

namespace {

struct InMemory {
    MemoryBlobs kept;
    Blobs& blobs() { return kept; }
};
struct InFolder {
    annexa::test::TemporaryDirectory folder;
    BlobFolder kept{folder / "blobs"};
    Blobs& blobs() { return kept; }
};

void overwrite(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream{file, std::ios::binary} << bytes;
}

}  // namespace

TEMPLATE_TEST_CASE("blobs: put, got, listed, removed", "[store]", InMemory, InFolder) {
    TestType member;
    Blobs& blobs = member.blobs();
    const std::string bytes = std::string("a\0b", 3) + std::string(100'000, 'x');
    const evidence::Digest digest = evidence::sha256(bytes);
    CHECK_FALSE(blobs.get(digest));
    CHECK_FALSE(blobs.remove(digest));
    blobs.put(digest, bytes);
    blobs.put(digest, bytes);
    blobs.put(evidence::sha256(""), "");
    CHECK(blobs.get(digest) == bytes);
    CHECK(blobs.get(evidence::sha256("")) == "");
    CHECK(blobs.list().size() == 2);
    CHECK(blobs.remove(digest));
    CHECK_FALSE(blobs.get(digest));
    CHECK(blobs.list() == std::vector{evidence::sha256("")});
}

TEST_CASE("blobs: a damaged file is never read as what it was, and heals when it is put again", "[store]") {
    InFolder member;
    const evidence::Digest digest = evidence::sha256("content");
    const std::filesystem::path file = member.kept.path_of(digest);
    member.kept.put(digest, "content");
    for (const std::string& damage : {std::string{}, std::string{"content"}, std::string(100, '\0')}) {
        overwrite(file, damage);
        CHECK_THROWS_AS(member.kept.get(digest), evidence::error);
    }
    member.kept.put(digest, "content");
    CHECK(member.kept.get(digest) == "content");
}

TEST_CASE("blobs: files are their owner's alone, and what a crash left beside them is not listed", "[store]") {
    InFolder member;
    const evidence::Digest digest = evidence::sha256("content");
    member.kept.put(digest, "content");
    const std::filesystem::path file = member.kept.path_of(digest);
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    REQUIRE(::stat((member.folder / "blobs").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
    overwrite(file.string() + ".tmp-0011", "half");
    CHECK(member.kept.list() == std::vector{digest});
}

TEST_CASE("blobs: what cannot be written leaves nothing and says so", "[store]") {
    InFolder member;
    const evidence::Digest digest = evidence::sha256("content");
    overwrite(member.folder / ("blobs/" + digest.hex().substr(0, 2)), "a file where the folder belongs");
    CHECK_THROWS_AS(member.kept.put(digest, "content"), store_unavailable);
    CHECK(member.kept.list().empty());
}
