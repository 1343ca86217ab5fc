// What apt itself says of the same root, and that nothing of an image's apt configuration is obeyed.
#include "collectors/collected.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

const Collector& package_updates() {
    for (const Collector* collector : all_collectors())
        if (collector->name == "package_updates") return *collector;
    FAIL("there is no collector package_updates");
    std::abort();
}

// path → size, to see what a scan leaves behind
std::map<std::string, std::uintmax_t> contents(const fs::path& folder) {
    std::map<std::string, std::uintmax_t> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        found[entry.path().string()] = entry.is_regular_file() ? entry.file_size() : 0;
    return found;
}

fs::path case_folder(const char* name) {
    return fs::path{ANNEXA_SOURCE_DIR} / "tests/collectors/package_updates" / name;
}

using Versions = std::map<std::string, std::pair<std::string, std::string>>;

// "Inst nano [7.2-1] (7.2-1+deb12u1 Debian:stable [amd64])"
Versions simulated_upgrade(const fs::path& root) {
    const std::string r = root.string();
    std::istringstream lines{
        tests::shell("apt-get -s dist-upgrade -o Dir=" + r + " -o Dir::State::status=" + r +
                     "/var/lib/dpkg/status -o Dir::Etc::main=/dev/null -o Dir::Etc::parts=/dev/null"
                     " -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1"
                     " -o APT::Architecture=amd64 -o APT::Architectures::=amd64 2>&1")};
    Versions found;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string inst, name, from, to;
        words >> inst >> name >> from >> to;
        if (inst != "Inst") continue;
        from = from.substr(1, from.size() - 2);
        to = to.substr(1);
        if (from != to) found[name] = {from, to};  // the same version built again is no newer one
    }
    return found;
}

Versions of_table(const Collected& result) {
    Versions found;
    for (const auto& row : result.tables.at(0).rows)
        if (std::get<std::string>(row[3]) != std::get<std::string>(row[4]) && !std::get<bool>(row[7]))
            found[std::get<std::string>(row[0])] = {std::get<std::string>(row[3]), std::get<std::string>(row[4])};
    return found;
}

}  // namespace

TEST_CASE("package_updates: apt would install what the table says", "[oracle]") {
    if (!fs::exists("/usr/bin/apt-get")) return;
    const auto name = GENERATE("security-and-ordinary", "held-and-pinned", "point-release-overtakes", "missing-index",
                               "empty-index", "nothing-waits");
    const tests::TemporaryFolder folder;
    fs::copy(case_folder(name) / "root", folder.path(), fs::copy_options::recursive);
    for (const char* needed : {"var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "etc/apt/preferences.d",
                               "etc/apt/sources.list.d"})
        fs::create_directories(folder.path() / needed);
    INFO(name);
    const Collected result = collect_here(package_updates(), *image_machine(folder.path().string()));
    REQUIRE(result.outcome == Outcome::ok);
    CHECK(of_table(result) == simulated_upgrade(folder.path()));
}

TEST_CASE("package_updates: an image's configuration starts nothing, and a scan leaves it as it was") {
    const tests::TemporaryFolder folder;
    const fs::path root = folder.path() / "root";
    const fs::path marker = folder.path() / "ran";
    fs::copy(case_folder("programs-in-configuration") / "root", root, fs::copy_options::recursive);
    const fs::path program = root / "evil";
    std::ofstream{program} << "#!/bin/sh\ntouch " << marker.string() << "\n";
    fs::permissions(program, fs::perms::owner_all);
    std::ofstream{root / "etc/apt/apt.conf"}
        << "Dir::Bin::dpkg \"" << program.string() << "\";\nDir::Bin::apt-key \"" << program.string()
        << "\";\nAPT::Update::Pre-Invoke:: \"" << program.string() << "\";\nDPkg::Pre-Invoke:: \"" << program.string()
        << "\";\nDir::Cache \"" << root.string() << "/var/cache/apt\";\nAPT::Compressor::lz4::Binary \""
        << program.string() << "\";\n";
    fs::create_directories(root / "var/cache/apt");
    const auto before = contents(root);
    const Collected result = collect_here(package_updates(), *image_machine(root.string()));
    CHECK(result.outcome == Outcome::ok);
    CHECK(result.tables.at(0).rows.size() == 3);
    CHECK_FALSE(fs::exists(marker));
    CHECK(contents(root) == before);
}

TEST_CASE("package_updates: a link in an image does not lead to the files of the machine that scans") {
    const tests::TemporaryFolder folder;
    const fs::path root = folder.path() / "root";
    fs::copy(case_folder("security-and-ordinary") / "root", root, fs::copy_options::recursive);
    const fs::path outside = folder.path() / "outside";
    fs::rename(root / "etc/apt/sources.list", outside);
    fs::create_symlink(outside, root / "etc/apt/sources.list");
    const Collected result = collect_here(package_updates(), *image_machine(root.string()));
    REQUIRE(result.outcome == Outcome::ok);
    CHECK(result.tables.at(1).rows.empty());
}
