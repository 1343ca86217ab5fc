// What systemd-sysctl makes of made-up files of sysctl.d in a network namespace of its own is what we make of them. The
// seed is printed; ANNEXA_TEST_SEED repeats a run.
#include "collectors/machine.hpp"
#include "collectors/support/sysctl_config.hpp"
#include "support/chance.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <sstream>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

TEST_CASE("sysctl.d is applied as systemd-sysctl applies it", "[oracle]") {
    const char* program = fs::exists("/usr/lib/systemd/systemd-sysctl") ? "/usr/lib/systemd/systemd-sysctl"
                                                                        : "/lib/systemd/systemd-sysctl";
    if (::geteuid() != 0 || !fs::exists(program) ||
        tests::run({"/usr/bin/unshare", "-n", "/bin/true"}).exit_status != 0) {
        WARN("no network namespace can be made here");
        return;
    }
    tests::Chance chance{"sysctl_oracle_test"};
    const tests::TemporaryFolder folder;
    // Not what becomes of lo: what is written to default the kernel may copy to interfaces, also to one written before.
    constexpr const char* scopes[] = {"all", "default"};
    constexpr const char* names[] = {"rp_filter", "accept_redirects", "send_redirects", "accept_source_route",
                                     "log_martians"};
    std::string before = "for s in all default; do for n in";
    for (const char* name : names) before += std::string{" "} + name;
    before += "; do printf '%s ' $(cat /proc/sys/net/ipv4/conf/$s/$n); done; done; echo";
    for (int round = 0; round < 60; ++round) {
        std::string command = before + "; " + program;
        SysctlConfig config;
        for (std::size_t number = 0; number < 3; ++number) {
            std::string text;
            for (std::size_t line = chance.below(6); line > 0; --line) {
                const std::string dot = chance.of(30) ? "/" : ".";
                const std::string scope = chance.pick({"all", "default", "lo", "*"});
                const std::string prefix = chance.pick({"", "", "-", "  "});
                text += prefix + "net" + dot + "ipv4" + dot + "conf" + dot + scope + dot + names[chance.below(5)];
                if (prefix != "-" || !chance.of(30))  // without a value it takes the key out of globs
                    text += chance.pick({" = ", "=", " =", "= "}) + chance.pick({"0", "1"});
                text += "\n";
                if (chance.of(20)) text += chance.pick({"# comment\n", "; comment\n", "\n"});
            }
            const std::string path = folder.write(std::to_string(number) + ".conf", text);
            config.add(File{path, text});
            command += " " + path;
        }
        const auto said = tests::run({"/usr/bin/unshare", "-n", "/bin/sh", "-c", command + "; " + before});
        INFO("seed " << chance.seed << ", round " << round << "\n" << command << "\n" << said.output << said.errors);
        std::istringstream lines{said.output};
        std::string first, last;
        std::getline(lines, first);
        std::getline(lines, last);
        std::istringstream old_values{first}, new_values{last};
        for (const char* scope : scopes)
            for (const char* name : names) {
                std::string was, is;
                REQUIRE((old_values >> was));
                REQUIRE((new_values >> is));
                const SysctlOption* option = config.find(std::string{"net/ipv4/conf/"} + scope + "/" + name);
                INFO(scope << " " << name);
                CHECK((option == nullptr || !option->value ? was : *option->value) == is);
            }
    }
}
