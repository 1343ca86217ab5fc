// Files of the system that programs of the system read: what findmnt and getent make of hundreds of
// made-up ones is what we make of them. The seed is printed; ANNEXA_TEST_SEED repeats a run.
#include "collectors/machine.hpp"
#include "collectors/support/account_files.hpp"
#include "collectors/support/mountinfo.hpp"
#include "support/chance.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <filesystem>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

TEST_CASE("fstab is read as findmnt reads it", "[oracle]") {
    if (!fs::exists("/usr/bin/findmnt")) {
        WARN("findmnt is not here");
        return;
    }
    tests::Chance chance{"system_oracles_test"};
    const tests::TemporaryFolder folder;
    for (int round = 0; round < 100; ++round) {
        std::string text;
        for (std::size_t line = chance.below(8) + 1; line > 0; --line) {
            if (chance.of(15)) text += chance.pick({"# comment\n", "\n", "   \t\n", "  # indented\n"});
            const auto gap = [&] { return chance.pick({" ", "\t", "   ", " \t "}); };
            text += chance.pick({"/dev/sda1", "UUID=1-2", "LABEL=my\\040disk", "tmpfs", "nas:/x", "/dev/mapper/a-b"}) +
                    gap() + chance.pick({"/", "/home", "/mnt/with\\040space", "/a\\134b", "none", "/tab\\011x"}) +
                    gap() + chance.pick({"ext4", "xfs", "tmpfs", "nfs4", "swap"}) + gap() +
                    chance.pick({"defaults", "rw,nosuid,nodev", "noexec", "x-systemd.automount,ro", "uid=0,mode=1777"});
            if (chance.of(70)) text += gap() + chance.pick({"0 0", "0\t1", "1 2"});
            text += "\n";
        }
        const std::string path = folder.write("fstab", text);
        const auto said = tests::run(
            {"/usr/bin/findmnt", "-J", "-l", "--fstab", "--tab-file", path, "-o", "SOURCE,TARGET,FSTYPE,OPTIONS"});
        INFO("seed " << chance.seed << ", round " << round << "\n" << text << said.output << said.errors);
        REQUIRE(said.exit_status == 0);
        std::vector<std::string> theirs, ours;
        const auto text_of = [](const nlohmann::json& value) {
            return value.is_string() ? value.get<std::string>() : "";
        };
        const auto listed = nlohmann::json::parse(said.output);
        for (const auto& each : listed.at("filesystems"))
            theirs.push_back(text_of(each["source"]) + "|" + text_of(each["target"]) + "|" + text_of(each["fstype"]) +
                             "|" + text_of(each["options"]));
        for (const FstabEntry& each : parse_fstab(text))
            ours.push_back(each.device + "|" + each.path + "|" + each.type + "|" + each.options);
        CHECK(ours == theirs);
    }
}

TEST_CASE("accounts are read as getent reads them", "[oracle]") {
    if (::geteuid() != 0 || !fs::exists("/usr/bin/unshare") ||
        tests::run({"/usr/bin/unshare", "-m", "/bin/true"}).exit_status != 0) {
        WARN("no mount namespace can be made here");
        return;
    }
    tests::Chance chance{"system_oracles_test"};
    const tests::TemporaryFolder folder;
    for (int round = 0; round < 60; ++round) {
        std::string text = "root:x:0:0:root:/root:/bin/bash\n";
        for (std::size_t line = 0; line < chance.below(20); ++line) {
            if (chance.of(10)) text += chance.pick({"\n", "# comment\n", "  \n"});
            text += chance.pick({"", "", "  "}) + chance.pick({"a", "b-c", "d.e", "f_g$", "h\xc3\xa9"}) +
                    std::to_string(line) + ":" + chance.pick({"x", "", "*", "!"}) + ":" +
                    chance.pick({"0", "1000", "4294967294", "007"}) + ":" + chance.pick({"0", "100", "65534"});
            const std::string rest[] = {":", "gecos, with commas", ":", "/home/x y", ":", "/bin/sh"};
            for (std::size_t i = 0, end = chance.of(80) ? 6 : chance.below(6); i < end; ++i) text += rest[i];
            text += "\n";
        }
        const std::string path = folder.write("passwd", text);
        const auto said = tests::run({"/usr/bin/unshare", "-m", "/bin/sh", "-c",
                                      "mount --bind " + path + " /etc/passwd && exec getent -s files passwd"});
        INFO("seed " << chance.seed << ", round " << round << "\n" << text << "\n" << said.output << said.errors);
        std::string ours;
        for (const PasswdEntry& each : parse_passwd(File{"/etc/passwd", text}))
            ours += each.name + ":" + std::to_string(each.uid) + ":" + std::to_string(each.gid) + ":" + each.directory +
                    ":" + each.shell + "\n";
        std::string theirs;
        for (std::size_t at = 0; at < said.output.size();) {
            const std::size_t end = said.output.find('\n', at);
            std::vector<std::string> fields(1);
            for (const char c : said.output.substr(at, end - at)) {
                if (c == ':')
                    fields.emplace_back();
                else
                    fields.back() += c;
            }
            REQUIRE(fields.size() == 7);
            theirs += fields[0] + ":" + fields[2] + ":" + fields[3] + ":" + fields[5] + ":" + fields[6] + "\n";
            at = end + 1;
        }
        CHECK(ours == theirs);
    }
}
