#include "collectors/support/apt_sources_list.hpp"

#include "collectors/host.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("sources.list: an entry with its options") {
    const auto sources = parse_sources_list("/etc/apt/sources.list",
                                            "# comment\n\ndeb [ arch=amd64,i386 signed-by=/k.gpg Trusted=yes ] "
                                            "http://deb.debian.org/debian/ bookworm main contrib # why\n");
    REQUIRE(sources.size() == 1);
    CHECK(sources[0].uri == "http://deb.debian.org/debian");
    CHECK(sources[0].suite == "bookworm");
    CHECK(sources[0].components == std::vector<std::string>{"main", "contrib"});
    CHECK(sources[0].options.at("arch") == "amd64,i386");
    CHECK(sources[0].options.at("signed-by") == "/k.gpg");
    CHECK(sources[0].options.at("trusted") == "yes");
    CHECK(sources[0].line == 3);
}

TEST_CASE("sources.list: flat repositories and discs") {
    const auto sources = parse_sources_list("/l", "deb file:/srv/repo ./\ndeb cdrom:[Debian 12 _Bookworm_]/ bookworm main\n");
    REQUIRE(sources.size() == 2);
    CHECK(sources[0].components.empty());
    CHECK(apt_dist_uri(sources[0]) == "file:/srv/repo/./");
    CHECK(sources[1].uri == "cdrom:[Debian 12 _Bookworm_]");
}

TEST_CASE("sources.list: what apt refuses is refused with its line") {
    const auto [text, where] = GENERATE(table<std::string, std::string>({
        {"\nrpm http://x y z\n", "/l:2: unknown type"},
        {"deb http://x\n", "/l:1: expected a suite"},
        {"deb http://x stable\n", "expected a component"},
        {"deb http://x ./ main\n", "has no components"},
        {"deb [ trusted=yes http://x stable main\n", "no closing ]"},
        {"deb [ trusted ] http://x stable main\n", "expected option=value"},
    }));
    INFO(text);
    CHECK_THROWS_WITH(parse_sources_list("/l", text), Catch::Contains(where));
}

TEST_CASE("*.sources: every address with every suite and type, options under the names of one-line entries") {
    const auto sources = parse_sources_deb822("/s", "# a comment\nTypes: deb deb-src\nURIs: https://a/ https://b\n"
                                                    "Suites: one two\nComponents: main\n# within\n non-free\n"
                                                    "Architectures: amd64\nsigned-by: /k.gpg\n\n"
                                                    "Types: deb\nURIs: https://c\nSuites: x/\nEnabled: no\nTrusted: yes\n");
    REQUIRE(sources.size() == 9);
    CHECK(sources[0].components == std::vector<std::string>{"main", "non-free"});
    CHECK(sources[0].options.at("arch") == "amd64");
    CHECK(sources[0].options.at("signed-by") == "/k.gpg");
    CHECK(sources[0].line == 2);
    CHECK_FALSE(sources[8].enabled);
    CHECK(sources[8].line == 11);
    CHECK(sources[8].options.at("trusted") == "yes");
}

TEST_CASE("*.sources: a key in the field Signed-By is kept as one text") {
    const auto sources = parse_sources_deb822("/s", "Types: deb\nURIs: https://a\nSuites: s\nComponents: c\nSigned-By:\n"
                                                    " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
                                                    " -----END PGP PUBLIC KEY BLOCK-----\n");
    REQUIRE(sources.size() == 1);
    CHECK(sources[0].options.at("signed-by").starts_with("-----BEGIN"));
}

TEST_CASE("*.sources: what apt refuses is refused with its line") {
    const auto [text, where] = GENERATE(table<std::string, std::string>({
        {"URIs: https://a\nSuites: s\nComponents: c\n", "/s:1: no field Types"},
        {"Types: deb\nSuites: s\nComponents: c\n", "no field URIs"},
        {"Types: deb\nURIs: https://a\nSuites: s\n", "no field Components"},
        {"\n\nTypes deb\n", "/s:3: expected 'Field: value'"},
        {" continued: first\n", "/s:1: a continuation line"},
    }));
    INFO(text);
    CHECK_THROWS_WITH(parse_sources_deb822("/s", text), Catch::Contains(where));
}

TEST_CASE("lists are named after their address as apt does") {
    CHECK(apt_list_name("http://deb.debian.org/debian/dists/bookworm/InRelease") ==
          "deb.debian.org_debian_dists_bookworm_InRelease");
    CHECK(apt_list_name("file:/srv/repo/./Release") == "_srv_repo_._Release");
    CHECK(apt_list_name("https://user:secret@h/a_b/c") == "h_a%5fb_c");
}
