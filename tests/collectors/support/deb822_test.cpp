#include "collectors/support/deb822.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace annexa::collectors;

TEST_CASE("stanzas: fields, continuation lines and blank lines of blanks") {
    int seen = 0;
    for_each_stanza("/f", "\nPackage: a\nDescription: one\n two\n .\nEmpty:\n \t\n\nPACKAGE: b", [&](const Stanza& stanza) {
        if (++seen == 1) {
            CHECK(stanza.line == 2);
            CHECK(stanza.value("package") == "a");
            CHECK(stanza.value("Description") == "one\n two\n .");
            REQUIRE(stanza.find("Empty"));
            CHECK(stanza.find("Empty")->value.empty());
            CHECK(stanza.find("Missing") == nullptr);
        } else {
            CHECK(stanza.value("Package") == "b");
        }
    });
    CHECK(seen == 2);
}

TEST_CASE("versions compare as deb-version(7) says") {
    const auto [a, b, expected] = GENERATE(table<std::string, std::string, int>({
        {"1.0-1", "1.0-1", 0},
        {"1.0~rc1-1", "1.0-1", -1},
        {"1:0.1", "2.0", 1},
        {"1.0-1+deb12u2", "1.0-1+deb12u10", -1},
        {"1.0a", "1.0+", -1},
        {"1.0", "1.0-0", 0},
        {"6.1.0-9", "6.1.0-10", -1},
        {"1.002", "1.2", 0},
        {"1.2~~", "1.2~", -1},
        {"2.36-9+deb12u10", "2.36-9+deb12u9", 1},
        {"1.0-1", "1.0-1~bpo12+1", 1},
    }));
    INFO(a << " and " << b);
    const auto sign = [](int number) { return number < 0 ? -1 : number > 0 ? 1 : 0; };
    CHECK(sign(compare_debian_versions(a, b)) == expected);
    CHECK(sign(compare_debian_versions(b, a)) == -expected);
}
