#include "cli/isms/nonce.hpp"

#include "evidence/digest.hpp"
#include "evidence/errors.hpp"
#include "tests/cli/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <fstream>

#include <sys/stat.h>

namespace annexa::cli::test {

TEST_CASE("a nonce is kept for its owner alone, and never over another") {
    const TemporaryFolder folder;
    const std::string nonce = make_nonce();
    CHECK(nonce.size() == 64);
    CHECK(nonce != make_nonce());
    const std::filesystem::path path = folder.path / "nonces/a";
    keep_nonce(path, nonce);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(read_nonce(path, evidence::sha256(nonce).hex()) == nonce);
    CHECK_THROWS_AS(keep_nonce(path, make_nonce()), evidence::error);
    CHECK(read_nonce(path, evidence::sha256(nonce).hex()) == nonce);
}

TEST_CASE("a nonce of another hash is none, nor is one that is not there") {
    const TemporaryFolder folder;
    keep_nonce(folder.path / "a", make_nonce());
    CHECK_THROWS_WITH(read_nonce(folder.path / "a", std::string(64, '0')), Catch::Contains("is not the nonce"));
    CHECK_THROWS_AS(read_nonce(folder.path / "b", std::string(64, '0')), evidence::error);
}

TEST_CASE("a nonce is kept where it is said, or by its hash") {
    CHECK(nonce_path("here", "00") == "here");
    CHECK(nonce_path("", "00").filename() == "00");
}

}  // namespace annexa::cli::test
