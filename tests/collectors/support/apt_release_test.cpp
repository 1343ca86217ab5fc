#include "collectors/support/apt_release.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("Release files: signed or not, what stands in them") {
    const auto signed_too = GENERATE(false, true);
    std::string text = "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: bookworm-security\n"
                       "Date: Sun, 24 May 2026 10:20:30 UTC\nValid-Until: Sun, 31 May 2026 10:20:30 UTC\n"
                       "Architectures: amd64 arm64\nComponents: main updates/main\nSHA256:\n 00 1 main/x\n";
    if (signed_too)
        text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text + "-----BEGIN PGP SIGNATURE-----\n\nxyz\n-----END PGP SIGNATURE-----\n";
    const AptRelease release = parse_apt_release("/r", text);
    CHECK(release.codename == "bookworm-security");
    CHECK(release.date == 1779618030);
    CHECK(release.valid_until == 1779618030 + 7 * 86400);
    CHECK(release.architectures == std::vector<std::string>{"amd64", "arm64"});
    CHECK(release.security());
}

TEST_CASE("dates that are none are nothing") {
    CHECK(parse_apt_date("Thu, 01 Jan 1970 00:00:00 UTC") == 0);
    CHECK(parse_apt_date("Fri,  1 Mar 2024  7:05:09 +0000"));
    for (const char* wrong : {"", "yesterday", "Sun, 30 Feb 2026 10:00:00 UTC", "Sun, 24 May 2026 25:00:00 UTC", "Sun, 24 May 2026 10:20:30 CEST", "Sun, 99999999999999999999 May 2026 10:20:30 UTC"})
        CHECK_FALSE(parse_apt_date(wrong));
}

TEST_CASE("which archives are of security") {
    CHECK(is_security_archive("Ubuntu", "Ubuntu", "jammy-security", "jammy"));
    CHECK(is_security_archive("Debian", "Debian-Security", "oldstable", "buster/updates"));
    CHECK(is_security_archive("", "", "bookworm-security", ""));
    CHECK_FALSE(is_security_archive("Debian", "Debian", "stable-updates", "bookworm-updates"));
    CHECK_FALSE(is_security_archive("Ubuntu", "Ubuntu", "jammy-updates", "jammy"));
}
