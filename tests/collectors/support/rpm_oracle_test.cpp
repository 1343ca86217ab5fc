// What we read of rpm's database is what rpm says of it: packages that rpmbuild made with random names, versions,
// epochs, files, owners and capabilities, installed by rpm into a database of the test's. ANNEXA_TEST_SEED repeats a
// run.
#include "collectors/collected.hpp"
#include "collectors/support/file_capabilities.hpp"
#include "collectors/support/rpm_database.hpp"
#include "collectors/support/rpm_version.hpp"
#include "support/chance.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

class Generator : public tests::Chance {
  public:
    Generator() : Chance{"rpm_oracle_test"} {}

    std::string version() {
        std::string text;
        for (std::size_t i = below(4) + 1; i > 0; --i)
            text +=
                pick({"0", "1", "01", "10", "2", "a", "rc", "z", "1a", "~", "~rc1", "^", "^git1", ".", ".", "_", "+"});
        return text;
    }

    /// One spec file with many packages, and what each needs in the build root.
    std::string spec() {
        std::string head =
            "Name: top\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nVendor: Example\n%description\nx\n";
        std::string install = "%install\n", files;
        for (std::size_t i = 0; i < packages; ++i) {
            const std::string name = "p" + std::to_string(i);
            head += "%package -n " + name + "\nSummary: x\nGroup: " + pick({"System/Base", "Tools"}) + "\n";
            if (of(60)) head += "BuildArch: noarch\n";
            if (of(70))
                head += "Version: " + std::to_string(below(100)) + pick({"", ".1", "~rc1", "^git1", ".a"}) + "\n";
            if (of(30)) head += "Epoch: " + std::to_string(below(5)) + "\n";
            head += "%description -n " + name + "\nx\n";
            files += "%files -n " + name + "\n";
            for (std::size_t j = below(5); j > 0; --j) {
                const std::string path =
                    "/opt/" + name + "/" + pick({"bin", "lib", "etc", "a b"}) + "/f" + std::to_string(j);
                install += "mkdir -p \"$(dirname \"%{buildroot}" + path + "\")\"; echo " + std::to_string(below(1000)) +
                           " > \"%{buildroot}" + path + "\"\n";
                files += "%attr(" + pick({"0755", "4755", "2755", "6711", "0644"}) + "," + pick({"root", "daemon"}) +
                         "," + pick({"root", "mail"}) + ") ";
                if (of(30))
                    files += "%caps(" + pick({"cap_net_raw=ep", "cap_net_admin,cap_net_raw+p", "cap_setuid=i"}) + ") ";
                if (of(30)) files += pick({"%config ", "%config(noreplace) ", "%doc "});
                files += "\"" + path + "\"\n";
            }
        }
        return head + install + files;
    }

    static constexpr std::size_t packages = 60;
};

std::multiset<std::string> lines(const std::string& text) {
    std::multiset<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        all.insert(text.substr(at, end - at));
        at = end == std::string::npos ? text.size() : end + 1;
    }
    return all;
}

/// What is in one and not in the other, so that a failure can be read.
std::vector<std::string> differences(const std::multiset<std::string>& ours, const std::multiset<std::string>& theirs) {
    std::vector<std::string> all;
    std::set_symmetric_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(all));
    return all;
}

std::string octal(std::uint32_t mode) {
    std::string text;
    for (; mode != 0; mode /= 8) text.insert(text.begin(), static_cast<char>('0' + mode % 8));
    return text;
}

}  // namespace

