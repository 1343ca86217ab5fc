// The corners of sudoers(5) one by one: what is taken, how it is read, and where an error is said to be.
#include "collectors/support/sudoers_grammar.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;
using namespace annexa::collectors::sudoers;

namespace {

Policy read(const std::string& text) {
    return *read_policy({.file = [&](std::string_view path) -> std::optional<File> {
                             if (path == "/etc/sudoers") return File{std::string{path}, text};
                             return std::nullopt;
                         },
                         .folder = [](std::string_view) { return std::nullopt; },
                         .host_name = [] { return std::string{"host"}; }},
                        "/etc/sudoers");
}

const CommandSpec& first_command(const Policy& policy) { return policy.users.at(0).privileges.at(0).commands.at(0); }

}  // namespace

TEST_CASE("commands and their arguments are read as sudo keeps them") {
    const std::pair<std::string, std::string> table[] = {
        {"/bin/ls", "/bin/ls"},
        {"/bin/ls \"\"", "/bin/ls \"\""},
        {"/bin/x a\\,b  c", "/bin/x a,b c"},
        {"/bin/x a=b", "/bin/x a=b"},
        {"/bin/x a\\:b", "/bin/x a:b"},
        {"/bin/x \\*\\?", "/bin/x \\*\\?"},
        {"/bin/a\\ b c", "/bin/a b c"},
        {"/bin/x \\\n  y", "/bin/x y"},
        {"/bin/x # comment", "/bin/x"},
        {"/usr/bin/sudoedit /etc/x", "sudoedit /etc/x"},
        {"/usr/lib/", "/usr/lib/"},
        {"^/bin/[a-z]+$ ^-x, y$", "^/bin/[a-z]+$ ^-x, y$"},
        {"sha224:118187da8364d490b4a7debbf483004e8f3e053ec954309de2c41a25 !/bin/ls",
         "sha224:118187da8364d490b4a7debbf483004e8f3e053ec954309de2c41a25 !/bin/ls"},
    };
    for (const auto& [written, expected] : table) {
        INFO(written);
        CHECK(to_text(first_command(read("a ALL = " + written + "\n")).command) == expected);
    }
}

TEST_CASE("an error names file and line") {
    const std::pair<std::string, std::string> table[] = {
        {"root ALL=(ALL ALL\n", "/etc/sudoers:1: expected )"},
        {"root ALL=ALL\nbob\n", "/etc/sudoers:2: expected a host, an address, a +netgroup or an alias"},
        {"User_Alias x = a\n", "/etc/sudoers:1: expected the name of an alias in capitals"},
        {"User_Alias X = a\nUser_Alias X = b\n", "/etc/sudoers:2: expected an alias that is not defined yet, not X"},
        {"a ALL=ls\n", "/etc/sudoers:1: expected a command with its full path, sudoedit, ALL or an alias"},
        {"a ALL=TIMEOUT=soon ALL\n", "/etc/sudoers:1: expected a valid value of TIMEOUT"},
        {"a ALL=/bin/x a\\n\n", "/etc/sudoers:1: unexpected \\ in the arguments of a command"},
        {"\"open ALL=ALL\n", "/etc/sudoers:1: unexpected line break in string"},
        {"% ALL=ALL\n", "/etc/sudoers:1: empty group"},
        {"a \\\n Defaults ALL=ALL\n", "/etc/sudoers:2: invalid line continuation"},
        {"Defaults 5x\n", "/etc/sudoers:1: expected a parameter of Defaults"},
        {"@include /etc/none\n", "/etc/sudoers:1: /etc/none: No such file or directory"},
    };
    for (const auto& [text, message] : table) {
        INFO(text);
        CHECK_THROWS_WITH(read(text), message);
    }
}

TEST_CASE("tags, options and runas hold until they are said anew") {
    const Policy policy =
        read("a ALL=(b) CWD=/tmp NOPASSWD: /bin/1, SETENV: /bin/2, (c) PASSWD: /bin/3 : ALL = /bin/4\n");
    const auto& commands = policy.users.at(0).privileges.at(0).commands;
    REQUIRE(commands.size() == 3);
    CHECK(commands[1].tags == std::map<std::string, bool>{{"PASSWD", false}, {"SETENV", true}});
    CHECK(commands[1].options.at("CWD") == "/tmp");
    CHECK(to_text(commands[1].runas_users) == "b");
    CHECK(commands[2].tags.at("PASSWD"));
    CHECK(to_text(commands[2].runas_users) == "c");
    CHECK(policy.users.at(0).privileges.at(1).commands.at(0).tags.empty());
}

TEST_CASE("an alias in a circle ends") {
    const Policy policy = read("User_Alias A = B, x\nUser_Alias B = A, y\nA ALL=ALL\n");
    CHECK(to_text(expanded(policy, AliasKind::user, policy.users.at(0).users)) == "y, x");
}
