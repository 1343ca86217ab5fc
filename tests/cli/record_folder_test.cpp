#include "cli/isms/record_folder.hpp"

#include "evidence/errors.hpp"
#include "tests/cli/kinds.hpp"
#include "tests/cli/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace annexa::cli::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

RecordDocument risk(const std::string& id, const std::string& title) {
    return {id, "risk", 1, std::make_shared<const json>(json{{"title", title}})};
}

std::string refused(const fs::path& folder) {
    const Kinds known = kinds();
    try {
        read_folder(folder, known);
    } catch (const evidence::error& problem) {
        return problem.what();
    }
    return {};
}

}  // namespace

TEST_CASE("records are written as files and read back, and only what changed is written again") {
    const TemporaryFolder folder;
    const Kinds known = kinds();
    const std::vector records{risk("R-0001", "Theft"), risk("R-0002", "Fire")};
    CHECK(write_folder(folder.path / "new", records, known).written == 2);
    const std::vector<FolderFile> files = read_folder(folder.path / "new", known);
    REQUIRE(files.size() == 2);
    CHECK(files[1].path == "risks/R-0002.yaml");
    CHECK(*files[1].document.members == json({{"title", "Fire"}}));

    const std::vector later{risk("R-0001", "Theft"), risk("R-0002", "Flood")};
    const FolderChanges changes = write_folder(folder.path / "new", later, known);
    CHECK(changes.written == 1);
    CHECK(changes.same == 1);
    CHECK(changes.removed == 0);
}

TEST_CASE("files of records that are no more go, and nothing else does") {
    const TemporaryFolder folder;
    const Kinds known = kinds();
    write_folder(folder.path, std::vector{risk("R-0001", "Theft"), risk("R-0002", "Fire")}, known);
    std::ofstream{folder.path / "risks/laptop.yaml"} << "kind: risk\n";
    std::ofstream{folder.path / "README.md"} << "ours\n";
    CHECK(write_folder(folder.path, std::vector{risk("R-0001", "Theft")}, known).removed == 1);
    CHECK(fs::exists(folder.path / "risks/laptop.yaml"));
    CHECK(fs::exists(folder.path / "README.md"));
    CHECK_FALSE(fs::exists(folder.path / "risks/R-0002.yaml"));
}

TEST_CASE("an id that is none is no file's name") {
    const TemporaryFolder folder;
    const Kinds known = kinds();
    CHECK_THROWS_AS(write_folder(folder.path, std::vector{risk("../../R-1", "x")}, known), evidence::error);
}

TEST_CASE("a folder with what is no record is refused") {
    const TemporaryFolder folder;
    CHECK_THAT(refused(folder.path / "none"), Catch::Contains("is no folder"));
    fs::create_directory(folder.path / ".git");
    std::ofstream{folder.path / ".git/config.yaml"} << "[";
    std::ofstream{folder.path / "notes.txt"} << "[";
    CHECK(refused(folder.path).empty());
    fs::create_symlink("/etc/hostname", folder.path / "a.yaml");
    CHECK_THAT(refused(folder.path), Catch::Contains("is a link"));
    fs::remove(folder.path / "a.yaml");
    std::ofstream{folder.path / "b.yaml"} << "kind: dragon\n";
    CHECK_THAT(refused(folder.path), Catch::Contains("b.yaml:1:7: there is no kind of record dragon"));
    fs::remove(folder.path / "b.yaml");
    fs::path deep = folder.path;
    for (int i = 0; i < 20; ++i) deep /= "d";
    fs::create_directories(deep);
    CHECK_THAT(refused(folder.path), Catch::Contains("too deep"));
}

}  // namespace annexa::cli::test
