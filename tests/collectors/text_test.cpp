#include "collectors/support/text.hpp"
#include "collectors/support/secret_words.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

TEST_CASE("a backslash at the end joins a line with the next, and the last line counts however it ends") {
    const auto joined = [](std::string_view text, std::string_view line_ends = {}) {
        std::vector<std::pair<std::size_t, std::string>> lines;
        for (const text::JoinedLine& line : text::joined_lines(text, line_ends))
            lines.emplace_back(line.number, line.text);
        return lines;
    };
    using Lines = std::vector<std::pair<std::size_t, std::string>>;
    CHECK(joined("a \\\n b\nc") == Lines{{1, "a  b"}, {3, "c"}});
    CHECK(joined("\\\n\\\nd\n") == Lines{{1, "d"}});
    CHECK(joined("a\nb \\") == Lines{{1, "a"}, {2, "b "}});
    CHECK(joined("a\\\r\nb\r\n", "\r") == Lines{{1, "ab"}});
    CHECK(joined("a\\\r\nb") == Lines{{1, "a\\\r"}, {2, "b"}});
    CHECK(joined("").empty());
}

TEST_CASE("lines carry their numbers, without blanks and comments") {
    const auto found = text::lines("# c\n\n  a b \r\n; d\n#\nlast", text::whole_line_comments);
    REQUIRE(found.size() == 3);
    CHECK(found[0].number == 3);
    CHECK(found[0].text == "a b");
    CHECK(found[1].text == "; d");
    CHECK(found[2].number == 6);
    CHECK(text::lines("; d\n#e\n", text::whole_line_comments_or_semicolon).empty());
    CHECK(text::lines("").empty());
    CHECK(text::raw_lines("a\n\n b").size() == 3);
}

TEST_CASE("words, fields and quotes") {
    CHECK(text::split_at_blank(" a \t b c ") == std::pair<std::string_view, std::string_view>{"a", "b c"});
    CHECK(text::split_at_blank("a").second.empty());
    CHECK(text::split_at("a = b=c", '=') == std::pair<std::string_view, std::string_view>{"a", "b=c"});
    CHECK_FALSE(text::split_at("a", '='));
    CHECK(text::split("a::b", ':').size() == 3);
    CHECK(text::split("", ':').size() == 1);
    CHECK(text::words(" a  b\tc ") == std::vector<std::string_view>{"a", "b", "c"});
    CHECK(text::unquoted("\"a b\" c") == "a b");
    CHECK(text::unquoted("\"\"").empty());
    CHECK(text::unquoted("plain") == "plain");
}

TEST_CASE("numbers are whole or nothing") {
    CHECK(text::integer("-12") == -12);
    CHECK(text::integer("+7") == 7);
    CHECK(text::integer("9223372036854775807") == INT64_MAX);
    for (const char* wrong : {"", "-", "+", "+-1", "1 ", " 1", "0x1", "9223372036854775808", "1.0"})
        CHECK_FALSE(text::integer(wrong));
    CHECK(text::unsigned_integer("0640", 8) == 0640U);
    CHECK(text::unsigned_integer("ffffffffffffffff", 16) == UINT64_MAX);
    CHECK_FALSE(text::unsigned_integer("8", 8));
    CHECK_FALSE(text::unsigned_integer("-1"));
}

TEST_CASE("a message holds nothing that a terminal would obey") {
    CHECK(text::printable("Überraschung") == "Überraschung");
    CHECK(text::printable("a\x1b[31m\n\xff\xc2\x9b") == "a\\x1b[31m\\x0a\\xff\\xc2\\x9b");
    CHECK(text::printable(std::string_view{"a\0b", 3}) == "a\\x00b");
    CHECK(text::printable(std::string(2000, 'x'), 10) == "xxxxxxxxxx…");
}

TEST_CASE("credentials in arguments and addresses are hidden, the rest is as it was") {
    CHECK(without_secret("bindpw=x=y") == "bindpw=<hidden>");
    CHECK(without_secret("Password=") == "Password=<hidden>");
    CHECK(without_secret("retry=3") == "retry=3");
    CHECK(without_secret("use_first_pass") == "use_first_pass");
    CHECK(without_secrets("rw,password=x,,username=y", ',') == "rw,password=<hidden>,,username=y");
    CHECK(without_password("https://user:p@ss:word@host:8080/a@b") == "https://user:<hidden>@host:8080/a@b");
    CHECK(without_password("https://user@host/") == "https://user@host/");
    CHECK(without_password("https://host:443/a:b@c") == "https://host:443/a:b@c");
    CHECK(without_password("cdrom:[Debian]/") == "cdrom:[Debian]/");
}
