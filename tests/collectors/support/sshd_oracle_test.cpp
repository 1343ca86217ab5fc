// Hundreds of made-up sshd_config files, with includes and Match blocks: what `sshd -T` refuses we refuse, and else
// every value of ours is sshd's. The seed is printed; ANNEXA_TEST_SEED repeats a run. Host keys are made for the test.
#include "collectors/support/sshd_config.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <glob.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

using namespace annexa;
using namespace annexa::collectors;

namespace {

std::string whole(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class Generator {
  public:
    Generator(std::uint64_t seed, std::string folder) : random_{seed}, folder_{std::move(folder)} {}

    // The file and what it includes, written below the folder.
    std::string write() {
        for (const char* const name : {"a.conf", "b.conf", "c.skip"})
            std::ofstream{folder_ + "/" + name} << body(below(4), true);
        const std::string path = folder_ + "/sshd_config";
        std::ofstream{path} << "HostKey " << folder_ << "/key\n" << body(below(8) + 1, false);
        return path;
    }

  private:
    std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_); }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <std::size_t N>
    std::string pick(const char* const (&choices)[N]) {
        return choices[below(N)];
    }

    std::string body(std::size_t lines, bool included) {
        std::string text;
        bool inside = false;
        for (; lines > 0; --lines) {
            if (chance(20)) {
                text += pick({"Match User alice\n", "match user bob\n", "Match all\n",
                              "Match User alice,carol Address 10.0.0.*\n", "Match Address 192.168.0.0/16\n",
                              "Match User=alice\n", "  Match  User  bob # not alice\n"});
                inside = true;
            } else if (!included && chance(20)) {
                text += pick({"Include ", "include  "}) + folder_ + pick({"/a.conf", "/*.conf", "/b.conf "}) +
                        (chance(20) ? " " + folder_ + "/a.conf" : "") + "\n";
            } else {
                text += line(inside || included);
            }
        }
        return text;
    }
    std::string line(bool inside) {
        const std::string keyword = inside || chance(50) ? in_match() : outside();
        const auto gap = keyword.find(' ');
        std::string name = keyword.substr(0, gap);
        if (chance(20))
            for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        std::string value = keyword.substr(gap + 1);
        if (chance(10) && value.find_first_of(" \"\\") == std::string::npos) value = "\"" + value + "\"";
        return pick({"", "", " ", "\t"}) + name + pick({" ", " ", "  ", "\t", "=", " = "}) + value +
               pick({"", "", " ", "\t", " # comment", " #", "\r"}) + "\n";
    }
    std::string in_match() {
        if (chance(3))
            return pick({"PermitRootLogin maybe", "NoSuchSetting yes", "MaxAuthTries many", "ClientAliveInterval 5y",
                         "PasswordAuthentication yes no", "LogLevel loud", "Banner \"open"});
        return pick({"PermitRootLogin yes",
                     "PermitRootLogin no",
                     "PermitRootLogin prohibit-password",
                     "PermitRootLogin forced-commands-only",
                     "PasswordAuthentication no",
                     "PasswordAuthentication yes",
                     "KbdInteractiveAuthentication no",
                     "PermitEmptyPasswords yes",
                     "AuthenticationMethods publickey,password publickey",
                     "AuthenticationMethods publickey",
                     "MaxAuthTries 3",
                     "MaxSessions 7",
                     "ClientAliveInterval 5m",
                     "ClientAliveInterval 1h30m5",
                     "ClientAliveCountMax 0",
                     "X11Forwarding yes",
                     "AllowTcpForwarding all",
                     "AllowTcpForwarding local",
                     "GatewayPorts clientspecified",
                     "AllowUsers alice bob@10.*",
                     "AllowUsers \"carol d\"",
                     "DenyUsers mallory",
                     "AllowGroups staff wheel",
                     "DenyGroups guests",
                     "AcceptEnv LANG LC_*",
                     "AuthorizedKeysFile /etc/k/%u .ssh/a",
                     "AuthorizedKeysFile none",
                     "Banner /etc/issue",
                     "Banner none",
                     "ForceCommand internal-sftp -d /x",
                     "ForceCommand echo \"hi there\"",
                     "ChrootDirectory %h",
                     "HostbasedAuthentication yes",
                     "IgnoreRhosts no",
                     "LogLevel VERBOSE",
                     "LogLevel debug1",
                     "PermitTTY no",
                     "PermitTunnel ethernet",
                     "RekeyLimit 1G 1h",
                     "RekeyLimit default none",
                     "RekeyLimit 512M",
                     "DisableForwarding yes",
                     "StreamLocalBindMask 0111",
                     "RequiredRSASize 2048",
                     "PubkeyAcceptedAlgorithms -ssh-ed25519",
                     "PubkeyAcceptedKeyTypes +ssh-rsa",
                     "TrustedUserCAKeys /etc/ca",
                     "PermitOpen host:22 [::1]:80",
                     "PermitListen none",
                     "ExposeAuthInfo yes",
                     "AuthorizedPrincipalsFile .ssh/p",
                     "AuthorizedKeysCommandUser nobody"});
    }
    std::string outside() {
        return pick({"Port 2222",
                     "Port 22",
                     "UsePAM yes",
                     "UsePAM no",
                     "LoginGraceTime 1m30s",
                     "LoginGraceTime 0",
                     "SyslogFacility local3",
                     "Ciphers +aes128-cbc",
                     "Ciphers -aes*-ctr,chacha*",
                     "Ciphers aes256-ctr",
                     "Ciphers ^3des-cbc",
                     "MACs -*sha1*",
                     "MACs hmac-sha2-512,hmac-sha1",
                     "MACs +hmac-md5*",
                     "KexAlgorithms ^diffie-hellman-group14-sha1",
                     "KexAlgorithms -*nistp*",
                     "KexAlgorithms curve25519-sha256",
                     "HostKeyAlgorithms +ssh-rsa",
                     "HostKeyAlgorithms ssh-ed25519",
                     "CASignatureAlgorithms ^ssh-rsa",
                     "HostbasedAcceptedAlgorithms ssh-ed25519",
                     "MaxStartups 5",
                     "MaxStartups 3:50:10",
                     "StrictModes no",
                     "PermitUserEnvironment yes",
                     "PermitUserEnvironment LANG,LC_*",
                     "Compression delayed",
                     "Compression no",
                     "TCPKeepAlive no",
                     "VersionAddendum a b",
                     "UseDNS yes",
                     "PrintMotd no",
                     "ChallengeResponseAuthentication no",
                     "Protocol 2",
                     "UsePrivilegeSeparation sandbox",
                     "KeepAlive no",
                     "IgnoreUserKnownHosts yes",
                     "AddressFamily inet",
                     "SkeyAuthentication no",
                     "GSSAPIAuthentication yes",
                     "KerberosAuthentication no"});
    }

