#include "collectors/support/systemd_config.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("systemd's configuration: sections, comments, continued lines, resets") {
    const auto settings = parse_systemd_config("/c", "# x\n; y\n[Journal]\nStorage = persistent \nnot a setting\n"
                                                     "Long=a \\\n# comment between\n  b\n[Time]\nNTP=one two\nNTP=\nNTP=three\n"
                                                     "Storage=none\n");
    REQUIRE(last_setting(settings, "Journal", "Storage"));
    CHECK(last_setting(settings, "Journal", "Storage")->value == "persistent");
    CHECK(last_setting(settings, "Journal", "Storage")->source == "/c:4");
    CHECK(last_setting(settings, "Journal", "Long")->value == "a    b");
    const auto servers = list_setting(settings, "Time", "NTP");
    REQUIRE(servers.size() == 1);
    CHECK(servers[0].value == "three");
    CHECK(servers[0].source == "/c:12");
    CHECK_FALSE(last_setting(settings, "Journal", "storage"));
}

TEST_CASE("an empty value returns a setting to its default") {
    CHECK_FALSE(last_setting(parse_systemd_config("/c", "[J]\nA=1\nA=\n"), "J", "A"));
}

TEST_CASE("sizes and time spans as systemd reads them") {
    CHECK(systemd_size_bytes("500M") == std::int64_t{500} << 20);
    CHECK(systemd_size_bytes("1G 512M") == std::int64_t{1536} << 20);
    CHECK(systemd_size_bytes("1.5K") == 1536);
    CHECK(systemd_size_bytes("4096") == 4096);
    CHECK_FALSE(systemd_size_bytes(""));
    CHECK_FALSE(systemd_size_bytes("5 MB"));
    CHECK_FALSE(systemd_size_bytes("infinite"));
    CHECK(systemd_seconds("90") == 90);
    CHECK(systemd_seconds("2h 30min") == 9000);
    CHECK(systemd_seconds("1month") == 2629800);
    CHECK_FALSE(systemd_seconds("soon"));
    CHECK(systemd_boolean("On") == true);
    CHECK(systemd_boolean("f") == false);
    CHECK_FALSE(systemd_boolean("2"));
}
