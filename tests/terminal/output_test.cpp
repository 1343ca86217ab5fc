#include "terminal/output.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace annexa;
using namespace annexa::terminal;
using evidence::Table;
using evidence::Type;

TEST_CASE("output: columns are aligned, numbers to the right, wide text by what it takes") {
    const Table table{"t", {{"name", Type::text}, {"uid", Type::integer}, {"home", Type::text}},
                      {{"root", std::int64_t{0}, "/root"}, {"日本", std::int64_t{10000}, "/home/x"}, {std::monostate{}, std::int64_t{7}, ""}}};
    std::ostringstream out;
    print_aligned(out, table, Paint{false});
    CHECK(out.str() == "name    uid  home\n"
                       "root      0  /root\n"
                       "日本  10000  /home/x\n"
                       "          7  \n");
}

TEST_CASE("output: what a host says cannot write to the terminal") {
    CHECK(printable("a\033[31mb\n\x7f") == "a\\x1b[31mb\\x0a\\x7f");
    CHECK(printable("\xe2\x80\xae gnp.exe") == "\\xe2\\x80\\xae gnp.exe");  // right-to-left override
    CHECK(printable("\xff\xc3") == "\\xff\\xc3");
    CHECK(printable("\xc2\x9b" "1m") == "\\xc2\\x9b1m");  // CSI as one C1 control
    CHECK(printable("grün 日本 🔒") == "grün 日本 🔒");
}

TEST_CASE("output: CSV follows RFC 4180") {
    const Table table{"t", {{"a", Type::text}, {"b,c", Type::integer}}, {{"x \"y\"\r\nz", std::int64_t{1}}, {std::monostate{}, std::monostate{}}}};
    std::ostringstream out;
    print_csv(out, table);
    CHECK(out.str() == "a,\"b,c\"\r\n\"x \"\"y\"\"\r\nz\",1\r\n,\r\n");

    std::ostringstream one;
    print_csv(one, Table{"t", {{"a", Type::text}}, {{std::monostate{}}, {"x"}}});
    CHECK(one.str() == "a\r\n\"\"\r\nx\r\n");
}

TEST_CASE("output: colours only where they are wanted") {
    CHECK(Paint{true}(Colour::red, "fail") == "\033[31mfail\033[0m");
    CHECK(Paint{false}(Colour::red, "fail") == "fail");
    CHECK(Paint{true}(Colour::none, "x") == "x");
}

TEST_CASE("output: long text is broken at blanks") {
    CHECK(wrapped("one two three four", "  ", 11) == "  one two\n  three\n  four\n");
    CHECK(wrapped("  averyveryverylongword x ", "> ", 10) == "> averyveryverylongword\n> x\n");
    CHECK(wrapped("", "  ").empty());
}