    std::mt19937_64 random_;
    std::string folder_;
};

using Values = std::map<std::string, std::vector<std::string>>;

std::string text_of(const std::vector<std::string>& values) {
    std::string text;
    for (const auto& value : values) text += "[" + value + "]";
    return text;
}

tests::ProgramResult ask(const std::string& path, const std::string& connection) {
    std::vector<std::string> command{"/usr/sbin/sshd", "-T", "-f", path};
    if (!connection.empty()) command.insert(command.end(), {"-C", connection});
    // As root sshd wants /run/sshd, which a test does not make either.
    if (geteuid() == 0) {
        const std::vector<std::string> other{"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
        command.insert(command.begin(), other.begin(), other.end());
    }
    return tests::run(command);
}

// The blocks that a connection as alice from 10.0.0.1 matches, of the criteria that the generator knows.
std::vector<std::size_t> blocks_of_alice(const sshd::Config& config) {
    std::vector<std::size_t> matching;
    for (std::size_t i = 1; i < config.blocks.size(); ++i) {
        const auto own = [&](std::size_t block) {
            const std::string& text = config.blocks[block].criteria;
            const auto last = text.rfind(" and ");
            const std::string criteria = last == std::string::npos ? text : text.substr(last + 5);
            return criteria == "all" || criteria == "User alice" || criteria == "User alice,carol Address 10.0.0.*";
        };
        bool all = true;
        for (std::size_t block = i; block != 0; block = config.blocks[block].parent) all = all && own(block);
        if (all) matching.push_back(i);
    }
    return matching;
}

}  // namespace