TEST_CASE("rpm's database is read as rpm -qa prints it", "[oracle]") {
    Generator generator;
    INFO("seed " << generator.seed);
    const tests::TemporaryFolder folder;
    const std::string top = folder.path(), root = top + "/root", database = root + "/var/lib/rpm";
    fs::create_directories(database);
    std::ofstream{top + "/x.spec"} << generator.spec();
    const auto built = tests::run({"/usr/bin/rpmbuild", "-bb", "--define", "_topdir " + top + "/top", "--define",
                                   "_binary_payload w1.gzdio", top + "/x.spec"});
    INFO(built.errors);
    REQUIRE(built.exit_status == 0);
    std::vector<std::string> install{"/usr/bin/rpm", "--dbpath",    database,     "-i",          "--justdb",
                                     "--nodeps",     "--noscripts", "--ignoreos", "--ignorearch"};
    for (const auto& entry : fs::recursive_directory_iterator{top + "/top/RPMS"})
        if (entry.path().extension() == ".rpm") install.push_back(entry.path());
    const auto installed = tests::run(install);
    INFO(installed.errors);
    REQUIRE(installed.exit_status == 0);

    std::multiset<std::string> packages, files;
    const auto machine = image_machine(root);
    Host host = machine->host();
    REQUIRE(for_each_rpm_header(host.files, [&](const RpmHeader& header) {
        const RpmPackage package = rpm_package(header);
        packages.insert(package.name + " " + package.full_version() + " " + package.arch + " " +
                        std::to_string(package.size_bytes) + " " + std::to_string(package.install_time) + " " +
                        package.vendor + " " + package.group + " " + package.source_rpm + " " + package.sha1);
        for (const RpmFile& file : rpm_files(header))
            files.insert(file.path + " " + octal(file.mode) + " " + file.user + " " + file.group + " " + file.digest +
                         " " + std::to_string(file.flags) + " " + file.capabilities);
    }));
    const std::vector<std::string> ask{"/usr/bin/rpm", "--dbpath", database, "-qa", "--qf"};
    const auto say = [&](const std::string& format) {
        std::vector<std::string> command = ask;
        command.push_back(format);
        const auto said = tests::run(command);
        REQUIRE(said.exit_status == 0);
        return lines(said.output);
    };
    CHECK(packages.size() == Generator::packages);
    CHECK(differences(
              packages,
              say("%{NAME} %{EVR} %{ARCH} %{SIZE} %{INSTALLTIME} %{VENDOR} %{GROUP} %{SOURCERPM} %{SHA1HEADER}\\n"))
              .empty());
    CHECK_FALSE(files.empty());
    // a capability is printed as it was written, and (none) where the package has none at all
    std::multiset<std::string> theirs;
    for (const std::string& line : say("[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME} %{FILEGROUPNAME} "
                                       "%{FILEDIGESTS} %{FILEFLAGS} |%{FILECAPS}\\n]")) {
        const std::size_t bar = line.find('|');
        const std::string said = line.substr(bar + 1);
        theirs.insert(line.substr(0, bar) + (said == "(none)" ? "" : normal_capabilities(said)));
    }
    CHECK(differences(files, theirs) == std::vector<std::string>{});
}

TEST_CASE("versions compare as rpm compares them", "[oracle]") {
    Generator generator;
    std::vector<std::pair<std::string, std::string>> pairs;
    std::string script;
    for (int i = 0; i < 1000; ++i) {
        pairs.emplace_back(generator.version(), generator.version());
        script += "print(rpm.vercmp('" + pairs.back().first + "', '" + pairs.back().second + "') .. '\\n')\n";
    }
    const auto said = tests::run({"/usr/bin/rpm", "--eval", "%{lua:" + script + "}"});
    REQUIRE(said.exit_status == 0);
    std::size_t at = 0;
    for (const auto& [a, b] : pairs) {
        const std::size_t end = said.output.find('\n', at);
        REQUIRE(end != std::string::npos);
        const int theirs = std::stoi(said.output.substr(at, end - at));
        at = end + 1;
        const int ours = compare_rpm_segments(a, b);
        INFO("seed " << generator.seed << ": " << a << " and " << b);
        CHECK((ours > 0) - (ours < 0) == theirs);
    }
    CHECK(compare_rpm_versions("1:1.0-1", "2.0-1") > 0);
    CHECK(compare_rpm_versions("0:1.0-2", "1.0-1") > 0);
    CHECK(compare_rpm_versions("1.0-1.el9", "1.0-1.el9") == 0);
}
