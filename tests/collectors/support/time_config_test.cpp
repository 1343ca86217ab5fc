#include "collectors/support/time_config.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("chrony: directives in any case, comments of four kinds, no end of includes") {
    const auto sources = parse_chrony("/c", "! a\n; b\n# c\n% d\nSERVER one nts\npool two iburst maxsources 4\nallow 10.0.0.0/8\nserver\n"
                                            "refclock SHM 0\n");
    REQUIRE(sources.size() == 3);
    CHECK(sources[0].kind == "server");
    CHECK(sources[0].authenticated);
    CHECK(sources[1].source == "/c:6");
    CHECK(sources[2].address == "shm");
    const ReadTimeFiles endless = [](std::string_view) { return std::vector<std::pair<std::string, std::string>>{{"/c", "include /c\nserver x\n"}}; };
    CHECK(parse_chrony("/c", "include /c\n", endless).size() == 10);
}

TEST_CASE("chrony: the patterns of confdir and sourcedir") {
    std::vector<std::string> asked;
    const ReadTimeFiles read = [&](std::string_view pattern) {
        asked.emplace_back(pattern);
        return std::vector<std::pair<std::string, std::string>>{};
    };
    parse_chrony("/c", "confdir /a /b\nsourcedir /s\ninclude /i/*.conf\n", read);
    CHECK(asked == std::vector<std::string>{"/a/*.conf", "/b/*.conf", "/s/*.sources", "/i/*.conf"});
}

TEST_CASE("ntp: address families, local clocks, comments behind") {
    const auto sources = parse_ntp("/n", "server -6 one iburst # x\nserver 127.127.22.0\n#server two\npool three key 7\n");
    REQUIRE(sources.size() == 3);
    CHECK(sources[0].address == "one");
    CHECK(sources[1].kind == "refclock");
    CHECK(sources[2].authenticated);
}