TEST_CASE("sshd_config is read as sshd -T reads it", "[oracle]") {
    if (!std::filesystem::exists("/usr/sbin/sshd")) FAIL("install the package openssh-server: this test asks sshd -T");
    const std::uint64_t seed = tests::seed();
    std::cout << "sshd oracle: ANNEXA_TEST_SEED=" << seed << "\n";
    const tests::TemporaryFolder temporary;
    const std::string folder = temporary.path();
    std::filesystem::permissions(folder, std::filesystem::perms{0755});
    REQUIRE(tests::run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/key"}).exit_status ==
            0);
    if (geteuid() == 0) std::filesystem::permissions(folder + "/key", std::filesystem::perms{0644});
    const auto version = tests::run({"/usr/sbin/sshd", "-V"});
    const auto release = sshd::parse_release(version.errors);
    REQUIRE(release);

    const sshd::Reader reader{.file = [](std::string_view path) -> std::optional<File> {
                                  const std::string name{path};
                                  if (!std::filesystem::exists(name)) return std::nullopt;
                                  return File{name, whole(name)};
                              },
                              .glob =
                                  [](std::string_view pattern) {
                                      std::vector<std::string> paths;
                                      glob_t found{};
                                      if (::glob(std::string{pattern}.c_str(), 0, nullptr, &found) == 0)
                                          for (std::size_t i = 0; i < found.gl_pathc; ++i)
                                              paths.emplace_back(found.gl_pathv[i]);
                                      globfree(&found);
                                      return paths;
                                  }};
    int accepted = 0;
    constexpr int files = 200;
    for (int number = 0; number < files; ++number) {
        const std::string path = Generator{seed + static_cast<std::uint64_t>(number), folder}.write();
        for (const std::string& connection : {std::string{}, std::string{"user=alice,host=h,addr=10.0.0.1"}}) {
            const auto theirs = ask(path, connection);
            std::optional<sshd::Config> config;
            std::string refusal;
            try {
                config = sshd::read_config(reader, path, *release);
            } catch (const host_error& error) {
                refusal = error.what();
            }
            INFO("file " << number << " " << connection << ":\n"
                         << whole(path) << "\na.conf:\n"
                         << whole(folder + "/a.conf") << "\nb.conf:\n"
                         << whole(folder + "/b.conf") << "\nsshd: " << theirs.errors << "\nours: " << refusal);
            REQUIRE(config.has_value() == (theirs.exit_status == 0));
            if (!config) continue;
            ++accepted;
            Values ours, expected, shared;
            for (const auto& row : sshd::effective(
                     *config, *release, connection.empty() ? std::vector<std::size_t>{} : blocks_of_alice(*config)))
                ours[row.name].push_back(row.value);
            for (const auto& [name, value] : sshd::parse_dump(theirs.output)) expected[name].push_back(value);
            for (const auto& [name, values] : expected)
                if (ours.contains(name)) shared[name] = values;
            REQUIRE(ours.size() > 60);
            std::string difference;
            for (const auto& [name, values] : ours)
                if (values != shared[name])
                    difference += name + ": ours " + text_of(values) + ", sshd's " + text_of(shared[name]) + "\n";
            REQUIRE(difference == "");
        }
    }
    std::cout << "sshd oracle: " << accepted << " of " << 2 * files << " readings accepted by both\n";
    CHECK(accepted > files / 2);
    CHECK(accepted < 2 * files);
}
