// What scripts/new writes is green at once: the build ran it in a copied tree and compiled its collector into this
// program.
#include "policies/cases.hpp"
#include "policies/pack.hpp"
#include "support/golden.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>

#include <cstdlib>
#include <set>

namespace annexa::collectors {
extern const Collector example_skeleton;
}

using namespace annexa;

namespace {

const std::filesystem::path tree = ANNEXA_NEW_TREE;

int new_thing(const std::string& words) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl("/bin/bash", "bash", "-c", (tree.string() + "/scripts/new " + words + " >/dev/null 2>&1").c_str(),
                nullptr);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::vector<std::string> lines_with(const std::filesystem::path& file, const std::string& prefix) {
    std::vector<std::string> found;
    std::string text = tests::file_text(file);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (text.compare(at, prefix.size(), prefix) == 0) found.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return found;
}

}  // namespace

TEST_CASE("a new collector compiles, and its cases hold") {
    const auto folders = tests::case_folders(tree / "tests/collectors");
    REQUIRE(folders.size() == 2);
    for (const std::filesystem::path& folder : folders) {
        INFO(folder);
        const auto machine = collectors::fixture_machine(folder.string());
        CHECK(tests::golden_text(collectors::collect_here(collectors::example_skeleton, *machine)) ==
              tests::file_text(folder / "expected.json"));
    }
    for (const collectors::Column& column : collectors::example_skeleton.tables[0].columns)
        CHECK_FALSE(column.description.empty());
}

TEST_CASE("a new collector stands in the list and in the build, each in its place") {
    const std::vector<std::string> declared = lines_with(tree / "collectors/all.cpp", "extern const Collector ");
    CHECK(std::is_sorted(declared.begin(), declared.end()));
    CHECK(std::count(declared.begin(), declared.end(), "extern const Collector example_skeleton;") == 1);
    const std::vector<std::string> listed = lines_with(tree / "collectors/all.cpp", "    &");
    CHECK(listed.size() == declared.size());
    CHECK(listed.back() == "    &example_skeleton,");
    const std::vector<std::string> built = lines_with(tree / "collectors/CMakeLists.txt", "    example_skeleton.cpp");
    CHECK(built.size() == 1);
}

TEST_CASE("a new check loads, and its cases hold") {
    policies::FileTree files = policies::read_pack_folder(tree / "policies/packs/linux-baseline");
    std::erase_if(files, [](const auto& file) {
        return file.first != "pack.yaml" && file.first.find("example-skeleton") == std::string::npos;
    });
    const policies::Pack pack = policies::load_pack(files, policies::built_in_schemas());
    REQUIRE(pack.find("example-skeleton") != nullptr);
    const policies::CaseReport report = policies::run_cases(pack, files, policies::built_in_schemas());
    for (const policies::CaseFailure& failure : report.failures) UNSCOPED_INFO(failure.text());
    CHECK(report.failures.empty());
    CHECK(report.checks == 1);
}

TEST_CASE("what is there is not written over, and what is no name is refused") {
    CHECK(new_thing("--help") == 0);
    for (const char* words :
         {"", "collector", "collector example_skeleton", "check example-skeleton", "collector ../evil",
          "collector Upper", "collector 'a b'", "check under_score", "check ../../x", "table x"}) {
        INFO(words);
        CHECK(new_thing(words) == 2);
    }
}
