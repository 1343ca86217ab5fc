#include "collectors/support/apt_config.hpp"

#include "collectors/host.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

namespace {

AptConfig config_of(std::string_view text) {
    AptConfig config;
    config.apply("/etc/apt/apt.conf", text);
    return config;
}

std::vector<std::string> values(const AptConfig& config, std::string_view name) {
    std::vector<std::string> texts;
    for (const auto& member : config.list(name)) texts.push_back(member.value);
    return texts;
}

}  // namespace

TEST_CASE("apt.conf: one setting, however it is written") {
    const auto text = GENERATE(
        "APT::Periodic::Unattended-Upgrade \"1\";", "APT { Periodic { Unattended-Upgrade \"1\"; }; };",
        "APT::Periodic {\n  Unattended-Upgrade\n \"1\"\n;\n}", "apt::periodic::UNATTENDED-upgrade 1;",
        "APT::Periodic::Unattended-Upgrade \"0\";\nAPT::Periodic::Unattended-Upgrade \"1\";",
        "// a comment\nAPT::Periodic::Unattended-Upgrade \"1\"; # another\n/* and\n one */",
        "/* APT::Periodic::Unattended-Upgrade \"0\"; */ APT::Periodic::Unattended-Upgrade \"1\";",
        "APT::Periodic{Unattended-Upgrade \"1\";Verbose \"2\";}", "\tAPT::Periodic::Unattended-Upgrade\t\"1\"\t;");
    INFO(text);
    CHECK(config_of(text).value("APT::Periodic::Unattended-Upgrade") == "1");
}

TEST_CASE("apt.conf: comment signs within quotes are text") {
    const AptConfig config = config_of("A::B \"http://x/#/*y*/\"; // \"\nA::C \"2\";");
    CHECK(config.value("A::B") == "http://x/#/*y*/");
    CHECK(config.value("A::C") == "2");
}

TEST_CASE("apt.conf: lists append, and #clear empties what stood before") {
    const AptConfig config = config_of("U::Origins { \"a\"; \"b:c\"; };\nU::Origins:: \"d\";\nU { Origins:: \"e\"; };\n");
    CHECK(values(config, "U::Origins") == std::vector<std::string>{"a", "b:c", "d", "e"});
    const AptConfig cleared = config_of("U::Origins { \"a\"; };\n#clear U::Origins;\nU::Origins:: \"z\";");
    CHECK(values(cleared, "U::Origins") == std::vector<std::string>{"z"});
}

TEST_CASE("apt.conf: names the line that decided") {
    const AptConfig config = config_of("\nA \"1\";\nB {\n  C \"2\";\n};\n");
    REQUIRE(config.find("B::C"));
    CHECK(config.find("B::C")->source == "/etc/apt/apt.conf:4");
    CHECK_FALSE(config.find("B"));
}

TEST_CASE("apt.conf: what apt refuses is refused with its line") {
    const auto [text, where] = GENERATE(table<std::string, std::string>({
        {"A \"1\"", "extra text at the end"},
        {"\n{ A \"1\"; };", ":2: a block begins without a name"},
        {"A \"1\" \"2\" x;", ":1: extra text after the value"},
        {"A { #clear B; };", "top level only"},
        {"#clear;", "#clear needs"},
        {"A::B \"never closed;\n", "extra text at the end"},
    }));
    INFO(text);
    CHECK_THROWS_WITH(config_of(text), Catch::Contains(where));
}

TEST_CASE("apt.conf: includes are applied in place, and not without end") {
    AptConfig config;
    config.apply("/a", "X \"1\";\n#include \"/b\";\nZ \"3\";\n", [](std::string_view path) {
        CHECK(path == "/b");
        return std::vector<std::pair<std::string, std::string>>{{"/b", "X \"2\"; Z \"0\";"}};
    });
    CHECK(config.value("X") == "2");
    CHECK(config.value("Z") == "3");
    AptConfig endless;
    CHECK_THROWS_WITH(endless.apply("/a", "#include /a;",
                                    [](std::string_view) {
                                        return std::vector<std::pair<std::string, std::string>>{{"/a", "#include /a;"}};
                                    }),
                      Catch::Contains("too many nested includes"));
}

TEST_CASE("apt.conf: words for yes and no") {
    CHECK(apt_boolean("true") == true);
    CHECK(apt_boolean("Yes") == true);
    CHECK(apt_boolean("2") == true);
    CHECK(apt_boolean("0") == false);
    CHECK(apt_boolean("disable") == false);
    CHECK_FALSE(apt_boolean("maybe"));
    CHECK(config_of("A \"maybe\";").boolean("A", true));
    CHECK(config_of("A \"7d\";").number("A", 0) == 7);
}

TEST_CASE("apt.conf.d: apt reads plain names without an extension or with .conf") {
    CHECK(apt_part_names({"20auto", "10x.conf", "50y.conf.dpkg-old", ".hidden", "30z~", "40 w"}, "conf", true) ==
          std::vector<std::string>{"10x.conf", "20auto"});
}
