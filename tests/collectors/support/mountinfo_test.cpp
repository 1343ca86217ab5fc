#include "collectors/support/mountinfo.hpp"

#include "collectors/host.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("mountinfo: optional fields, escapes, bind mounts, an empty source") {
    const auto mounts = parse_mountinfo(
        "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n"
        "22 27 0:21 / /proc rw,relatime - proc  rw\n");
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].root == "/mnt1");
    CHECK(mounts[0].path == "/mnt 2");
    CHECK(mounts[0].major == 98);
    CHECK(mounts[0].options == "rw,noatime");
    CHECK(mounts[0].type == "ext3");
    CHECK(mounts[0].device == "/dev/root");
    CHECK(mounts[0].super_options == "rw,errors=continue");
    CHECK(mounts[1].device.empty());
}

TEST_CASE("mountinfo: a line that is none is an error, not one mount fewer") {
    const auto text = GENERATE("36 35 98:0 / /mnt rw ext3 /dev/root rw\n", "x 35 98:0 / /mnt rw - ext3 d rw\n",
                               "36 35 98 / /mnt rw - ext3 d rw\n", "36 35 98:0 / /mnt rw -\n");
    CHECK_THROWS_AS(parse_mountinfo(text), host_error);
}

TEST_CASE("fstab: comments, tabs, defaults, escapes") {
    const auto entries = parse_fstab("# x\nUUID=1\t/\text4\terrors=remount-ro 0 1\n\n/dev/sda2 /my\\040disk vfat\n");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].options == "errors=remount-ro");
    CHECK(entries[0].line == 2);
    CHECK(entries[1].path == "/my disk");
    CHECK(entries[1].options == "defaults");
    CHECK_THROWS_AS(parse_fstab("/dev/sda1 /\n"), host_error);
}
