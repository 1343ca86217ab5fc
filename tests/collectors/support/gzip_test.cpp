#include "collectors/support/gzip.hpp"

#include "collectors/host.hpp"
#include "evidence/encoding.hpp"

#include <catch2/catch.hpp>

using namespace annexa;

namespace {
const std::string hello = evidence::from_hex("1f8b0800000000000003cb48cdc9c9e70200" "20303a36" "06000000");  // "hello\n"
}

TEST_CASE("gzip: one member and several") {
    CHECK(collectors::gunzip("x", hello, 100) == "hello\n");
    CHECK(collectors::gunzip("x", hello + hello, 100) == "hello\nhello\n");
}

TEST_CASE("gzip: what ends early, is damaged or too large is refused by name") {
    using Catch::StartsWith;
    CHECK_THROWS_WITH(collectors::gunzip("/l.gz", hello.substr(0, 15), 100), StartsWith("/l.gz: "));
    CHECK_THROWS_WITH(collectors::gunzip("/l.gz", "", 100), StartsWith("/l.gz: "));
    CHECK_THROWS_WITH(collectors::gunzip("/l.gz", "plain text", 100), StartsWith("/l.gz: "));
    CHECK_THROWS_WITH(collectors::gunzip("/l.gz", hello + "x", 100), StartsWith("/l.gz: "));
    CHECK_THROWS_WITH(collectors::gunzip("/l.gz", hello, 5), Catch::Contains("larger than 5 bytes"));
}
