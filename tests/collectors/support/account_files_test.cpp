// What crypt(5) strings and shadow fields say, as a table.
#include "collectors/support/account_files.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("a hash is known by its prefix and cost") {
    struct Expected {
        std::string hash, algorithm;
        std::optional<std::int64_t> rounds;
    };
    const Expected table[] = {
        {"$y$j9T$salt$hash", "yescrypt", 11},
        {"$gy$jCT$salt$hash", "gost-yescrypt", 14},
        {"$7$CU..../....salt$hash", "scrypt", 14},
        {"$6$salt$hash", "sha512crypt", 5000},
        {"$6$rounds=656000$salt$hash", "sha512crypt", 656000},
        {"$6$rounds=$salt$hash", "sha512crypt", 5000},
        {"$5$rounds=1000$salt$hash", "sha256crypt", 1000},
        {"$2b$12$saltandhash", "bcrypt", 12},
        {"$2y$12$saltandhash", "bcrypt", 12},
        {"$2a$05$saltandhash", "bcrypt-a", 5},
        {"$2x$05$saltandhash", "bcrypt-x", 5},
        {"$sha1$40000$salt$hash", "sha1crypt", 40000},
        {"$md5,rounds=904$salt$$hash", "sunmd5", 904},
        {"$md5$salt$hash", "sunmd5", std::nullopt},
        {"$1$salt$hash", "md5crypt", std::nullopt},
        {"$3$$hash", "nthash", std::nullopt},
        {"_J9..saltsaltsalthash", "unknown", std::nullopt},
        {"_J9..saltABCDEFGHIJK", "bsdicrypt", std::nullopt},
        {"aaZ0123456789", "descrypt", std::nullopt},
        {"aaZ01234567890123456789", "bigcrypt", std::nullopt},
        {"$z9$salt$hash", "unknown", std::nullopt},
        {"$y$", "yescrypt", std::nullopt},
    };
    for (const auto& expected : table) {
        INFO(expected.hash);
        const auto found = describe_hash(expected.hash);
        CHECK(found.algorithm == expected.algorithm);
        CHECK(found.rounds == expected.rounds);
    }
}

TEST_CASE("locked, empty and not set are apart") {
    const std::pair<std::string, std::string> table[] = {
        {"", "empty"},
        {"*", "locked"},
        {"!", "locked"},
        {"!!", "not_set"},
        {"!*", "locked"},
        {"x", "locked"},
        {"*LK*", "locked"},
        {"!$6$a$b", "locked"},
        {"!!$6$a$b", "locked"},
        {"$6$a$b", "active"},
        {"aaZ0123456789", "active"},
        {"!aaZ0123456789", "locked"},
        {"password", "locked"},
    };
    for (const auto& [field, status] : table) {
        INFO(field);
        const auto entries = parse_shadow({"/etc/shadow", "name:" + field + ":20000:0:99999:7:::\n"});
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].status == status);
    }
}

TEST_CASE("what glibc would drop is an error with file and line") {
    const std::pair<std::string, std::string> table[] = {
        {"root:x:zero:0::/:/bin/sh", "/etc/passwd:2: expected a number as uid"},
        {"root:x:0", "/etc/passwd:2: expected name:password:uid:gid:comment:directory:shell"},
        {"root:x:0:", "/etc/passwd:2: expected a number as gid"},
        {":x:0:0::/:/bin/sh", "/etc/passwd:2: expected a name"},
        {"root:x:4294967296:0::/:/bin/sh", "/etc/passwd:2: expected a number as uid"},
        {"root:x:-1:0::/:/bin/sh", "/etc/passwd:2: expected a number as uid"},
    };
    for (const auto& [line, message] : table) {
        INFO(line);
        CHECK_THROWS_WITH(parse_passwd({"/etc/passwd", "# comment\n" + line + "\n"}), message);
    }
}
